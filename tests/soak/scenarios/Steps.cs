// What a script is made of: which steps there are, how often each comes, and how a script is thrown.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Reference.Ffi;

namespace Scenarios
{
    internal sealed partial class Play
    {
        /// <summary>Each step by name, and how many chances it has.</summary>
        private Dictionary<string, KeyValuePair<int, Action<Dice>>> _steps;

        private void Act()
        {
            _steps = new Dictionary<string, KeyValuePair<int, Action<Dice>>>
            {
                { "Connect", Chances(4, Connect) },
                { "Refused", Chances(1, Refused) },
                { "SameIdentity", Chances(1, SameIdentity) },
                { "Join", Chances(6, Join) },
                { "Leave", Chances(2, Leave) },
                { "Publish", Chances(6, Publish) },
                { "Unpublish", Chances(2, Unpublish) },
                { "Capture", Chances(3, Capture) },
                { "Resample", Chances(1, Resample) },
                { "Streams", Chances(5, Streams) },
                { "Frames", Chances(6, Frames) },
                { "Data", Chances(4, Data) },
                { "Texts", Chances(4, Texts) },
                { "OpenWriter", Chances(4, OpenWriter) },
                { "Write", Chances(4, Write) },
                { "Ask", Chances(6, Ask) },
                { "Switch", Chances(3, Switch) },
                { "Tell", Chances(3, Tell) },
                { "Reconnect", Chances(2, Reconnect) },
                { "Cancel", Chances(3, Cancel) },
                { "Await", Chances(4, Await) },
                { "Hold", Chances(1, Hold) },
                { "Release", Chances(2, Release) },
                { "DisposeObject", Chances(4, DisposeObject) },
                { "EndRoom", Chances(3, EndRoom) },
                { "ServerEnds", Chances(1, ServerEnds) },
                { "NewClient", Chances(1, NewClient) },
                { "TwoThreads", Chances(1, TwoThreads) },
                { "Panic", Chances(0, Panic) },
                { "Malformed", Chances(0, Malformed) },
                { "Abandon", Chances(0, Abandon) },
            };
            Do("Connect", _dice);
            foreach (string step in Throw())
            {
                Do(step, _dice);
            }
        }

        private static KeyValuePair<int, Action<Dice>> Chances(int chances, Action<Dice> step)
        {
            return new KeyValuePair<int, Action<Dice>>(chances, step);
        }

        /// <summary>A script: as many steps as it has, those that the faults need among them in their order.</summary>
        private List<string> Throw()
        {
            List<string> script = new List<string>();
            for (int n = 4 + _dice.Below(14); n > 0; n--)
            {
                script.Add(Any(_dice));
            }

            int at = 0;
            foreach (string needed in _faults.SelectMany(f => f.Needs))
            {
                at += _dice.Below(script.Count - at + 1);
                script.Insert(at, needed);
                at++;
            }

            if (_dice.OneIn(40))
            {
                script.Add("Abandon");
            }

            return script;
        }

        private string Any(Dice dice)
        {
            int at = dice.Below(_steps.Values.Sum(s => s.Key));
            foreach (KeyValuePair<string, KeyValuePair<int, Action<Dice>>> step in _steps)
            {
                at -= step.Value.Key;
                if (at < 0)
                {
                    return step.Key;
                }
            }

            throw new InvalidOperationException("More was thrown than there is.");
        }

        /// <summary>A step may find that what it needs is gone: that is what ends do.</summary>
        private void Do(string step, Dice dice)
        {
            lock (_gate)
            {
                _script.Add(step);
            }

            Try(delegate { _steps[step].Value(dice); });
        }

        private static void Try(Action action)
        {
            try
            {
                action();
            }
            catch (ObjectDisposedException)
            {
            }
            catch (ReferenceException)
            {
            }
            catch (OperationCanceledException)
            {
            }
        }

        /// <summary>A few steps on two threads at once.</summary>
        private void TwoThreads(Dice dice)
        {
            List<Exception> wrong = new List<Exception>();
            List<Thread> threads = new List<Thread>();
            for (int i = 0; i < 2; i++)
            {
                Dice own = dice.Fork();
                Thread thread = new Thread(delegate()
                {
                    try
                    {
                        for (int n = 3 + own.Below(4); n > 0; n--)
                        {
                            string step = Any(own);
                            // Who starts a client anew does so alone.
                            if (step != "NewClient" && step != "TwoThreads")
                            {
                                Do(step, own);
                            }
                        }
                    }
                    catch (Exception error)
                    {
                        lock (wrong)
                        {
                            wrong.Add(error);
                        }
                    }
                });
                threads.Add(thread);
                thread.Start();
            }

            foreach (Thread thread in threads)
            {
                Left(thread.Join(_patience), "hang", delegate { return "a thread of the script hangs"; });
            }

            Left(wrong.Count == 0, "exception", delegate { return string.Join("; ", wrong); });
        }
    }
}
