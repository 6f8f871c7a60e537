// The library as its contract allows it to be: what it does is a choice of the search, what is done to it is watched.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;

namespace GenBindings.Explore
{
    /// <summary>The one library of a run.</summary>
    internal sealed unsafe partial class Library
    {
        internal static Contract Contract;
        internal static Library Current;
        internal static readonly Dictionary<KeyValuePair<string, string>, long> Coverage = new Dictionary<KeyValuePair<string, string>, long>();

        private static readonly string[] Manners = { "calls back", "never calls back", "calls back twice", "calls back late", "calls back with an error" };

        internal readonly Dictionary<ulong, Thing> Things = new Dictionary<ulong, Thing>();
        internal readonly List<Thing> Order = new List<Thing>();
        private readonly Cell _cell = new Cell();
        private readonly Dictionary<ulong, IntPtr> _replies = new Dictionary<ulong, IntPtr>();
        private readonly Dictionary<string, Cell> _kinds = new Dictionary<string, Cell>();
        private ulong _lastId = 1000;
        private Delegate _callback;
        private Delegate _shaped;
        private Raw _raw;
        private bool _ends;
        private int _inside;
        private int _keys;

        /// <summary>The common shape of a callback: bytes and their number.</summary>
        private delegate void Raw(byte* data, UIntPtr size);

        internal bool IsOn { get; private set; }

        internal static void Covered(string action, string message)
        {
            KeyValuePair<string, string> key = new KeyValuePair<string, string>(action, message);
            long before;
            Coverage.TryGetValue(key, out before);
            Coverage[key] = before + 1;
        }

        /// <summary>An imported function is called.</summary>
        internal object Call(string name, object[] arguments)
        {
            Function function;
            if (!Contract.Functions.TryGetValue(name, out function))
            {
                Violations.Add("contract", name + " is called, which the contract does not know.");
                return null;
            }

            Scheduler.Point();
            switch (function.Role)
            {
                case "initialize":
                    return Initialize(function, arguments);
                case "request":
                    return Request(function, arguments);
                case "release":
                    return Drop(Number(arguments[function.Handle]));
                case "dispose":
                    Dispose(function);
                    return null;
                default:
                    _cell.Visible(false);
                    Covered("called", name);
                    return null;
            }
        }

        internal Thing Bear(string kind, string role, Thing parent)
        {
            Thing thing = new Thing(++_lastId, kind, role, parent, NextKey(kind));
            _keys++;
            Things[thing.Id] = thing;
            Order.Add(thing);
            Changed(thing);
            return thing;
        }

        /// <summary>Who looks for the latest of a kind sees births and releases in some order.</summary>
        private void Changed(Thing thing)
        {
            if (thing.Kind != "reply")
            {
                OfKind(thing.Kind).Visible(true);
            }
        }

        private Cell OfKind(string kind)
        {
            Cell cell;
            if (!_kinds.TryGetValue(kind, out cell))
            {
                cell = new Cell();
                _kinds.Add(kind, cell);
            }

            return cell;
        }

        internal string NextKey(string kind)
        {
            string prefix;
            Contract.KeyPrefixes.TryGetValue(kind, out prefix);
            return prefix + "key" + _keys;
        }

        /// <summary>The object of a kind that came last and lives, under the same session as another.</summary>
        internal Thing Latest(string kind, string role, Thing target)
        {
            OfKind(kind).Visible(false);
            for (int i = Order.Count - 1; i >= 0; i--)
            {
                Thing thing = Order[i];
                if (thing.Alive && thing.Kind == kind && (role.Length == 0 || thing.Role == role) && (target == null || IsUnder(thing, target)))
                {
                    return thing;
                }
            }

            return null;
        }

        /// <summary>An event of the library's own; it comes on the thread of its session.</summary>
        internal void Send(string name, Thing target)
        {
            Event what = Contract.Events[name];
            Thing session = target;
            while (session != null && !Contract.Sessions.ContainsKey(session.Kind))
            {
                session = session.Parent;
            }

            Lane lane = session == null ? new Lane("native " + name) : LaneOf(session);
            lane.Post(delegate
            {
                if (session == null || !session.Ended || what.Ends.Length > 0)
                {
                    Deliver(what, target);
                }
            });
        }

        /// <summary>The other side ends a session: it is announced, then comes the last event.</summary>
        internal void EndSession(Thing session)
        {
            SessionRule rule = Contract.Sessions[session.Kind];
            LaneOf(session).Post(delegate
            {
                if (session.Ended)
                {
                    return;
                }

                session.Ended = true;
                if (rule.Announced.Length > 0)
                {
                    Deliver(Contract.Events[rule.Announced], session);
                }

                if (rule.Marker.Length > 0 && Scheduler.Choice(2, "to lose the last event") == 0)
                {
                    Deliver(Contract.Events[rule.Marker], session);
                }
            });
        }

        /// <summary>All that was given out has found its place.</summary>
        internal void Settle()
        {
            foreach (Thing thing in Order)
            {
                thing.Settled = true;
            }
        }

        internal string Left()
        {
            return string.Join(", ", Order.Where(t => t.Alive).Select(t => t.Name).ToArray());
        }

        private static bool IsUnder(Thing thing, Thing target)
        {
            Thing top = target;
            while (top.Parent != null)
            {
                top = top.Parent;
            }

            while (thing != null && thing != top)
            {
                thing = thing.Parent;
            }

            return thing != null;
        }

        private static bool IsOver(Thing thing)
        {
            while (thing != null && !thing.Ended)
            {
                thing = thing.Parent;
            }

            return thing != null;
        }

        private static Lane LaneOf(Thing session)
        {
            return session.Lane = session.Lane ?? new Lane("native " + session.Name);
        }

        private object Initialize(Function function, object[] arguments)
        {
            _cell.Visible(true);
            if (IsOn)
            {
                Violations.Add("initialize", "The library is started while it runs.");
            }

            IsOn = true;
            _ends = false;
            _callback = Shims.Pointers.Get(arguments[function.Callback]);
            if (!ReferenceEquals(_shaped, _callback))
            {
                _shaped = _callback;
                MethodInfo method = _callback.Method;
                ParameterInfo[] parameters = method.GetParameters();
                bool common = parameters.Length == 2 && parameters[0].ParameterType == typeof(byte*) && parameters[1].ParameterType == typeof(UIntPtr);
                _raw = common ? (Raw)Delegate.CreateDelegate(typeof(Raw), _callback.Target, method) : null;
            }

            Trace.Add("the library starts");
            return 0;
        }

        private object Request(Function function, object[] arguments)
        {
            byte* data = (byte*)(IntPtr)arguments[function.Data];
            long size = (long)Number(arguments[function.Size]);
            byte* inner;
            long innerSize;
            int number = Decoder.First(data, size, out inner, out innerSize);
            Explore.Request request;
            if (!Contract.Requests.TryGetValue(number, out request))
            {
                Violations.Add("contract", "A request with the number " + number + " is sent, which the contract does not know.");
                return 0UL;
            }

            _cell.Visible(false);
            Trace.Add("asks for", request.Name);
            if (!IsOn)
            {
                Violations.Add("after dispose", request.Name + " is asked for while the library is off.");
                return 0UL;
            }

            ulong asyncId = request.AsyncId.Length == 0 ? 0 : Decoder.Find(inner, innerSize, request.AsyncId, 0);
            List<Thing> held = new List<Thing>();
            List<Thing> taken = new List<Thing>();
            Thing receiver = null;
            foreach (Borrowed borrowed in request.Borrows)
            {
                Thing thing = Borrow(request, borrowed, Decoder.Find(inner, innerSize, borrowed.Path, 0));
                receiver = receiver ?? thing;
                if (thing != null && borrowed.Late)
                {
                    held.Add(thing);
                }
                else if (thing != null && borrowed.Taken)
                {
                    taken.Add(thing);
                }
            }

            if (request.Role != "shutdown" && Scheduler.Choice(2, "to refuse") == 1)
            {
                Covered("refuses", request.Name);
                return 0UL;
            }

            foreach (Thing thing in taken)
            {
                thing.Alive = false;
                Trace.Add("takes", thing.Name);
            }

            Covered("answers", request.Name);
            Encoder encoder = new Encoder(this, asyncId, receiver);
            byte[] bytes = encoder.Write(request.Response);
            Describe(encoder, request.Name);
            if (request.Callback != null)
            {
                CallBack(request, asyncId, receiver, held);
            }

            Thing reply = Bear("reply", string.Empty, null);
            IntPtr memory = Marshal.AllocHGlobal(bytes.Length + 1);
            Marshal.Copy(bytes, 0, memory, bytes.Length);
            _replies[reply.Id] = memory;
            *(byte**)(IntPtr)arguments[function.Reply] = (byte*)memory;
            *(UIntPtr*)(IntPtr)arguments[function.ReplySize] = (UIntPtr)(uint)bytes.Length;
            Scheduler.Point();
            return function.ByHandle ? reply.Id : 0UL;
        }

        private Thing Borrow(Explore.Request request, Borrowed borrowed, ulong id)
        {
            Thing thing;
            if (id == 0)
            {
                return null;
            }

            if (!Things.TryGetValue(id, out thing))
            {
                Violations.Add("unknown handle", request.Name + " names the handle " + id + ", which the library never gave out.");
                return null;
            }

            thing.Cell.Visible(borrowed.Taken);
            thing.Settled = true;
            if (!thing.Alive)
            {
                Violations.Add("used after release", request.Name + " names " + thing.Name + ", which was released.");
            }

            return thing;
        }

        private object Drop(ulong id)
        {
            Thing thing;
            Things.TryGetValue(id, out thing);
            if (thing == null)
            {
                Violations.Add("unknown handle", "The handle " + id + " is released, which the library never gave out.");
                return (byte)0;
            }

            _cell.Visible(false);
            thing.Cell.Visible(true);
            if (thing.Parent != null)
            {
                thing.Parent.Cell.Visible(false);
            }

            if (!IsOn)
            {
                Violations.Add("after dispose", thing.Name + " is released after the library was disposed of.");
                return (byte)0;
            }

            if (!thing.Alive)
            {
                if (!Contract.SelfReleased.Contains(thing.Kind))
                {
                    Violations.Add("released twice", thing.Name + " is released again.");
                }

                return (byte)0;
            }

            foreach (Thing child in Order)
            {
                // What an event brings that nobody has dealt with yet is not part of the tree.
                if (child.Parent == thing && child.Alive && child.Settled)
                {
                    Violations.Add("parent first", thing.Name + " is released before " + child.Name + ", which stands under it.");
                }
            }

            if (Trace.On)
            {
                Trace.Add("releases " + thing.Name);
            }

            thing.Alive = false;
            Changed(thing);
            IntPtr memory;
            if (_replies.TryGetValue(id, out memory))
            {
                _replies.Remove(id);
                Marshal.FreeHGlobal(memory);
            }

            return (byte)1;
        }

        private void Dispose(Function function)
        {
            _cell.Visible(true);
            Trace.Add("disposes of the library");
            if (!IsOn)
            {
                Violations.Add("after dispose", function.Name + " is called although the library is off.");
                return;
            }

            // No callback begins any more; what is released by one that runs is released in time.
            _ends = true;
            if (_inside > 0)
            {
                Scheduler.Current.Waiting = Waiting.Condition;
                Scheduler.Current.Condition = delegate { return _inside == 0; };
                Scheduler.Block();
                _cell.Visible(true);
            }

            string left = Left();
            if (left.Length > 0)
            {
                Violations.Add("left", "Not released when the library was disposed of: " + left + ".");
            }

            IsOn = false;
            foreach (Thing thing in Order)
            {
                thing.Alive = false;
            }
        }

        private static void Describe(Encoder encoder, string what)
        {
            if (Trace.On && encoder.Born.Count > 0)
            {
                Trace.Add(what + " brings " + string.Join(", ", encoder.Born.Select(t => t.Name).ToArray()));
            }
        }

        private static ulong Number(object value)
        {
            if (value is IntPtr)
            {
                return (ulong)((IntPtr)value).ToInt64();
            }

            Shims.SafeHandle safe = value as Shims.SafeHandle;
            return safe != null ? (ulong)safe.DangerousGetHandle().ToInt64() : value is UIntPtr ? ((UIntPtr)value).ToUInt64()
                : value is long ? (ulong)(long)value : value is int ? (ulong)(int)value : Convert.ToUInt64(value);
        }
    }
}
