// What a scenario written by hand may call.
using System;

namespace GenBindings.Explore
{
    /// <summary>The world of a scenario: when schedules begin to differ, what the library does, what must hold.</summary>
    public static class World
    {
        /// <summary>From here on every schedule is tried.</summary>
        public static void Explore()
        {
            Library.Current.Settle();
            Trace.Lines.Clear();
            Scheduler.Zone = true;
        }

        /// <summary>Waits until no other thread can do anything; from here on there is one schedule again.</summary>
        public static void Quiet()
        {
            Scheduler.Quiet();
            Scheduler.Zone = false;
        }

        /// <summary>Lets so much time pass that every deadline of the program is over.</summary>
        public static void Settle(int milliseconds = 60000)
        {
            Scheduler.Settle(milliseconds);
        }

        /// <summary>The other side ends the session of a kind that was opened last.</summary>
        public static void EndSession(string kind)
        {
            Thing session = Library.Current.Latest(kind, string.Empty, null);
            if (session != null)
            {
                Library.Current.EndSession(session);
            }
        }

        /// <summary>The library sends an event; it concerns the object of its kind that came last.</summary>
        public static void Send(string name)
        {
            Event what;
            if (!Library.Contract.Events.TryGetValue(name, out what))
            {
                throw new ArgumentException("The contract has no event called " + name + ".");
            }

            Thing target = what.Target.Length == 0 ? null : Library.Current.Latest(what.Target, string.Empty, null);
            if (target != null || what.Target.Length == 0)
            {
                Library.Current.Send(name, target);
            }
        }

        /// <summary>The program holds an object no more: it is collected from now on at any time.</summary>
        public static void Abandon(params object[] targets)
        {
            Shims.GC.Abandon(targets);
        }

        /// <summary>Says that something does not hold.</summary>
        public static void Expect(bool holds, string what)
        {
            if (!holds)
            {
                Violations.Add("expectation", what);
            }
        }

        /// <summary>What must hold when everything is over: nothing is left, no thread goes on.</summary>
        public static void CheckTheEnd()
        {
            string left = Library.Current.Left();
            if (Library.Current.IsOn && left.Length > 0)
            {
                Violations.Add("left", "Not released at the end: " + left + ".");
            }

            Shims.Task.CheckTheEnd();
            foreach (Fiber fiber in Scheduler.Fibers)
            {
                if (fiber != Scheduler.Current && !fiber.IsOver && !fiber.Native)
                {
                    Violations.Add("thread left", fiber.Name + " still waits (" + fiber.Waiting.ToString().ToLowerInvariant() + ") at " + Sites.Describe(fiber.Site) + ".");
                }
            }
        }
    }
}
