// Scenarios: methods that somebody wrote, or pairs of things that happen at once.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace GenBindings.Explore
{
    internal static class Scripts
    {
        /// <summary>What a scenario of the job does.</summary>
        internal static Action Of(List<Assembly> assemblies, Node job, Node scenario)
        {
            if (!scenario["actions"].IsNull)
            {
                return new Script(assemblies, job["world"], scenario).Run;
            }

            string entry = scenario["entry"].Text;
            int dot = entry.LastIndexOf('.');
            foreach (Assembly assembly in assemblies)
            {
                Type type = dot < 0 ? null : assembly.GetType(entry.Substring(0, dot));
                MethodInfo method = type == null ? null : type.GetMethod(entry.Substring(dot + 1), BindingFlags.Static | BindingFlags.Public, null, Type.EmptyTypes, null);
                if (method != null && method.ReturnType == typeof(void))
                {
                    return (Action)Delegate.CreateDelegate(typeof(Action), method);
                }
            }

            throw new ArgumentException("There is no method public static void " + entry + "().");
        }
    }

    /// <summary>A member cannot be called by a script; the reason is told, and the scenario left out.</summary>
    internal sealed class NotScriptedException : Exception
    {
        internal NotScriptedException(string message)
            : base(message)
        {
        }
    }

    /// <summary>Things that happen at once in a session, and what must hold afterwards; from the model alone.</summary>
    internal sealed class Script
    {
        private readonly Stage _stage;
        private readonly List<Node> _actions;
        private readonly bool _context;

        internal Script(List<Assembly> assemblies, Node world, Node scenario)
        {
            _stage = new Stage(assemblies, world);
            _actions = scenario["actions"].List.ToList();
            _context = scenario["context"].Bool;
        }

        internal void Run()
        {
            Loop loop = _context ? new Loop() : null;
            _stage.Open(loop);
            List<Action> ready = new List<Action>();
            foreach (Node action in _actions)
            {
                ready.Add(Prepare(action));
            }

            _stage.Watch(_actions.Where(action => action["what"].Text == "event").Select(action => action["name"].Text));
            Scheduler.Quiet();
            World.Explore();
            List<Shims.Thread> threads = new List<Shims.Thread>();
            for (int i = 0; i < ready.Count; i++)
            {
                Action body = ready[i];
                if (IsOfLibrary(_actions[i]))
                {
                    body();
                    continue;
                }

                Shims.Thread thread = new Shims.Thread((System.Threading.ThreadStart)delegate { Guarded(body); });
                thread.Name = Name(_actions[i]);
                threads.Add(thread);
                thread.Start();
            }

            if (loop != null)
            {
                foreach (Shims.Thread thread in threads)
                {
                    thread.Join();
                }

                loop.Run();
            }

            Scheduler.Quiet();
            Scheduler.Zone = false;
            if (loop != null)
            {
                loop.Run();
            }

            foreach (Shims.Thread thread in threads)
            {
                thread.Join();
            }

            _stage.Close();
            if (loop != null)
            {
                loop.Run();
            }

            Scheduler.Settle(60000);
            if (loop != null)
            {
                loop.Run();
                Scheduler.Settle(60000);
            }

            _stage.Check();
            World.CheckTheEnd();
        }

        private static string Name(Node action)
        {
            return action["label"].Text;
        }

        private static bool IsOfLibrary(Node action)
        {
            string what = action["what"].Text;
            return what == "event" || what == "end" || what == "collect";
        }

        private Action Prepare(Node action)
        {
            string type = action["type"].Text;
            string name = action["name"].Text;
            switch (action["what"].Text)
            {
                case "call":
                    return _stage.Call(type, name, null);
                case "cancel":
                    Shims.CancellationTokenSource source = new Shims.CancellationTokenSource();
                    Action call = _stage.Call(type, name, source);
                    return delegate
                    {
                        Shims.Thread canceller = new Shims.Thread((System.Threading.ThreadStart)source.Cancel);
                        canceller.Name = "canceller";
                        canceller.Start();
                        call();
                        canceller.Join();
                    };
                case "dispose":
                    IDisposable disposed = (IDisposable)_stage.Supply(type);
                    return delegate
                    {
                        disposed.Dispose();
                        _stage.CheckHandlers(disposed);
                    };
                case "again":
                    return _stage.Again;
                case "event":
                    _stage.Need(Library.Contract.Events[name].Target);
                    return delegate { World.Send(name); };
                case "end":
                    return delegate { World.EndSession(name); };
                case "collect":
                    return _stage.Collect(type);
                default:
                    throw new NotScriptedException("There is no action called " + action["what"].Text + ".");
            }
        }

        private void Guarded(Action body)
        {
            try
            {
                body();
            }
            catch (RunOverException)
            {
                throw;
            }
            catch (Exception error)
            {
                Exception inner = error is TargetInvocationException ? error.InnerException : error;
                if (inner is RunOverException)
                {
                    throw new RunOverException();
                }

                if (inner is ArgumentException)
                {
                    Program.LeaveOut("its arguments are refused: " + inner.Message);
                    return;
                }

                if (!_stage.Expects(inner))
                {
                    Violations.Add("unexpected exception", inner.GetType().Name + ": " + inner.Message + " " + FirstFrame(inner));
                }
            }
        }

        private static string FirstFrame(Exception error)
        {
            string trace = error.StackTrace ?? string.Empty;
            int end = trace.IndexOf('\n');
            return (end < 0 ? trace : trace.Substring(0, end)).Trim();
        }
    }

    /// <summary>A main thread as Unity has one: what is posted waits until it is run.</summary>
    internal sealed class Loop : Shims.SynchronizationContext
    {
        private readonly Queue<Action> _queue = new Queue<Action>();
        private readonly Cell _cell = new Cell();

        public override void Post(System.Threading.SendOrPostCallback work, object state)
        {
            Scheduler.Point();
            _cell.Visible(true);
            _queue.Enqueue(delegate { work(state); });
        }

        internal void Run()
        {
            Scheduler.Point();
            _cell.Visible(true);
            while (_queue.Count > 0)
            {
                _queue.Dequeue()();
                Scheduler.Point();
                _cell.Visible(true);
            }
        }
    }
}
