// The client of a scripted scenario, its objects, and what is watched of them.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace GenBindings.Explore
{
    internal sealed class Stage
    {
        private const BindingFlags Public = BindingFlags.Instance | BindingFlags.Public;

        private readonly List<Assembly> _assemblies;
        private readonly Node _world;
        private readonly string _space;
        private readonly Type _clientType;
        private readonly MethodInfo _initialize;
        private readonly Dictionary<string, Type> _types = new Dictionary<string, Type>();
        private readonly Dictionary<string, MethodInfo> _methods = new Dictionary<string, MethodInfo>();
        private readonly List<MethodInfo> _openings = new List<MethodInfo>();
        private readonly Caller _caller;
        private readonly EventInfo _reported;
        private readonly HashSet<string> _inline;
        private readonly Dictionary<Type, string> _endings = new Dictionary<Type, string>();
        private readonly List<object> _waiters = new List<object>();
        private readonly Dictionary<object, int> _ends = new Dictionary<object, int>();
        private readonly HashSet<Fiber> _userThreads = new HashSet<Fiber>();
        private readonly List<string> _reports = new List<string>();
        private readonly HashSet<object> _gone = new HashSet<object>();
        private readonly List<object> _kept = new List<object>();
        private Handling _handling = new Handling();
        private object _client;
        private Fiber _main;
        private Loop _loop;
        private bool _captured;

        internal Stage(List<Assembly> assemblies, Node world)
        {
            _assemblies = assemblies;
            _world = world;
            _space = world["namespace"].Text;
            _clientType = Find(world["client"].Text);
            _initialize = _clientType.GetMethod("Initialize", BindingFlags.Static | BindingFlags.Public);
            _caller = new Caller(this);
            _inline = new HashSet<string>(world["inline"].List.Select(name => name.Text));
            foreach (Node session in world["sessions"].List)
            {
                _endings[Find(session["type"].Text)] = session["ended"].Text;
                _openings.Add(_clientType.GetMethod(session["method"].Text));
            }

            Type diagnostics = assemblies.Select(a => a.GetType(_space + ".Diagnostics")).FirstOrDefault(t => t != null);
            _reported = diagnostics == null ? null : diagnostics.GetEvent("Reported", BindingFlags.Static | BindingFlags.Public);
        }

        internal void Open(Loop loop)
        {
            _waiters.Clear();
            _ends.Clear();
            _userThreads.Clear();
            _reports.Clear();
            _gone.Clear();
            _handling = new Handling();
            _kept.Clear();
            _main = Scheduler.Current;
            _captured = loop != null;
            _loop = loop;
            if (loop != null)
            {
                Shims.SynchronizationContext.SetSynchronizationContext(loop);
            }

            ListenToReports();
            _client = _caller.Invoke(null, _initialize, null);
            foreach (MethodInfo open in _openings)
            {
                object opening = _caller.Invoke(_client, open, null);
                while (!IsCompleted(opening))
                {
                    Calm();
                }
            }

            Calm();
        }

        /// <summary>Lets everything happen that can.</summary>
        private void Calm()
        {
            Scheduler.Quiet();
            if (_loop != null)
            {
                _loop.Run();
                Scheduler.Quiet();
                _loop.Run();
            }
        }

        /// <summary>An object of a class: one that is there, or one made as the contract makes them.</summary>
        internal object Supply(string typeName)
        {
            if (typeName.Length == 0 || typeName == _world["client"].Text)
            {
                return _client;
            }

            Type type = Find(typeName);
            object found = All().Concat(_kept).FirstOrDefault(type.IsInstanceOfType);
            if (found != null)
            {
                return found;
            }

            Node recipe = _world["recipes"][typeName];
            string happening = recipe["event"].Text;
            if (happening.Length > 0)
            {
                KeepWhatComes(happening);
                World.Send(happening);
                Calm();
                found = All().Concat(_kept).FirstOrDefault(type.IsInstanceOfType);
            }
            else if (recipe["method"].Text.Length > 0)
            {
                object on = Supply(recipe["type"].Text);
                object result = _caller.Invoke(on, Method(on.GetType(), recipe["method"].Text, null), null);
                Calm();
                found = result != null && Ways.Has(result, "Result") ? Ways.Read(result, "Result") : result;
                found = type.IsInstanceOfType(found) ? found : All().FirstOrDefault(type.IsInstanceOfType);
            }

            if (found == null)
            {
                throw new NotScriptedException("no " + typeName + " can be had");
            }

            return found;
        }

        /// <summary>Sees to it that the library has an object that an event concerns.</summary>
        internal void Need(string kind)
        {
            if (kind.Length > 0 && Library.Current.Latest(kind, string.Empty, null) == null)
            {
                Supply(_world["kinds"][kind].Text);
            }
        }

        internal Action Call(string typeName, string name, Shims.CancellationTokenSource cancellation)
        {
            object on = Supply(typeName);
            MethodInfo method = Method(on.GetType(), name, cancellation);
            object[] arguments = _caller.Arguments(method, cancellation);
            return delegate
            {
                object result = _caller.Invoke(on, method, arguments);
                if (result != null && Ways.Has(result, "IsCompleted"))
                {
                    _waiters.Add(result);
                }
                else if (result is ValueType && result is IDisposable)
                {
                    ((IDisposable)result).Dispose();
                }
            };
        }

        internal Action Collect(string typeName)
        {
            object root = Supply(typeName);
            List<object> gone = new List<object>(Below(root));
            foreach (object one in gone)
            {
                _ends.Remove(one);
                _gone.Add(one);
            }

            return delegate { Shims.GC.Abandon(gone); };
        }

        internal void Again()
        {
            ((IDisposable)_client).Dispose();
            _client = _caller.Invoke(null, _initialize, null);
        }

        /// <summary>Attaches to the ends of sessions and to the events of the scenario, as a program would.</summary>
        internal void Watch(IEnumerable<string> happenings)
        {
            HashSet<string> names = new HashSet<string>(happenings.Select(name => _world["handlers"][name].Text));
            foreach (object one in All().Concat(new[] { _client }).ToList())
            {
                string end;
                Type type = one.GetType();
                _endings.TryGetValue(type, out end);
                if (end != null && !_gone.Contains(one))
                {
                    _ends[one] = 0;
                    Ways.Add(Ways.Event(type, end), one, new Listener(this, one, true), "Heard");
                }

                foreach (string name in names)
                {
                    EventInfo happening = name.Length == 0 || name == end ? null : Ways.Event(type, name);
                    if (happening != null)
                    {
                        Ways.Add(happening, one, new Listener(this, one, false), _inline.Contains(name) ? "HeardInline" : "Heard");
                    }
                }
            }
        }

        /// <summary>When Dispose has returned, no handler of the object runs that could touch what is gone.</summary>
        internal void CheckHandlers(object disposed)
        {
            _handling.Cell.Visible(false);
            foreach (object one in _handling.Objects)
            {
                if (one == disposed || disposed == _client)
                {
                    Violations.Add("handler", "Dispose of the " + disposed.GetType().Name + " returned while a handler of an event of the " + one.GetType().Name + " was running.");
                }
            }
        }

        internal void Close()
        {
            ((IDisposable)_client).Dispose();
        }

        internal void Check()
        {
            foreach (object waiter in _waiters)
            {
                if (!IsCompleted(waiter))
                {
                    Violations.Add("never completed", "An operation that was started has never ended, though the client was disposed of.");
                }
            }

            foreach (KeyValuePair<object, int> end in _ends)
            {
                if (end.Value != 1)
                {
                    Violations.Add("end", "The end of the " + end.Key.GetType().Name + " was raised " + end.Value + " times.");
                }
            }

            if (_captured && _userThreads.Any(fiber => fiber != _main))
            {
                Violations.Add("thread", "A handler ran on " + _userThreads.First(fiber => fiber != _main).Name + ", not on the thread whose context was captured.");
            }
            else if (!_captured && _userThreads.Any(fiber => fiber.Native))
            {
                Violations.Add("thread", "A handler ran on " + _userThreads.First(fiber => fiber.Native).Name + ", a thread of the library.");
            }
            else if (!_captured && _userThreads.Count > 1 && !_world["again"].Bool)
            {
                Violations.Add("thread", "Handlers ran on several threads: " + string.Join(", ", _userThreads.Select(fiber => fiber.Name).ToArray()) + ".");
            }

            // What the library refused or lost is rightly reported.
            foreach (string report in Search.HasDeviated ? new List<string>() : _reports)
            {
                Violations.Add("reported", "The binding reported: " + report);
            }
        }

        /// <summary>What a call may throw while everything around it ends.</summary>
        internal bool Expects(Exception error)
        {
            return error is ObjectDisposedException || error is OperationCanceledException || error is InvalidOperationException
                || _assemblies.Contains(error.GetType().Assembly);
        }

        internal Type Find(string name)
        {
            Type type;
            if (_types.TryGetValue(name, out type))
            {
                return type;
            }

            type = _assemblies.Select(a => a.GetType(_space + "." + name)).FirstOrDefault(t => t != null);
            if (type == null)
            {
                throw new NotScriptedException("the assembly has no class " + _space + "." + name);
            }

            _types.Add(name, type);
            return type;
        }

        internal bool IsObject(Type type)
        {
            return type.IsClass && typeof(IDisposable).IsAssignableFrom(type) && _assemblies.Contains(type.Assembly);
        }

        private MethodInfo Method(Type type, string name, Shims.CancellationTokenSource cancellation)
        {
            string key = type.Name + "." + name + (cancellation == null ? string.Empty : "!");
            MethodInfo found;
            if (_methods.TryGetValue(key, out found))
            {
                return found;
            }

            found = type.GetMethods(Public).Where(m => m.Name == name && !m.IsGenericMethod).OrderBy(m => m.GetParameters().Length)
                .FirstOrDefault(m => cancellation == null || m.GetParameters().Any(p => p.ParameterType == typeof(Shims.CancellationToken)));
            if (found == null)
            {
                throw new NotScriptedException("the class " + type.Name + " has no public method " + name + (cancellation == null ? string.Empty : " that can be cancelled"));
            }

            _methods.Add(key, found);
            return found;
        }

        private static bool IsCompleted(object operation)
        {
            return (bool)Ways.Read(operation, "IsCompleted");
        }

        /// <summary>Every object that the public properties lead to, from the client down.</summary>
        private List<object> All()
        {
            List<object> found = new List<object>();
            HashSet<object> seen = new HashSet<object> { _client };
            Queue<object> open = new Queue<object>();
            open.Enqueue(_client);
            while (open.Count > 0)
            {
                foreach (object below in Children(open.Dequeue()))
                {
                    if (seen.Add(below))
                    {
                        found.Add(below);
                        open.Enqueue(below);
                    }
                }
            }

            return found;
        }

        private IEnumerable<object> Below(object root)
        {
            HashSet<object> seen = new HashSet<object> { root };
            Queue<object> open = new Queue<object>(seen);
            while (open.Count > 0)
            {
                foreach (object below in Children(open.Dequeue()))
                {
                    if (below != _client && seen.Add(below))
                    {
                        open.Enqueue(below);
                    }
                }
            }

            return seen;
        }

        private IEnumerable<object> Children(object one)
        {
            foreach (Way way in Ways.From(one.GetType(), IsObject))
            {
                object value;
                try
                {
                    value = way.Get(one);
                }
                catch (ObjectDisposedException)
                {
                    continue;
                }

                if (!way.Many)
                {
                    if (value != null && value != _client)
                    {
                        yield return value;
                    }

                    continue;
                }

                foreach (object below in (IEnumerable)value)
                {
                    if (below != null && below != _client)
                    {
                        yield return below;
                    }
                }
            }
        }

        /// <summary>A handler that claims what an event brings.</summary>
        private void KeepWhatComes(string happening)
        {
            string name = _world["handlers"][happening].Text;
            foreach (object one in All())
            {
                EventInfo found = Ways.Event(one.GetType(), name);
                if (found != null)
                {
                    Ways.Add(found, one, this, "Keep");
                }
            }
        }

        private void Keep<T>(object sender, T arguments)
        {
            if (Scheduler.Zone)
            {
                return;
            }

            foreach (PropertyInfo property in typeof(T).GetProperties(Public).Where(p => IsObject(p.PropertyType)))
            {
                object brought = property.GetValue(arguments, null);
                MethodInfo keep = brought == null ? null : brought.GetType().GetMethod("Keep", Type.EmptyTypes);
                if (keep != null)
                {
                    keep.Invoke(brought, null);
                    _kept.Add(brought);
                }
            }
        }

        /// <summary>A generated binding tells of leaks and errors in one place.</summary>
        private void ListenToReports()
        {
            if (_reported != null)
            {
                Ways.Add(_reported, null, this, "Report");
            }
        }

        private void Report<T>(object sender, T arguments)
        {
            string text = (string)typeof(T).GetProperty("Message").GetValue(arguments, null);
            if (!Shims.GC.Tracks)
            {
                _reports.Add(text);
            }
        }

        private sealed class Listener
        {
            private readonly Stage _stage;
            private readonly object _one;
            private readonly bool _ends;

            internal Listener(Stage stage, object one, bool ends)
            {
                _stage = stage;
                _one = one;
                _ends = ends;
            }

            internal void HeardInline<T>(object sender, T arguments)
            {
                _stage._handling.Enter(_one);
                Scheduler.Point();
                _stage._handling.Leave(_one);
            }

            internal void Heard<T>(object sender, T arguments)
            {
                _stage._userThreads.Add(Scheduler.Current);
                Trace.Add("handler of " + typeof(T).Name);
                if (_ends && _stage._ends.ContainsKey(_one))
                {
                    _stage._ends[_one]++;
                }
            }
        }
    }
}
