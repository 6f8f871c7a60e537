// Logical threads and the real threads that carry them: one runs at a time, whoever holds the baton.
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using RealThread = System.Threading.Thread;

namespace GenBindings.Explore
{
    /// <summary>What a logical thread waits for.</summary>
    internal enum Waiting
    {
        Nothing,
        Lock,
        Pulse,
        Join,
        Time,
        Condition,
        Yield,
        Quiet,
        Over,
    }

    /// <summary>Unwinds a logical thread whose run is over; no handler of the program keeps it.</summary>
    public sealed class RunOverException : Exception
    {
    }

    /// <summary>A logical thread of one run.</summary>
    public sealed class Fiber
    {
        internal const int Most = 48;

        internal readonly int Index;
        internal readonly string Name;
        internal readonly ulong Identity;
        internal readonly int[] Clock = new int[Most];
        internal readonly bool Native;
        internal Action Body;
        internal Worker Worker;
        internal Waiting Waiting;
        internal SyncState Lock;
        internal Fiber Joined;
        internal Func<bool> Condition;
        internal long Deadline = -1;
        internal bool TimedOut;
        internal bool Pulsed;
        internal ulong Events;
        internal int Children;
        internal object[] Slots = new object[8];
        internal object Thread;
        internal object Context;
        internal int Priority;
        internal int Site;
        internal bool Started;

        internal Fiber(int index, string name, ulong identity, bool native)
        {
            Index = index;
            Name = name;
            Identity = identity;
            Native = native;
            Clock[index] = 1;
        }

        internal bool IsOver
        {
            get { return Waiting == Waiting.Over; }
        }

        internal bool IsEnabled
        {
            get
            {
                switch (Waiting)
                {
                    case Waiting.Nothing:
                        return true;
                    case Waiting.Lock:
                        return Lock.Owner == null;
                    case Waiting.Join:
                        return Joined.IsOver;
                    case Waiting.Condition:
                        return Scheduler.Holds(Condition);
                    default:
                        return false;
                }
            }
        }
    }

    /// <summary>A real thread that carries one logical thread after another.</summary>
    internal sealed class Worker
    {
        private static readonly Stack<Worker> Idle = new Stack<Worker>();
        private readonly Baton _baton = new Baton();
        private Fiber _fiber;

        internal static Worker For(Fiber fiber)
        {
            Worker worker = Idle.Count > 0 ? Idle.Pop() : null;
            if (worker == null)
            {
                worker = new Worker();
                RealThread thread = new RealThread(worker.Loop, 1 << 20);
                thread.IsBackground = true;
                thread.Start();
            }

            worker._fiber = fiber;
            fiber.Worker = worker;
            return worker;
        }

        internal void Give()
        {
            _baton.Give();
        }

        internal void Take()
        {
            _baton.Take();
        }

        private void Loop()
        {
            while (true)
            {
                _baton.Take();
                Fiber fiber = _fiber;
                try
                {
                    if (!Scheduler.Unwinding)
                    {
                        Scheduler.Site = 0;
                        fiber.Body();
                    }
                }
                catch (RunOverException)
                {
                }
                catch (Exception error)
                {
                    Scheduler.Escaped(fiber, error);
                }

                Idle.Push(this);
                Scheduler.Finish(fiber);
            }
        }
    }

    /// <summary>Lets one real thread wait for another: a POSIX semaphore, the cheapest hand-over there is.</summary>
    internal sealed class Baton
    {
        private readonly IntPtr _semaphore = Marshal.AllocHGlobal(64);

        internal Baton()
        {
            sem_init(_semaphore, 0, 0);
        }

        internal void Give()
        {
            sem_post(_semaphore);
        }

        internal void Take()
        {
            while (sem_wait(_semaphore) != 0)
            {
            }
        }

        [DllImport("libc.so.6")]
        private static extern int sem_init(IntPtr semaphore, int shared, uint value);

        [DllImport("libc.so.6")]
        private static extern int sem_post(IntPtr semaphore);

        [DllImport("libc.so.6")]
        private static extern int sem_wait(IntPtr semaphore);
    }
}
