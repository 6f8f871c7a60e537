// The library as its contract allows it to be: what it does is a choice of the search, what is done to it is watched.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;

namespace GenBindings.Explore
{
    /// <summary>A handle that the library gave out.</summary>
    internal sealed class Thing
    {
        internal readonly Cell Cell = new Cell();
        internal readonly ulong Id;
        internal readonly string Kind;
        internal readonly string Role;
        internal readonly Thing Parent;
        internal readonly string Key;
        internal bool Alive = true;
        internal bool Settled;
        internal bool Ended;
        internal Lane Lane;

        internal Thing(ulong id, string kind, string role, Thing parent, string key)
        {
            Id = id;
            Kind = kind;
            Role = role;
            Parent = parent;
            Key = key;
        }

        internal string Name
        {
            get { return (Role.Length > 0 ? Role : Kind) + " " + Id; }
        }
    }

    /// <summary>A native thread: what is to be done by it is done in order.</summary>
    internal sealed class Lane
    {
        private readonly Queue<Action> _work = new Queue<Action>();
        private readonly string _name;
        private readonly Cell _cell = new Cell();
        private bool _runs;

        internal Lane(string name)
        {
            _name = name;
        }

        internal void Post(Action work)
        {
            _cell.Visible(true);
            _work.Enqueue(work);
            if (!_runs)
            {
                _runs = true;
                Scheduler.Start(_name, Run, true);
            }
        }

        private void Run()
        {
            _cell.Visible(true);
            while (_work.Count > 0)
            {
                _work.Dequeue()();
                _cell.Visible(true);
            }

            _runs = false;
        }
    }

    /// <summary>The one library of a run.</summary>
    internal sealed unsafe class Library
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

        private void CallBack(Explore.Request request, ulong asyncId, Thing receiver, List<Thing> held)
        {
            SessionRule closes = Contract.Sessions.Values.FirstOrDefault(rule => rule.Close == request.Name);
            int how = request.Role == "shutdown" ? 0 : Scheduler.Choice(closes == null ? 5 : 4, "how to call back");
            Covered(Manners[how], request.Name);
            if (closes != null && receiver != null)
            {
                Close(closes, request, asyncId, receiver, how);
                return;
            }

            if (how == 1)
            {
                return;
            }

            new Lane("native " + request.Name).Post(delegate
            {
                if (how == 3)
                {
                    Wait(20000);
                }

                foreach (Thing thing in held)
                {
                    thing.Cell.Visible(false);
                    // An ended session gives up what its operations held.
                    if (!thing.Alive && how != 3 && !IsOver(receiver))
                    {
                        Violations.Add("released too early", thing.Name + " was released before the callback of " + request.Name + " came, which uses it.");
                    }
                }

                Template[] template = how == 4 && request.Failure != null ? request.Failure : request.Callback;
                Answer(request, asyncId, receiver, template, how == 2);
            });
        }

        /// <summary>Calls back once or twice; what it brings is born when it is delivered.</summary>
        private void Answer(Explore.Request request, ulong asyncId, Thing receiver, Template[] template, bool twice)
        {
            if (!MayDeliver())
            {
                return;
            }

            Encoder encoder = new Encoder(this, asyncId, receiver);
            byte[] bytes = encoder.Write(template);
            Describe(encoder, request.Name);
            Deliver(bytes, request.Name);
            if (twice && MayDeliver())
            {
                Deliver(bytes, request.Name);
            }
        }

        private bool MayDeliver()
        {
            Scheduler.Point();
            _cell.Visible(false);
            return IsOn && !_ends;
        }

        private void Close(SessionRule rule, Explore.Request request, ulong asyncId, Thing session, int how)
        {
            bool late = Scheduler.Choice(2, "to look the session up late") == 1;
            LaneOf(session).Post(delegate
            {
                session.Cell.Visible(false);
                if (late)
                {
                    Covered("looks up late", request.Name);
                    if (!session.Alive)
                    {
                        Violations.Add("abort", "The library looks " + session.Name + " up for " + request.Name + " after it was released, and aborts.");
                        return;
                    }
                }

                if (how == 3)
                {
                    Wait(20000);
                }

                bool ends = !session.Ended;
                session.Ended = true;
                if (ends && rule.Marker.Length > 0)
                {
                    Deliver(Contract.Events[rule.Marker], session);
                }

                if (how != 1)
                {
                    Answer(request, asyncId, session, request.Callback, how == 2);
                }
            });
        }

        private static void Wait(int milliseconds)
        {
            Scheduler.Current.Waiting = Waiting.Time;
            Scheduler.Current.Deadline = Scheduler.Now + milliseconds * 10000L;
            Scheduler.Block();
        }

        private void Deliver(Event what, Thing target)
        {
            if (!MayDeliver())
            {
                return;
            }

            Covered("sends", what.Name);
            Encoder encoder = new Encoder(this, 0, target);
            byte[] bytes = encoder.Write(what.Template);
            Describe(encoder, what.Name);
            Deliver(bytes, what.Name);
        }

        private void Deliver(byte[] bytes, string what)
        {
            Trace.Add("delivers", what);
            _inside++;
            try
            {
                fixed (byte* data = bytes)
                {
                    Invoke(data, bytes.Length);
                }
            }
            catch (RunOverException)
            {
                throw;
            }
            catch (Exception error)
            {
                Violations.Add("exception in the callback", "An exception left the callback that was given " + what + ": " + error.Message);
            }
            finally
            {
                _inside--;
                if (!Scheduler.Unwinding)
                {
                    _cell.Visible(false);
                }
            }
        }

        private void Invoke(byte* data, int size)
        {
            if (_raw != null)
            {
                _raw(data, (UIntPtr)(uint)size);
                return;
            }

            ParameterInfo[] parameters = _callback.Method.GetParameters();
            object[] arguments = new object[parameters.Length];
            for (int i = 0; i < parameters.Length; i++)
            {
                Type type = parameters[i].ParameterType;
                ulong value = i == Contract.CallbackData ? (ulong)data : i == Contract.CallbackSize ? (ulong)size : 0;
                arguments[i] = type.IsPointer ? Pointer.Box((void*)value, type)
                    : type == typeof(IntPtr) ? (object)(IntPtr)(long)value
                    : type == typeof(UIntPtr) ? (object)(UIntPtr)value
                    : Convert.ChangeType(value, type);
            }

            try
            {
                _callback.DynamicInvoke(arguments);
            }
            catch (TargetInvocationException wrapped)
            {
                if (wrapped.InnerException is RunOverException)
                {
                    throw new RunOverException();
                }

                throw wrapped.InnerException;
            }
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

    /// <summary>What the bodies of imported functions call.</summary>
    public static class Boundary
    {
        public static object Call(string name, object[] arguments)
        {
            if (Scheduler.Unwinding)
            {
                throw new RunOverException();
            }

            return Library.Current.Call(name, arguments);
        }

        /// <summary>A result as the type that the declaration says.</summary>
        public static object As(object value, RuntimeTypeHandle handle)
        {
            Type type = Type.GetTypeFromHandle(handle);
            if (value != null && value.GetType() == type)
            {
                return value;
            }

            if (!type.IsValueType)
            {
                return value;
            }

            long number = value == null ? 0 : Convert.ToInt64(value);
            return type == typeof(IntPtr) ? (object)(IntPtr)number : type == typeof(UIntPtr) ? (object)(UIntPtr)(ulong)number
                : type == typeof(bool) ? (object)(number != 0) : type == typeof(ulong) ? (object)(ulong)number
                : type.IsEnum || type.IsPrimitive ? Convert.ChangeType(number, type.IsEnum ? Enum.GetUnderlyingType(type) : type) : Activator.CreateInstance(type);
        }
    }

    /// <summary>Fields that each thread has for itself.</summary>
    public static class OfThread
    {
        public static ref T Place<T>(int field)
        {
            return ref Find<T>(field).Value;
        }

        public static void Set<T>(T value, int field)
        {
            Find<T>(field).Value = value;
        }

        private static Slot<T> Find<T>(int field)
        {
            Fiber fiber = Scheduler.Current;
            if (field >= fiber.Slots.Length)
            {
                Array.Resize(ref fiber.Slots, field + 8);
            }

            Slot<T> slot = (Slot<T>)fiber.Slots[field];
            if (slot == null)
            {
                slot = new Slot<T>();
                fiber.Slots[field] = slot;
            }

            return slot;
        }

        private sealed class Slot<T>
        {
            internal T Value;
        }
    }

    namespace Shims
    {
        /// <summary>Function pointers are numbers for delegates here.</summary>
        public static class Pointers
        {
            private static readonly List<Delegate> Known = new List<Delegate>();

            public static IntPtr Of(Delegate target)
            {
                int at = Known.IndexOf(target);
                if (at < 0)
                {
                    at = Known.Count;
                    Known.Add(target);
                }

                return new IntPtr(at + 1);
            }

            public static IntPtr Of<T>(T target)
            {
                return Of((Delegate)(object)target);
            }

            public static T Find<T>(IntPtr pointer)
            {
                return (T)(object)Known[(int)pointer - 1];
            }

            internal static void Forget()
            {
                Known.Clear();
            }

            internal static Delegate Get(object value)
            {
                return value as Delegate ?? Known[(int)(IntPtr)value - 1];
            }
        }
    }
}
