// Monitor, Interlocked and Volatile as the scheduler has them: the names and signatures of the base class library's.
using System;

namespace GenBindings.Explore.Shims
{
    public static class Monitor
    {
        public static void Enter(object target)
        {
            Take(target, -1);
        }

        public static void Enter(object target, ref bool taken)
        {
            Take(target, -1);
            taken = true;
        }

        public static bool TryEnter(object target)
        {
            return Take(target, 0);
        }

        public static void TryEnter(object target, ref bool taken)
        {
            taken = Take(target, 0);
        }

        public static bool TryEnter(object target, int milliseconds)
        {
            return Take(target, milliseconds);
        }

        public static void TryEnter(object target, int milliseconds, ref bool taken)
        {
            taken = Take(target, milliseconds);
        }

        public static bool TryEnter(object target, TimeSpan time)
        {
            return Take(target, (int)time.TotalMilliseconds);
        }

        public static bool IsEntered(object target)
        {
            return Objects.Of(target).Owner == Scheduler.Current;
        }

        public static void Exit(object target)
        {
            if (Scheduler.Unwinding)
            {
                return;
            }

            SyncState state = Objects.Of(Needed(target));
            if (state.Owner != Scheduler.Current)
            {
                throw new System.Threading.SynchronizationLockException();
            }

            if (--state.Depth == 0)
            {
                Release(state);
                Trace.Add("leaves a lock");
            }
        }

        public static bool Wait(object target)
        {
            return WaitFor(target, -1);
        }

        public static bool Wait(object target, int milliseconds)
        {
            return WaitFor(target, milliseconds);
        }

        public static bool Wait(object target, TimeSpan time)
        {
            return WaitFor(target, (int)time.TotalMilliseconds);
        }

        public static void Pulse(object target)
        {
            Wake(target, 1);
        }

        public static void PulseAll(object target)
        {
            Wake(target, int.MaxValue);
        }

        private static bool Take(object target, int milliseconds)
        {
            Needed(target);
            if (Scheduler.Peeking)
            {
                return true;
            }

            Scheduler.Point();
            SyncState state = Objects.Of(target);
            Fiber fiber = Scheduler.Current;
            if (state.Owner == fiber)
            {
                state.Depth++;
                return true;
            }

            while (state.Owner != null)
            {
                if (milliseconds == 0)
                {
                    state.Cell.Visible(false);
                    return false;
                }

                Trace.Add("waits for a lock");
                state.Cell.Touch();
                fiber.Waiting = Waiting.Lock;
                fiber.Lock = state;
                fiber.Deadline = milliseconds < 0 ? -1 : Scheduler.Now + milliseconds * 10000L;
                if (!Scheduler.Block() && state.Owner != null)
                {
                    return false;
                }
            }

            state.Owner = fiber;
            state.Depth = 1;
            state.Cell.Visible(true);
            Trace.Add("takes a lock");
            return true;
        }

        private static void Release(SyncState state)
        {
            Fiber fiber = Scheduler.Current;
            state.Owner = null;
            state.Cell.WriteAt = Scheduler.Decisions;
            state.Cell.Clock = state.Cell.Clock ?? new int[Fiber.Most];
            Clocks.Join(state.Cell.Clock, fiber.Clock);
            fiber.Clock[fiber.Index]++;
        }

        private static bool WaitFor(object target, int milliseconds)
        {
            if (Scheduler.Unwinding)
            {
                throw new RunOverException();
            }

            SyncState state = Owned(target);
            Fiber fiber = Scheduler.Current;
            int depth = state.Depth;
            Trace.Add("waits to be pulsed");
            fiber.Pulsed = false;
            Release(state);
            state.Waiters.Add(fiber);
            fiber.Waiting = Waiting.Pulse;
            fiber.Lock = state;
            fiber.Deadline = milliseconds < 0 ? -1 : Scheduler.Now + milliseconds * 10000L;
            Scheduler.Block();
            state.Owner = fiber;
            state.Depth = depth;
            state.Cell.Visible(true);
            Trace.Add(fiber.Pulsed ? "was pulsed" : "waited long enough");
            return fiber.Pulsed;
        }

        private static void Wake(object target, int most)
        {
            if (Scheduler.Unwinding)
            {
                return;
            }

            SyncState state = Owned(target);
            while (most-- > 0 && state.Waiters.Count > 0)
            {
                Fiber fiber = state.Waiters[0];
                state.Waiters.RemoveAt(0);
                fiber.Pulsed = true;
                fiber.Waiting = Waiting.Lock;
                fiber.Deadline = -1;
            }
        }

        private static SyncState Owned(object target)
        {
            SyncState state = Objects.Of(Needed(target));
            if (state.Owner != Scheduler.Current)
            {
                throw new System.Threading.SynchronizationLockException();
            }

            return state;
        }

        private static object Needed(object target)
        {
            if (target == null)
            {
                throw new ArgumentNullException("obj");
            }

            return target;
        }
    }

    public static class Interlocked
    {
        public static int Increment(ref int place) { Memory.Visible(true); return ++place; }

        public static long Increment(ref long place) { Memory.Visible(true); return ++place; }

        public static int Decrement(ref int place) { Memory.Visible(true); return --place; }

        public static long Decrement(ref long place) { Memory.Visible(true); return --place; }

        public static int Add(ref int place, int value) { Memory.Visible(true); return place += value; }

        public static long Add(ref long place, long value) { Memory.Visible(true); return place += value; }

        public static long Read(ref long place) { Memory.Visible(false); return place; }

        public static int Exchange(ref int place, int value) { return Swap(ref place, value); }

        public static long Exchange(ref long place, long value) { return Swap(ref place, value); }

        public static float Exchange(ref float place, float value) { return Swap(ref place, value); }

        public static double Exchange(ref double place, double value) { return Swap(ref place, value); }

        public static IntPtr Exchange(ref IntPtr place, IntPtr value) { return Swap(ref place, value); }

        public static object Exchange(ref object place, object value) { return Swap(ref place, value); }

        public static T Exchange<T>(ref T place, T value) where T : class { return Swap(ref place, value); }

        public static int CompareExchange(ref int place, int value, int comparand)
        {
            return SwapIf(ref place, value, comparand);
        }

        public static long CompareExchange(ref long place, long value, long comparand) { return SwapIf(ref place, value, comparand); }

        public static float CompareExchange(ref float place, float value, float comparand) { return SwapIf(ref place, value, comparand); }

        public static double CompareExchange(ref double place, double value, double comparand) { return SwapIf(ref place, value, comparand); }

        public static IntPtr CompareExchange(ref IntPtr place, IntPtr value, IntPtr comparand) { return SwapIf(ref place, value, comparand); }

        public static object CompareExchange(ref object place, object value, object comparand) { return SwapSame(ref place, value, comparand); }

        public static T CompareExchange<T>(ref T place, T value, T comparand) where T : class { return SwapSame(ref place, value, comparand); }

        public static void MemoryBarrier()
        {
        }

        private static T Swap<T>(ref T place, T value)
        {
            Memory.Visible(true);
            T before = place;
            place = value;
            return before;
        }

        private static T SwapIf<T>(ref T place, T value, T comparand) where T : struct, IEquatable<T>
        {
            Memory.Visible(true);
            T before = place;
            if (before.Equals(comparand))
            {
                place = value;
            }

            return before;
        }

        // IntPtr is not IEquatable in the class library of Mono.
        private static IntPtr SwapIf(ref IntPtr place, IntPtr value, IntPtr comparand)
        {
            Memory.Visible(true);
            IntPtr before = place;
            if (before == comparand)
            {
                place = value;
            }

            return before;
        }

        private static T SwapSame<T>(ref T place, T value, T comparand) where T : class
        {
            Memory.Visible(true);
            T before = place;
            if (ReferenceEquals(before, comparand))
            {
                place = value;
            }

            return before;
        }
    }

    public static class Volatile
    {
        public static T Read<T>(ref T place) where T : class { return Get(ref place); }

        public static bool Read(ref bool place) { return Get(ref place); }

        public static byte Read(ref byte place) { return Get(ref place); }

        public static short Read(ref short place) { return Get(ref place); }

        public static int Read(ref int place) { return Get(ref place); }

        public static uint Read(ref uint place) { return Get(ref place); }

        public static long Read(ref long place) { return Get(ref place); }

        public static ulong Read(ref ulong place) { return Get(ref place); }

        public static float Read(ref float place) { return Get(ref place); }

        public static double Read(ref double place) { return Get(ref place); }

        public static IntPtr Read(ref IntPtr place) { return Get(ref place); }

        public static void Write<T>(ref T place, T value) where T : class { Set(ref place, value); }

        public static void Write(ref bool place, bool value) { Set(ref place, value); }

        public static void Write(ref byte place, byte value) { Set(ref place, value); }

        public static void Write(ref short place, short value) { Set(ref place, value); }

        public static void Write(ref int place, int value) { Set(ref place, value); }

        public static void Write(ref uint place, uint value) { Set(ref place, value); }

        public static void Write(ref long place, long value) { Set(ref place, value); }

        public static void Write(ref ulong place, ulong value) { Set(ref place, value); }

        public static void Write(ref float place, float value) { Set(ref place, value); }

        public static void Write(ref double place, double value) { Set(ref place, value); }

        public static void Write(ref IntPtr place, IntPtr value) { Set(ref place, value); }

        private static T Get<T>(ref T place)
        {
            Memory.Visible(false);
            return place;
        }

        private static void Set<T>(ref T place, T value)
        {
            Memory.Visible(true);
            place = value;
        }
    }

    /// <summary>The place that the access under way concerns.</summary>
    public static class Memory
    {
        internal static void Visible(bool write)
        {
            Cell cell = Races.Location ?? Races.Unknown;
            Races.Location = null;
            if (Scheduler.Peeking || Scheduler.Unwinding || Scheduler.Current == null)
            {
                return;
            }

            Scheduler.Point();
            cell.Visible(write);
            Trace.Add(write ? "writes at once" : "reads at once");
        }

        /// <summary>Before an access to a field that is declared volatile.</summary>
        public static void Field(bool write)
        {
            Visible(write);
        }
    }
}
