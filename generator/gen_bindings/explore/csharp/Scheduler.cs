// Who runs next: every visible operation of the program asks here first.
using System;
using System.Collections.Generic;

namespace GenBindings.Explore
{
    /// <summary>One run of a scenario under one schedule; everything static, because one thread runs at a time.</summary>
    public static class Scheduler
    {
        internal const int MostSteps = 200000;

        internal static readonly List<Fiber> Fibers = new List<Fiber>();
        internal static readonly List<AlarmClock> Alarms = new List<AlarmClock>();
        internal static readonly Baton Controller = new Baton();
        internal static readonly Fiber[] Each = new Fiber[Fiber.Most];
        internal static int Count;
        internal static Fiber Current;
        internal static bool Unwinding;
        internal static bool Zone;
        internal static bool Peeking;
        internal static bool Running;
        internal static int Site;
        internal static int Steps;
        internal static int Decisions;
        internal static long Now;
        internal static ulong TraceHash;
        internal static int Switches;

        private static readonly List<Fiber> Enabled = new List<Fiber>();

        /// <summary>Called before each controlled call: where in the program it stands.</summary>
        public static void At(int site)
        {
            Site = site;
        }

        /// <summary>Called at the start of each handler that would keep every exception.</summary>
        public static void PassOn(object error)
        {
            if (Unwinding && error is RunOverException)
            {
                throw new RunOverException();
            }
        }

        /// <summary>Runs a scenario once; returns when it and all that it started is over.</summary>
        internal static void Run(Action scenario)
        {
            Fibers.Clear();
            Count = 0;
            Alarms.Clear();
            Objects.Forget();
            Races.Forget();
            Unwinding = false;
            Zone = false;
            Steps = 0;
            Decisions = 0;
            Switches = 0;
            Now = 637000000000000000L;
            TraceHash = 0;
            Running = true;
            Current = null;
            Fiber main = Start("main", scenario, false);
            Current = main;
            main.Started = true;
            Worker.For(main).Give();
            Controller.Take();
            Unwind();
            Running = false;
        }

        /// <param name="origin">The timer that starts it; else the thread that runs does.</param>
        internal static Fiber Start(string name, Action body, bool native, AlarmClock origin = null)
        {
            if (Fibers.Count == Fiber.Most)
            {
                Violations.Add("threads", "More than " + Fiber.Most + " threads were started.");
                End();
            }

            ulong identity = origin != null ? Hash.Mix(origin.Identity, (ulong)++origin.Rung)
                : Current == null ? 1 : Hash.Mix(Current.Identity, (ulong)++Current.Children);
            Fiber fiber = new Fiber(Fibers.Count, name, identity, native);
            fiber.Body = body;
            if (origin != null)
            {
                Clocks.Join(fiber.Clock, origin.Clock);
            }
            else if (Current != null)
            {
                Clocks.Fork(Current, fiber);
            }

            Search.Born(fiber);
            Each[fiber.Index] = fiber;
            Fibers.Add(fiber);
            Count = Fibers.Count;
            return fiber;
        }

        /// <summary>Before a visible operation: another thread may come first.</summary>
        internal static void Point()
        {
            if (Unwinding)
            {
                throw new RunOverException();
            }

            if (++Steps > MostSteps)
            {
                Violations.Add("livelock", "The run did not end after " + MostSteps + " operations.");
                End();
            }

            if (!Zone)
            {
                return;
            }

            Decisions++;
            Current.Site = Site;
            TraceHash += Hash.Mix(Current.Identity, ++Current.Events);
            if (Search.Wants(Site, false))
            {
                Switch();
            }
        }

        /// <summary>Lets the search choose who goes on.</summary>
        internal static void Switch()
        {
            Fiber current = Current;
            Enabled.Clear();
            Enabled.Add(current);
            for (int i = 0; i < Count; i++)
            {
                Fiber fiber = Each[i];
                if (fiber != current && fiber.IsEnabled)
                {
                    Enabled.Add(fiber);
                }
            }

            int alarms = Search.MayRing ? Alarms.Count : 0;
            if (Enabled.Count + alarms == 1)
            {
                return;
            }

            int site = Site;
            int pick = Search.Pick(Enabled, alarms, true);
            if (pick >= Enabled.Count)
            {
                Ring(Alarms[pick - Enabled.Count]);
                return;
            }

            if (pick != 0)
            {
                SwitchTo(Enabled[pick]);
                Site = site;
            }
        }

        /// <summary>The current thread waits for what it says; returns when it has come, or its time is over.</summary>
        /// <returns>False when the time was over first.</returns>
        internal static bool Block()
        {
            Fiber current = Current;
            current.TimedOut = false;
            int site = Site;
            current.Site = site;
            Fiber next = Choose();
            if (next != current)
            {
                SwitchTo(next);
            }

            Site = site;
            current.Waiting = Waiting.Nothing;
            current.Deadline = -1;
            return !current.TimedOut;
        }

        /// <summary>A choice that is the environment's, of which the first is what usually happens.</summary>
        internal static int Choice(int count, string what)
        {
            if (!Zone || Unwinding)
            {
                return 0;
            }

            Decisions++;
            int pick = Search.Deviate(count);
            TraceHash += Hash.Mix(Hash.Mix(Current.Identity, ++Current.Events), (ulong)pick);
            if (pick != 0)
            {
                Trace.Add("the library chooses " + what + " (" + pick + ")");
            }

            return pick;
        }

        internal static bool Holds(Func<bool> condition)
        {
            bool before = Peeking;
            Peeking = true;
            try
            {
                return condition();
            }
            finally
            {
                Peeking = before;
            }
        }

        /// <summary>Waits until no other thread can do anything, with time standing still.</summary>
        internal static void Quiet()
        {
            Current.Waiting = Waiting.Quiet;
            Block();
            foreach (Fiber fiber in Fibers)
            {
                Clocks.Join(Current.Clock, fiber.Clock);
            }
        }

        /// <summary>Waits until nothing happens any more, however long it takes.</summary>
        internal static void Settle(int milliseconds)
        {
            Current.Waiting = Waiting.Time;
            Current.Deadline = Now + milliseconds * 10000L;
            Block();
            Quiet();
        }

        internal static void Finish(Fiber fiber)
        {
            fiber.Waiting = Waiting.Over;
            if (Unwinding)
            {
                Controller.Give();
                return;
            }

            if (fiber.Index == 0)
            {
                Controller.Give();
                return;
            }

            Fiber next;
            try
            {
                next = Choose();
            }
            catch (RunOverException)
            {
                return;
            }

            Hand(next);
        }

        internal static void Escaped(Fiber fiber, Exception error)
        {
            Violations.Add("unhandled", "An exception left " + fiber.Name + ": " + error);
        }

        /// <summary>Ends the run from the thread that runs.</summary>
        internal static void End()
        {
            if (Unwinding)
            {
                throw new RunOverException();
            }

            // From the hand-over on, who is current is no longer this thread's to ask.
            Fiber fiber = Current;
            bool over = fiber.IsOver;
            Controller.Give();
            if (!over)
            {
                fiber.Worker.Take();
            }

            throw new RunOverException();
        }

        private static void Unwind()
        {
            Unwinding = true;
            Zone = false;
            foreach (Fiber fiber in Fibers)
            {
                if (!fiber.IsOver && fiber.Started)
                {
                    Current = fiber;
                    fiber.Worker.Give();
                    Controller.Take();
                }
            }
        }

        private static Fiber Choose()
        {
            while (true)
            {
                Enabled.Clear();
                Fiber quiet = null;
                Fiber yielded = null;
                for (int i = 0; i < Count; i++)
                {
                    Fiber fiber = Each[i];
                    if (fiber.Waiting == Waiting.Quiet)
                    {
                        quiet = fiber;
                    }
                    else if (fiber.Waiting == Waiting.Yield)
                    {
                        yielded = yielded ?? fiber;
                    }
                    else if (fiber.IsEnabled)
                    {
                        Enabled.Add(fiber);
                    }
                }

                if (Enabled.Count == 0 && yielded != null)
                {
                    yielded.Waiting = Waiting.Nothing;
                    Enabled.Add(yielded);
                }

                if (Enabled.Count == 0 && quiet != null)
                {
                    return quiet;
                }

                if (Zone)
                {
                    Decisions++;
                }

                if (Enabled.Count == 1 || (Enabled.Count > 1 && !Zone))
                {
                    return Enabled[0];
                }

                if (Enabled.Count > 1)
                {
                    return Enabled[Search.Pick(Enabled, 0, false)];
                }

                if (!Advance())
                {
                    Violations.Add("deadlock", Stuck());
                    End();
                }
            }
        }

        /// <summary>Nothing can run: time moves to the next deadline.</summary>
        private static bool Advance()
        {
            long first = long.MaxValue;
            foreach (Fiber fiber in Fibers)
            {
                if (!fiber.IsOver && fiber.Deadline >= 0)
                {
                    first = Math.Min(first, fiber.Deadline);
                }
            }

            foreach (AlarmClock alarm in Alarms)
            {
                first = Math.Min(first, alarm.Due);
            }

            if (first == long.MaxValue)
            {
                return false;
            }

            Now = Math.Max(Now, first);
            TraceHash = Hash.Mix(TraceHash, (ulong)Now);
            foreach (Fiber fiber in Fibers)
            {
                if (!fiber.IsOver && fiber.Deadline >= 0 && fiber.Deadline <= Now)
                {
                    fiber.TimedOut = true;
                    fiber.Deadline = -1;
                    if (fiber.Waiting == Waiting.Pulse)
                    {
                        fiber.Lock.Waiters.Remove(fiber);
                        fiber.Waiting = Waiting.Lock;
                    }
                    else
                    {
                        fiber.Waiting = Waiting.Nothing;
                    }
                }
            }

            for (int i = Alarms.Count - 1; i >= 0; i--)
            {
                if (Alarms[i].Due <= Now)
                {
                    Ring(Alarms[i]);
                }
            }

            return true;
        }

        private static void Ring(AlarmClock alarm)
        {
            Alarms.Remove(alarm);
            TraceHash += Hash.Mix(alarm.Identity, 1);
            Trace.Add("a timer is due");
            alarm.Rings();
        }

        private static void SwitchTo(Fiber next)
        {
            Fiber before = Current;
            Hand(next);
            before.Worker.Take();
            if (Unwinding)
            {
                throw new RunOverException();
            }
        }

        private static void Hand(Fiber next)
        {
            Current = next;
            Switches++;
            if (!next.Started)
            {
                next.Started = true;
                Worker.For(next);
            }

            next.Worker.Give();
        }

        private static string Stuck()
        {
            List<string> waiting = new List<string>();
            foreach (Fiber fiber in Fibers)
            {
                if (!fiber.IsOver)
                {
                    waiting.Add(fiber.Name + " waits (" + fiber.Waiting.ToString().ToLowerInvariant() + ") at " + Sites.Describe(fiber.Site));
                }
            }

            return "No thread can go on: " + string.Join("; ", waiting) + ".";
        }
    }

    /// <summary>Something that happens at a time.</summary>
    internal sealed class AlarmClock
    {
        internal readonly ulong Identity;
        internal readonly int[] Clock = new int[Fiber.Most];
        internal readonly Action Rings;
        internal readonly long Due;
        internal int Rung;

        internal AlarmClock(long due, Action rings)
        {
            Fiber fiber = Scheduler.Current;
            Identity = Hash.Mix(fiber.Identity, (ulong)++fiber.Children);
            Due = due;
            Rings = rings;
            Clocks.Join(Clock, fiber.Clock);
            fiber.Clock[fiber.Index]++;
        }
    }
}
