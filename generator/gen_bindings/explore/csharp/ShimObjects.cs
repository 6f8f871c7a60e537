// SafeHandle, weak references and the collector as the scheduler has them: nothing is collected but by a scenario.
using System;
using System.Collections.Generic;

namespace GenBindings.Explore.Shims
{
    public abstract class SafeHandle : IDisposable, IFinalized
    {
        protected IntPtr handle;

        private readonly Cell _cell = new Cell();
        private readonly bool _owns;
        private int _count = 1;
        private bool _closed;
        private bool _disposed;

        protected SafeHandle(IntPtr invalidHandleValue, bool ownsHandle)
        {
            handle = invalidHandleValue;
            _owns = ownsHandle;
            if (!ownsHandle)
            {
                GC.SuppressFinalize(this);
            }
        }

        public bool IsClosed
        {
            get
            {
                Step(false);
                return _closed;
            }
        }

        public abstract bool IsInvalid { get; }

        public void DangerousAddRef(ref bool success)
        {
            Step(true);
            if (_closed)
            {
                throw new ObjectDisposedException(null, "Safe handle has been closed");
            }

            _count++;
            success = true;
        }

        public void DangerousRelease()
        {
            Release(false);
        }

        public IntPtr DangerousGetHandle()
        {
            return handle;
        }

        public void Close()
        {
            Dispose(true);
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        public void SetHandleAsInvalid()
        {
            Step(true);
            _closed = true;
            GC.SuppressFinalize(this);
        }

        void IFinalized.Finalized()
        {
            Dispose(false);
        }

        protected void SetHandle(IntPtr value)
        {
            handle = value;
        }

        protected virtual void Dispose(bool disposing)
        {
            Release(true);
        }

        protected abstract bool ReleaseHandle();

        private void Release(bool dispose)
        {
            if (Scheduler.Unwinding)
            {
                return;
            }

            Step(true);
            if (dispose && _disposed)
            {
                return;
            }

            if (_count == 0)
            {
                throw new ObjectDisposedException(null, "Safe handle has been closed");
            }

            if (dispose)
            {
                _disposed = true;
            }

            bool last = --_count == 0 && !_closed && _owns && !IsInvalid;
            if (_count == 0)
            {
                _closed = true;
            }

            if (last)
            {
                ReleaseHandle();
            }
        }

        private void Step(bool write)
        {
            if (Scheduler.Peeking || Scheduler.Unwinding || Scheduler.Current == null)
            {
                return;
            }

            Scheduler.Point();
            _cell.Visible(write);
            Trace.Add(write ? "holds or lets go of a handle" : "asks a handle");
        }
    }

    /// <summary>What has a finalizer: the rewritten classes that had one, and every safe handle.</summary>
    public interface IFinalized
    {
        void Finalized();
    }

    public class WeakReference
    {
        private object _target;

        public WeakReference(object target)
        {
            _target = target;
        }

        public WeakReference(object target, bool trackResurrection)
        {
            _target = target;
        }

        public virtual bool IsAlive
        {
            get { return Target != null; }
        }

        public virtual bool TrackResurrection
        {
            get { return false; }
        }

        public virtual object Target
        {
            get { return _target != null && GC.IsGone(_target) ? null : _target; }
            set { _target = value; }
        }
    }

    public sealed class WeakReference<T>
        where T : class
    {
        private T _target;

        public WeakReference(T target)
        {
            _target = target;
        }

        public WeakReference(T target, bool trackResurrection)
        {
            _target = target;
        }

        public bool TryGetTarget(out T target)
        {
            target = _target != null && GC.IsGone(_target) ? null : _target;
            return target != null;
        }

        public void SetTarget(T target)
        {
            _target = target;
        }
    }

    public static class GC
    {
        private static readonly HashSet<object> Suppressed = new HashSet<object>();
        private static readonly HashSet<object> Gone = new HashSet<object>();

        public static void SuppressFinalize(object target)
        {
            if (Tracks)
            {
                Suppressed.Add(target);
            }
        }

        public static void ReRegisterForFinalize(object target)
        {
            Suppressed.Remove(target);
        }

        public static void KeepAlive(object target)
        {
        }

        public static long GetTotalMemory(bool forceFullCollection)
        {
            return 0;
        }

        public static void AddMemoryPressure(long bytes)
        {
        }

        public static void RemoveMemoryPressure(long bytes)
        {
        }

        internal static bool Tracks { get; set; }

        internal static bool IsGone(object target)
        {
            return Tracks && Gone.Count > 0 && Gone.Contains(target);
        }

        internal static void Forget()
        {
            Suppressed.Clear();
            Gone.Clear();
        }

        /// <summary>The program holds these no more: weak references are empty, and a thread runs their finalizers.</summary>
        internal static void Abandon(IEnumerable<object> targets)
        {
            List<IFinalized> finalized = new List<IFinalized>();
            foreach (object target in targets)
            {
                Gone.Add(target);
                IFinalized one = target as IFinalized;
                if (one != null && !Suppressed.Contains(target))
                {
                    finalized.Add(one);
                }
            }

            Scheduler.Start(
                "finalizer",
                delegate
                {
                    foreach (IFinalized one in finalized)
                    {
                        one.Finalized();
                    }
                },
                false);
        }
    }
}
