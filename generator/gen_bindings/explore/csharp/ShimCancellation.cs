// Cancellation as the scheduler has it.
using System;
using System.Collections.Generic;

namespace GenBindings.Explore.Shims
{
    public sealed class CancellationTokenSource : IDisposable
    {
        private readonly List<Registered> _registered = new List<Registered>();
        private readonly Cell _cell = new Cell();
        private bool _canceled;
        private Timer _timer;

        public CancellationTokenSource()
        {
        }

        public CancellationTokenSource(int millisecondsDelay)
        {
            CancelAfter(millisecondsDelay);
        }

        public CancellationTokenSource(TimeSpan delay)
        {
            CancelAfter((int)delay.TotalMilliseconds);
        }

        public CancellationToken Token
        {
            get { return new CancellationToken(this); }
        }

        public bool IsCancellationRequested
        {
            get
            {
                Step(false);
                return _canceled;
            }
        }

        public void Cancel()
        {
            Step(true);
            if (_canceled)
            {
                return;
            }

            _canceled = true;
            Trace.Add("cancels");
            while (true)
            {
                if (_registered.Count == 0)
                {
                    return;
                }

                Registered last = _registered[_registered.Count - 1];
                _registered.RemoveAt(_registered.Count - 1);
                last.Runs = Scheduler.Current;
                last.Callback();
                last.Runs = null;
                Step(true);
            }
        }

        public void Cancel(bool throwOnFirstException)
        {
            Cancel();
        }

        public void CancelAfter(int milliseconds)
        {
            _timer = new Timer(delegate { Cancel(); }, null, milliseconds, -1);
        }

        public void Dispose()
        {
            if (_timer != null)
            {
                _timer.Dispose();
            }
        }

        internal CancellationTokenRegistration Register(Action callback)
        {
            Step(true);
            Registered one = new Registered { Callback = callback };
            if (_canceled)
            {
                callback();
                return default(CancellationTokenRegistration);
            }

            _registered.Add(one);
            return new CancellationTokenRegistration(this, one);
        }

        internal void Unregister(Registered one)
        {
            Step(true);
            _registered.Remove(one);
            if (one.Runs != null && one.Runs != Scheduler.Current)
            {
                // The base class library waits for a callback that runs on another thread.
                SpinWait.SpinUntil(delegate { return one.Runs == null; });
                Step(true);
            }
        }

        private void Step(bool write)
        {
            if (!Scheduler.Peeking && !Scheduler.Unwinding && Scheduler.Current != null)
            {
                Scheduler.Point();
                _cell.Visible(write);
            }
        }

        internal sealed class Registered
        {
            internal Action Callback;
            internal Fiber Runs;
        }
    }

    public struct CancellationToken
    {
        private readonly CancellationTokenSource _source;

        internal CancellationToken(CancellationTokenSource source)
        {
            _source = source;
        }

        public CancellationToken(bool canceled)
        {
            _source = canceled ? new CancellationTokenSource() : null;
            if (canceled)
            {
                _source.Cancel();
            }
        }

        public static CancellationToken None
        {
            get { return default(CancellationToken); }
        }

        public bool CanBeCanceled
        {
            get { return _source != null; }
        }

        public bool IsCancellationRequested
        {
            get { return _source != null && _source.IsCancellationRequested; }
        }

        public CancellationTokenRegistration Register(Action callback)
        {
            return _source == null ? default(CancellationTokenRegistration) : _source.Register(callback);
        }

        public CancellationTokenRegistration Register(Action<object> callback, object state)
        {
            return _source == null ? default(CancellationTokenRegistration) : _source.Register(delegate { callback(state); });
        }

        public void ThrowIfCancellationRequested()
        {
            if (IsCancellationRequested)
            {
                throw new OperationCanceledException();
            }
        }
    }

    public struct CancellationTokenRegistration : IDisposable
    {
        private readonly CancellationTokenSource _source;
        private readonly CancellationTokenSource.Registered _one;

        internal CancellationTokenRegistration(CancellationTokenSource source, object one)
        {
            _source = source;
            _one = (CancellationTokenSource.Registered)one;
        }

        public void Dispose()
        {
            if (_source != null && !Scheduler.Unwinding)
            {
                _source.Unregister(_one);
            }
        }
    }
}
