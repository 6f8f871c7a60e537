// A synchronization context that runs what it is given only when it is asked to: a main thread.
using System;
using System.Collections.Generic;
using System.Threading;
using GenBindings.Harness;

namespace Scenarios
{
    internal sealed class Pump : SynchronizationContext
    {
        private readonly Queue<KeyValuePair<SendOrPostCallback, object>> _work = new Queue<KeyValuePair<SendOrPostCallback, object>>();

        public override void Post(SendOrPostCallback d, object state)
        {
            lock (_work)
            {
                _work.Enqueue(new KeyValuePair<SendOrPostCallback, object>(d, state));
            }
        }

        /// <summary>How much waits.</summary>
        public int Count
        {
            get
            {
                lock (_work)
                {
                    return _work.Count;
                }
            }
        }

        /// <summary>Runs what waits, on this thread, until the condition holds.</summary>
        public bool Until(Func<bool> condition)
        {
            return Scenario.Until(
                delegate
                {
                    while (true)
                    {
                        KeyValuePair<SendOrPostCallback, object> next;
                        lock (_work)
                        {
                            if (_work.Count == 0)
                            {
                                break;
                            }

                            next = _work.Dequeue();
                        }

                        next.Key(next.Value);
                    }

                    return condition();
                },
                Lab.DeadlineMilliseconds);
        }
    }
}
