// Tasks and async methods as the scheduler has them; pool threads are logical threads, one for each piece of work.
using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks;

namespace GenBindings.Explore.Shims
{
    public class Task : IAsyncResult, IDisposable
    {
        private static readonly List<Task> Faulted = new List<Task>();

        private readonly Cell _cell = new Cell();
        private readonly bool _later;
        private List<Action> _continuations = new List<Action>();
        private Exception _error;
        private bool _canceled;
        private bool _completed;
        private bool _observed;

        internal Task(bool later)
        {
            _later = later;
        }

        public static Task CompletedTask
        {
            get { return FromResult<object>(null); }
        }

        public bool IsCompleted
        {
            get
            {
                Step(false);
                return _completed;
            }
        }

        public bool IsFaulted
        {
            get { return IsCompleted && _error != null && !_canceled; }
        }

        public bool IsCanceled
        {
            get { return IsCompleted && _canceled; }
        }

        public AggregateException Exception
        {
            get
            {
                _observed = true;
                return IsFaulted ? new AggregateException(_error) : null;
            }
        }

        public TaskStatus Status
        {
            get { return !IsCompleted ? TaskStatus.WaitingForActivation : _canceled ? TaskStatus.Canceled : _error != null ? TaskStatus.Faulted : TaskStatus.RanToCompletion; }
        }

        object IAsyncResult.AsyncState
        {
            get { return null; }
        }

        System.Threading.WaitHandle IAsyncResult.AsyncWaitHandle
        {
            get { throw new NotSupportedException("The wait handle of a task is not controlled."); }
        }

        bool IAsyncResult.CompletedSynchronously
        {
            get { return false; }
        }

        public static Task<T> FromResult<T>(T result)
        {
            Task<T> task = new Task<T>(false);
            task.TryResult(result);
            return task;
        }

        public static Task FromException(Exception error)
        {
            Task task = new Task(false);
            task.TryEnd(error, false);
            return task;
        }

        public static Task Run(Action action)
        {
            Task<object> task = new Task<object>(false);
            Pool(delegate { task.By(delegate { action(); return null; }); });
            return task;
        }

        public static Task<T> Run<T>(Func<T> function)
        {
            Task<T> task = new Task<T>(false);
            Pool(delegate { task.By(function); });
            return task;
        }

        public static Task Run(Func<Task> function)
        {
            Task outer = new Task(false);
            Pool(delegate
            {
                Task inner = function();
                inner.OnCompleted(delegate { outer.TryEnd(inner.Observe(), inner._canceled); });
            });
            return outer;
        }

        public static Task Delay(int milliseconds)
        {
            Task task = new Task(false);
            AlarmClock alarm = null;
            alarm = new AlarmClock(
                Scheduler.Now + milliseconds * 10000L,
                delegate { Scheduler.Start("timer " + Scheduler.Fibers.Count, delegate { task.TryEnd(null, false); }, false, alarm); });
            Scheduler.Alarms.Add(alarm);
            return task;
        }

        public static Task Delay(TimeSpan time)
        {
            return Delay((int)time.TotalMilliseconds);
        }

        public static Task WhenAll(params Task[] tasks)
        {
            Task all = new Task(false);
            int left = tasks.Length;
            if (left == 0)
            {
                all.TryEnd(null, false);
            }

            foreach (Task task in tasks)
            {
                Task one = task;
                one.OnCompleted(delegate
                {
                    if (--left == 0)
                    {
                        all.TryEnd(one.Observe(), one._canceled);
                    }
                });
            }

            return all;
        }

        public TaskAwaiter GetAwaiter()
        {
            return new TaskAwaiter(this, true);
        }

        public ConfiguredTaskAwaitable ConfigureAwait(bool continueOnCapturedContext)
        {
            return new ConfiguredTaskAwaitable(this, continueOnCapturedContext);
        }

        public void Wait()
        {
            Wait(-1);
        }

        public bool Wait(TimeSpan time)
        {
            return Wait((int)time.TotalMilliseconds);
        }

        public bool Wait(int milliseconds)
        {
            if (!SpinWait.SpinUntil(delegate { return IsCompleted; }, milliseconds))
            {
                return false;
            }

            Exception error = Observe();
            if (error != null)
            {
                throw new AggregateException(error);
            }

            return true;
        }

        public void Dispose()
        {
        }

        internal static void Forget()
        {
            Faulted.Clear();
        }

        /// <summary>Exceptions that nobody has seen when everything is over.</summary>
        internal static void CheckTheEnd()
        {
            foreach (Task task in Faulted)
            {
                if (!task._observed)
                {
                    Violations.Add("unobserved exception", "Nobody saw the exception of a task: " + task._error.Message);
                }
            }
        }

        internal static void Pool(Action work)
        {
            Scheduler.Point();
            Scheduler.Start("pool " + Scheduler.Fibers.Count, work, false);
        }

        internal Exception Observe()
        {
            _observed = true;
            return _error;
        }

        internal void ThrowIfFailed()
        {
            Exception error = Observe();
            if (error != null)
            {
                ExceptionDispatchInfo.Capture(error).Throw();
            }
        }

        internal void OnCompleted(Action continuation)
        {
            Step(true);
            if (!_completed)
            {
                _continuations.Add(continuation);
                return;
            }

            continuation();
        }

        internal bool TryEnd(Exception error, bool canceled)
        {
            Step(true);
            if (_completed)
            {
                return false;
            }

            SetCompleted(error, canceled);
            return true;
        }

        protected void SetCompleted(Exception error, bool canceled)
        {
            _error = canceled ? error ?? new TaskCanceledException() : error;
            _canceled = canceled;
            _completed = true;
            Trace.Add("completes a task");
            if (error != null && !canceled)
            {
                Faulted.Add(this);
            }

            List<Action> continuations = _continuations;
            _continuations = null;
            foreach (Action continuation in continuations)
            {
                if (_later)
                {
                    Pool(continuation);
                }
                else
                {
                    continuation();
                }
            }
        }

        protected bool Claim()
        {
            Step(true);
            return !_completed;
        }

        private void Step(bool write)
        {
            if (!Scheduler.Peeking && !Scheduler.Unwinding && Scheduler.Current != null)
            {
                Scheduler.Point();
                _cell.Visible(write);
            }
        }
    }

    public class Task<T> : Task
    {
        private T _result;

        internal Task(bool later)
            : base(later)
        {
        }

        public T Result
        {
            get
            {
                Wait();
                return _result;
            }
        }

        public new TaskAwaiter<T> GetAwaiter()
        {
            return new TaskAwaiter<T>(this, true);
        }

        public new ConfiguredTaskAwaitable<T> ConfigureAwait(bool continueOnCapturedContext)
        {
            return new ConfiguredTaskAwaitable<T>(this, continueOnCapturedContext);
        }

        internal T ResultOrThrow()
        {
            ThrowIfFailed();
            return _result;
        }

        internal bool TryResult(T result)
        {
            if (!Claim())
            {
                return false;
            }

            _result = result;
            SetCompleted(null, false);
            return true;
        }

        internal void By(Func<T> function)
        {
            T result;
            try
            {
                result = function();
            }
            catch (RunOverException)
            {
                throw;
            }
            catch (Exception error)
            {
                TryEnd(error, error is OperationCanceledException);
                return;
            }

            TryResult(result);
        }
    }

    public class TaskCompletionSource<T>
    {
        private readonly Task<T> _task;

        public TaskCompletionSource()
        {
            _task = new Task<T>(false);
        }

        public TaskCompletionSource(TaskCreationOptions options)
        {
            _task = new Task<T>((options & TaskCreationOptions.RunContinuationsAsynchronously) != 0);
        }

        public Task<T> Task
        {
            get { return _task; }
        }

        public void SetResult(T result)
        {
            Must(TrySetResult(result));
        }

        public void SetException(Exception error)
        {
            Must(TrySetException(error));
        }

        public void SetCanceled()
        {
            Must(TrySetCanceled());
        }

        public bool TrySetResult(T result)
        {
            return _task.TryResult(result);
        }

        public bool TrySetException(Exception error)
        {
            return _task.TryEnd(error, false);
        }

        public bool TrySetCanceled()
        {
            return _task.TryEnd(null, true);
        }

        private static void Must(bool done)
        {
            if (!done)
            {
                throw new InvalidOperationException("An attempt was made to transition a task to a final state when it had already completed.");
            }
        }
    }
}
