// Unity's context: what is posted runs once per frame on the main thread, and what is sent from there runs at once.
using System.Collections.Generic;
using System.Threading;

namespace UnityEngine.Engine
{
    internal sealed class UnitySynchronizationContext : SynchronizationContext
    {
        private readonly List<KeyValuePair<SendOrPostCallback, object>> _posted;
        private readonly int _mainThread;

        internal UnitySynchronizationContext(int mainThread)
            : this(mainThread, new List<KeyValuePair<SendOrPostCallback, object>>())
        {
        }

        private UnitySynchronizationContext(int mainThread, List<KeyValuePair<SendOrPostCallback, object>> posted)
        {
            _mainThread = mainThread;
            _posted = posted;
        }

        public override void Post(SendOrPostCallback d, object state)
        {
            lock (_posted)
            {
                _posted.Add(new KeyValuePair<SendOrPostCallback, object>(d, state));
            }
        }

        public override void Send(SendOrPostCallback d, object state)
        {
            if (Thread.CurrentThread.ManagedThreadId == _mainThread)
            {
                d(state);
                return;
            }

            using (ManualResetEvent done = new ManualResetEvent(false))
            {
                Post(
                    delegate
                    {
                        Player.Guarded(() => d(state));
                        done.Set();
                    },
                    null);
                done.WaitOne();
            }
        }

        public override SynchronizationContext CreateCopy()
        {
            return new UnitySynchronizationContext(_mainThread, _posted);
        }

        // What is posted while this runs waits for the next frame.
        internal void RunPosted()
        {
            KeyValuePair<SendOrPostCallback, object>[] now;
            lock (_posted)
            {
                now = _posted.ToArray();
                _posted.Clear();
            }

            foreach (KeyValuePair<SendOrPostCallback, object> one in now)
            {
                KeyValuePair<SendOrPostCallback, object> work = one;
                Player.Guarded(() => work.Key(work.Value));
            }
        }
    }
}
