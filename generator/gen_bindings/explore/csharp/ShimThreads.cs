// Threads, timers, waiting and time as the scheduler has them.
using System;
using System.Threading;

namespace GenBindings.Explore.Shims
{
    public sealed class Thread
    {
        private readonly Action<object> _body;
        private readonly Cell _cell = new Cell();
        private Fiber _fiber;
        private string _name;

        public Thread(ThreadStart start)
        {
            _body = delegate { start(); };
        }

        public Thread(ThreadStart start, int maxStackSize)
            : this(start)
        {
        }

        public Thread(ParameterizedThreadStart start)
        {
            _body = delegate(object state) { start(state); };
        }

        public Thread(ParameterizedThreadStart start, int maxStackSize)
            : this(start)
        {
        }

        private Thread(Fiber fiber)
        {
            _fiber = fiber;
            _name = fiber.Name;
        }

        public static Thread CurrentThread
        {
            get
            {
                Fiber fiber = Scheduler.Current;
                fiber.Thread = fiber.Thread ?? new Thread(fiber);
                return (Thread)fiber.Thread;
            }
        }

        public int ManagedThreadId
        {
            get { return _fiber == null ? -1 : _fiber.Index + 1; }
        }

        public string Name
        {
            get { return _name; }
            set { _name = value; }
        }

        public bool IsBackground { get; set; }

        public ThreadPriority Priority { get; set; }

        public bool IsThreadPoolThread
        {
            get { return false; }
        }

        public bool IsAlive
        {
            get
            {
                if (!Scheduler.Peeking)
                {
                    Scheduler.Point();
                    _cell.Visible(false);
                }

                return _fiber != null && !_fiber.IsOver;
            }
        }

        public void Start()
        {
            Start(null);
        }

        public void Start(object state)
        {
            if (_fiber != null)
            {
                throw new ThreadStateException("The thread was started before.");
            }

            Scheduler.Point();
            _fiber = Scheduler.Start(
                _name ?? "thread " + Scheduler.Fibers.Count,
                delegate
                {
                    _body(state);
                    _cell.Visible(true);
                },
                false);
            _fiber.Thread = this;
            Trace.Add("starts", _fiber.Name);
        }

        public void Join()
        {
            Join(-1);
        }

        public bool Join(TimeSpan time)
        {
            return Join((int)time.TotalMilliseconds);
        }

        public bool Join(int milliseconds)
        {
            if (_fiber == null)
            {
                throw new ThreadStateException("The thread was not started.");
            }

            Scheduler.Point();
            Fiber fiber = Scheduler.Current;
            if (!_fiber.IsOver)
            {
                Trace.Add("waits for the end of", _fiber.Name);
                fiber.Waiting = Waiting.Join;
                fiber.Joined = _fiber;
                fiber.Deadline = milliseconds < 0 ? -1 : Scheduler.Now + milliseconds * 10000L;
                if (milliseconds == 0 || !Scheduler.Block())
                {
                    fiber.Waiting = Waiting.Nothing;
                    return false;
                }
            }

            _cell.Visible(false);
            Clocks.Join(fiber.Clock, _fiber.Clock);
            return true;
        }

        public static void Sleep(int milliseconds)
        {
            Scheduler.Point();
            Fiber fiber = Scheduler.Current;
            if (milliseconds == 0)
            {
                fiber.Waiting = Waiting.Yield;
            }
            else
            {
                fiber.Waiting = Waiting.Time;
                fiber.Deadline = milliseconds < 0 ? -1 : Scheduler.Now + milliseconds * 10000L;
            }

            Scheduler.Block();
        }

        public static void Sleep(TimeSpan time)
        {
            Sleep((int)time.TotalMilliseconds);
        }

        public static bool Yield()
        {
            Sleep(0);
            return true;
        }

        public static void SpinWait(int iterations)
        {
            Sleep(0);
        }

        public static void MemoryBarrier()
        {
        }
    }

    public sealed class Timer : IDisposable
    {
        private readonly TimerCallback _callback;
        private readonly object _state;
        private readonly Cell _cell = new Cell();
        private AlarmClock _alarm;
        private long _period;

        public Timer(TimerCallback callback, object state, int dueTime, int period)
        {
            _callback = callback;
            _state = state;
            Arm(dueTime, period);
        }

        public Timer(TimerCallback callback, object state, long dueTime, long period)
        {
            _callback = callback;
            _state = state;
            Arm(dueTime, period);
        }

        public Timer(TimerCallback callback, object state, TimeSpan dueTime, TimeSpan period)
        {
            _callback = callback;
            _state = state;
            Arm((long)dueTime.TotalMilliseconds, (long)period.TotalMilliseconds);
        }

        public bool Change(int dueTime, int period)
        {
            Step();
            Arm(dueTime, period);
            return true;
        }

        public bool Change(long dueTime, long period)
        {
            Step();
            Arm(dueTime, period);
            return true;
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            return Change((long)dueTime.TotalMilliseconds, (long)period.TotalMilliseconds);
        }

        public void Dispose()
        {
            if (!Scheduler.Unwinding)
            {
                Step();
                Disarm();
            }
        }

        private void Step()
        {
            Scheduler.Point();
            _cell.Visible(true);
        }

        private void Disarm()
        {
            if (_alarm != null)
            {
                Scheduler.Alarms.Remove(_alarm);
                _alarm = null;
            }
        }

        private void Arm(long due, long period)
        {
            Disarm();
            _period = period;
            if (due >= 0)
            {
                _alarm = new AlarmClock(Scheduler.Now + due * 10000L, Ring);
                Scheduler.Alarms.Add(_alarm);
            }
        }

        private void Ring()
        {
            AlarmClock rung = _alarm;
            _alarm = null;
            Scheduler.Start(
                "timer " + Scheduler.Fibers.Count,
                delegate
                {
                    _cell.Visible(true);
                    _callback(_state);
                },
                false,
                rung);
            if (_period > 0)
            {
                Arm(_period, _period);
            }
        }
    }

    public struct SpinWait
    {
        private int _count;

        public int Count
        {
            get { return _count; }
        }

        public bool NextSpinWillYield
        {
            get { return true; }
        }

        public void SpinOnce()
        {
            _count++;
            Thread.Sleep(0);
        }

        public void Reset()
        {
            _count = 0;
        }

        public static void SpinUntil(Func<bool> condition)
        {
            SpinUntil(condition, -1);
        }

        public static bool SpinUntil(Func<bool> condition, TimeSpan time)
        {
            return SpinUntil(condition, (int)time.TotalMilliseconds);
        }

        public static bool SpinUntil(Func<bool> condition, int milliseconds)
        {
            Fiber fiber = Scheduler.Current;
            long deadline = milliseconds < 0 ? -1 : Scheduler.Now + milliseconds * 10000L;
            while (!condition())
            {
                Trace.Add("waits until something is so");
                fiber.Waiting = Waiting.Condition;
                fiber.Condition = condition;
                fiber.Deadline = deadline;
                if (milliseconds == 0 || !Scheduler.Block())
                {
                    fiber.Waiting = Waiting.Nothing;
                    return condition();
                }
            }

            return true;
        }
    }

    public class SynchronizationContext
    {
        public static SynchronizationContext Current
        {
            get { return Scheduler.Current == null ? null : (SynchronizationContext)Scheduler.Current.Context; }
        }

        public static void SetSynchronizationContext(SynchronizationContext context)
        {
            Scheduler.Current.Context = context;
        }

        public virtual void Post(SendOrPostCallback work, object state)
        {
            Scheduler.Start("pool " + Scheduler.Fibers.Count, delegate { work(state); }, false);
        }

        public virtual void Send(SendOrPostCallback work, object state)
        {
            work(state);
        }

        public virtual SynchronizationContext CreateCopy()
        {
            return this;
        }

        public virtual void OperationStarted()
        {
        }

        public virtual void OperationCompleted()
        {
        }
    }

    public static class Time
    {
        public static DateTime UtcNow()
        {
            return new DateTime(Scheduler.Now == 0 ? 637000000000000000L : Scheduler.Now, DateTimeKind.Utc);
        }

        public static DateTime Now()
        {
            return new DateTime(UtcNow().Ticks, DateTimeKind.Local);
        }

        public static int TickCount()
        {
            return (int)(Scheduler.Now / 10000L & int.MaxValue);
        }
    }

    public sealed class Stopwatch
    {
        public static readonly long Frequency = TimeSpan.TicksPerSecond;
        public static readonly bool IsHighResolution = true;

        private long _start;
        private long _before;

        public bool IsRunning { get; private set; }

        public TimeSpan Elapsed
        {
            get { return new TimeSpan(ElapsedTicks); }
        }

        public long ElapsedMilliseconds
        {
            get { return ElapsedTicks / TimeSpan.TicksPerMillisecond; }
        }

        public long ElapsedTicks
        {
            get { return _before + (IsRunning ? Scheduler.Now - _start : 0); }
        }

        public static Stopwatch StartNew()
        {
            Stopwatch watch = new Stopwatch();
            watch.Start();
            return watch;
        }

        public static long GetTimestamp()
        {
            return Scheduler.Now;
        }

        public void Start()
        {
            if (!IsRunning)
            {
                IsRunning = true;
                _start = Scheduler.Now;
            }
        }

        public void Stop()
        {
            _before = ElapsedTicks;
            IsRunning = false;
        }

        public void Reset()
        {
            _before = 0;
            IsRunning = false;
        }

        public void Restart()
        {
            Reset();
            Start();
        }
    }
}
