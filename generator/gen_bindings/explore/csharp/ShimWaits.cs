// Events and semaphores as the scheduler has them: each wait is for a condition.
using System;
using System.Threading;

namespace GenBindings.Explore.Shims
{
    /// <summary>A count that is waited for.</summary>
    public sealed class Gauge
    {
        private readonly Cell _cell = new Cell();
        private int _count;

        internal Gauge(int count)
        {
            _count = count;
        }

        internal int Count
        {
            get
            {
                Step(false);
                return _count;
            }
        }

        internal void Set(int count)
        {
            Step(true);
            _count = count;
        }

        internal int Add(int count)
        {
            Step(true);
            _count += count;
            return _count - count;
        }

        internal bool Wait(int milliseconds, bool takes)
        {
            long deadline = milliseconds < 0 ? -1 : Scheduler.Now + milliseconds * 10000L;
            while (true)
            {
                Step(takes);
                if (_count > 0)
                {
                    _count -= takes ? 1 : 0;
                    return true;
                }

                if (milliseconds == 0)
                {
                    return false;
                }

                Trace.Add("waits for an event");
                Fiber fiber = Scheduler.Current;
                fiber.Waiting = Waiting.Condition;
                fiber.Condition = IsUp;
                fiber.Deadline = deadline;
                if (!Scheduler.Block())
                {
                    return false;
                }
            }
        }

        private bool IsUp()
        {
            return _count > 0;
        }

        private void Step(bool write)
        {
            if (!Scheduler.Peeking && Scheduler.Current != null)
            {
                Scheduler.Point();
                _cell.Visible(write);
            }
        }
    }

    public abstract class WaitHandle : IDisposable
    {
        internal readonly Gauge Gauge;
        private readonly bool _takes;

        internal WaitHandle(bool up, bool takes)
        {
            Gauge = new Gauge(up ? 1 : 0);
            _takes = takes;
        }

        public virtual bool WaitOne()
        {
            return Gauge.Wait(-1, _takes);
        }

        public virtual bool WaitOne(int milliseconds)
        {
            return Gauge.Wait(milliseconds, _takes);
        }

        public virtual bool WaitOne(TimeSpan time)
        {
            return Gauge.Wait((int)time.TotalMilliseconds, _takes);
        }

        public virtual void Close()
        {
        }

        public void Dispose()
        {
        }
    }

    public class EventWaitHandle : WaitHandle
    {
        internal EventWaitHandle(bool up, bool takes)
            : base(up, takes)
        {
        }

        public bool Set()
        {
            Gauge.Set(1);
            return true;
        }

        public bool Reset()
        {
            Gauge.Set(0);
            return true;
        }
    }

    public sealed class ManualResetEvent : EventWaitHandle
    {
        public ManualResetEvent(bool initialState)
            : base(initialState, false)
        {
        }
    }

    public sealed class AutoResetEvent : EventWaitHandle
    {
        public AutoResetEvent(bool initialState)
            : base(initialState, true)
        {
        }
    }

    public class ManualResetEventSlim : IDisposable
    {
        private readonly Gauge _gauge;

        public ManualResetEventSlim()
            : this(false)
        {
        }

        public ManualResetEventSlim(bool initialState)
        {
            _gauge = new Gauge(initialState ? 1 : 0);
        }

        public bool IsSet
        {
            get { return _gauge.Count > 0; }
        }

        public void Set()
        {
            _gauge.Set(1);
        }

        public void Reset()
        {
            _gauge.Set(0);
        }

        public void Wait()
        {
            _gauge.Wait(-1, false);
        }

        public bool Wait(int milliseconds)
        {
            return _gauge.Wait(milliseconds, false);
        }

        public bool Wait(TimeSpan time)
        {
            return _gauge.Wait((int)time.TotalMilliseconds, false);
        }

        public void Dispose()
        {
        }
    }

    public class SemaphoreSlim : IDisposable
    {
        private readonly Gauge _gauge;

        public SemaphoreSlim(int initialCount)
        {
            _gauge = new Gauge(initialCount);
        }

        public SemaphoreSlim(int initialCount, int maxCount)
        {
            _gauge = new Gauge(initialCount);
        }

        public int CurrentCount
        {
            get { return _gauge.Count; }
        }

        public void Wait()
        {
            _gauge.Wait(-1, true);
        }

        public bool Wait(int milliseconds)
        {
            return _gauge.Wait(milliseconds, true);
        }

        public bool Wait(TimeSpan time)
        {
            return _gauge.Wait((int)time.TotalMilliseconds, true);
        }

        public int Release()
        {
            return _gauge.Add(1);
        }

        public int Release(int releaseCount)
        {
            return _gauge.Add(releaseCount);
        }

        public void Dispose()
        {
        }
    }

    public static class ThreadPool
    {
        public static bool QueueUserWorkItem(WaitCallback work)
        {
            return QueueUserWorkItem(work, null);
        }

        public static bool QueueUserWorkItem(WaitCallback work, object state)
        {
            Task.Pool(delegate { work(state); });
            return true;
        }
    }
}
