// What the compiler makes of async methods: awaiters and builders.
using System;
using System.Runtime.CompilerServices;

namespace GenBindings.Explore.Shims
{
    /// <summary>Lets code after an await go on where it should.</summary>
    internal static class Continuing
    {
        internal static void When(Task task, Action continuation, bool captures)
        {
            SynchronizationContext context = captures ? SynchronizationContext.Current : null;
            if (context == null)
            {
                task.OnCompleted(continuation);
            }
            else
            {
                task.OnCompleted(delegate { context.Post(delegate { continuation(); }, null); });
            }
        }
    }

    public struct TaskAwaiter : ICriticalNotifyCompletion
    {
        private readonly Task _task;
        private readonly bool _captures;

        internal TaskAwaiter(Task task, bool captures)
        {
            _task = task;
            _captures = captures;
        }

        public bool IsCompleted
        {
            get { return _task.IsCompleted; }
        }

        public void GetResult()
        {
            SpinWait.SpinUntil(IsOver);
            _task.ThrowIfFailed();
        }

        public void OnCompleted(Action continuation)
        {
            Continuing.When(_task, continuation, _captures);
        }

        public void UnsafeOnCompleted(Action continuation)
        {
            Continuing.When(_task, continuation, _captures);
        }

        private bool IsOver()
        {
            return _task.IsCompleted;
        }
    }

    public struct TaskAwaiter<T> : ICriticalNotifyCompletion
    {
        private readonly Task<T> _task;
        private readonly bool _captures;

        internal TaskAwaiter(Task<T> task, bool captures)
        {
            _task = task;
            _captures = captures;
        }

        public bool IsCompleted
        {
            get { return _task.IsCompleted; }
        }

        public T GetResult()
        {
            SpinWait.SpinUntil(IsOver);
            return _task.ResultOrThrow();
        }

        public void OnCompleted(Action continuation)
        {
            Continuing.When(_task, continuation, _captures);
        }

        public void UnsafeOnCompleted(Action continuation)
        {
            Continuing.When(_task, continuation, _captures);
        }

        private bool IsOver()
        {
            return _task.IsCompleted;
        }
    }

    public struct ConfiguredTaskAwaitable
    {
        private readonly ConfiguredTaskAwaiter _awaiter;

        internal ConfiguredTaskAwaitable(Task task, bool captures)
        {
            _awaiter = new ConfiguredTaskAwaiter(new TaskAwaiter(task, captures));
        }

        public ConfiguredTaskAwaiter GetAwaiter()
        {
            return _awaiter;
        }

        public struct ConfiguredTaskAwaiter : ICriticalNotifyCompletion
        {
            private readonly TaskAwaiter _awaiter;

            internal ConfiguredTaskAwaiter(TaskAwaiter awaiter)
            {
                _awaiter = awaiter;
            }

            public bool IsCompleted
            {
                get { return _awaiter.IsCompleted; }
            }

            public void GetResult()
            {
                _awaiter.GetResult();
            }

            public void OnCompleted(Action continuation)
            {
                _awaiter.OnCompleted(continuation);
            }

            public void UnsafeOnCompleted(Action continuation)
            {
                _awaiter.OnCompleted(continuation);
            }
        }
    }

    public struct ConfiguredTaskAwaitable<T>
    {
        private readonly ConfiguredTaskAwaiter _awaiter;

        internal ConfiguredTaskAwaitable(Task<T> task, bool captures)
        {
            _awaiter = new ConfiguredTaskAwaiter(new TaskAwaiter<T>(task, captures));
        }

        public ConfiguredTaskAwaiter GetAwaiter()
        {
            return _awaiter;
        }

        public struct ConfiguredTaskAwaiter : ICriticalNotifyCompletion
        {
            private readonly TaskAwaiter<T> _awaiter;

            internal ConfiguredTaskAwaiter(TaskAwaiter<T> awaiter)
            {
                _awaiter = awaiter;
            }

            public bool IsCompleted
            {
                get { return _awaiter.IsCompleted; }
            }

            public T GetResult()
            {
                return _awaiter.GetResult();
            }

            public void OnCompleted(Action continuation)
            {
                _awaiter.OnCompleted(continuation);
            }

            public void UnsafeOnCompleted(Action continuation)
            {
                _awaiter.OnCompleted(continuation);
            }
        }
    }

    /// <summary>The boxed state machine of an async method, from its first await on.</summary>
    internal static class Machine
    {
        internal static Action Box<TMachine>(ref IAsyncStateMachine box, ref TMachine machine)
            where TMachine : IAsyncStateMachine
        {
            if (box == null)
            {
                IAsyncStateMachine boxed = machine;
                box = boxed;
                boxed.SetStateMachine(boxed);
            }

            return box.MoveNext;
        }
    }

    public struct AsyncTaskMethodBuilder
    {
        private AsyncTaskMethodBuilder<object> _builder;

        public Task Task
        {
            get { return _builder.Task; }
        }

        public static AsyncTaskMethodBuilder Create()
        {
            return default(AsyncTaskMethodBuilder);
        }

        public void Start<TMachine>(ref TMachine machine)
            where TMachine : IAsyncStateMachine
        {
            machine.MoveNext();
        }

        public void SetStateMachine(IAsyncStateMachine machine)
        {
            _builder.SetStateMachine(machine);
        }

        public void SetResult()
        {
            _builder.SetResult(null);
        }

        public void SetException(Exception error)
        {
            _builder.SetException(error);
        }

        public void AwaitOnCompleted<TAwaiter, TMachine>(ref TAwaiter awaiter, ref TMachine machine)
            where TAwaiter : INotifyCompletion
            where TMachine : IAsyncStateMachine
        {
            _builder.AwaitOnCompleted(ref awaiter, ref machine);
        }

        public void AwaitUnsafeOnCompleted<TAwaiter, TMachine>(ref TAwaiter awaiter, ref TMachine machine)
            where TAwaiter : ICriticalNotifyCompletion
            where TMachine : IAsyncStateMachine
        {
            _builder.AwaitOnCompleted(ref awaiter, ref machine);
        }
    }

    public struct AsyncTaskMethodBuilder<T>
    {
        private Task<T> _task;
        private IAsyncStateMachine _machine;

        public Task<T> Task
        {
            get { return _task = _task ?? new Task<T>(false); }
        }

        public static AsyncTaskMethodBuilder<T> Create()
        {
            return default(AsyncTaskMethodBuilder<T>);
        }

        public void Start<TMachine>(ref TMachine machine)
            where TMachine : IAsyncStateMachine
        {
            machine.MoveNext();
        }

        public void SetStateMachine(IAsyncStateMachine machine)
        {
            _machine = machine;
        }

        public void SetResult(T result)
        {
            Task.TryResult(result);
        }

        public void SetException(Exception error)
        {
            Scheduler.PassOn(error);
            Task.TryEnd(error, error is OperationCanceledException);
        }

        public void AwaitOnCompleted<TAwaiter, TMachine>(ref TAwaiter awaiter, ref TMachine machine)
            where TAwaiter : INotifyCompletion
            where TMachine : IAsyncStateMachine
        {
            // The task must be there before the machine is copied into its box: both copies share it.
            Task.ToString();
            Action goesOn = Machine.Box(ref _machine, ref machine);
            awaiter.OnCompleted(goesOn);
        }

        public void AwaitUnsafeOnCompleted<TAwaiter, TMachine>(ref TAwaiter awaiter, ref TMachine machine)
            where TAwaiter : ICriticalNotifyCompletion
            where TMachine : IAsyncStateMachine
        {
            AwaitOnCompleted(ref awaiter, ref machine);
        }
    }

    public struct AsyncVoidMethodBuilder
    {
        private IAsyncStateMachine _machine;

        public static AsyncVoidMethodBuilder Create()
        {
            return default(AsyncVoidMethodBuilder);
        }

        public void Start<TMachine>(ref TMachine machine)
            where TMachine : IAsyncStateMachine
        {
            machine.MoveNext();
        }

        public void SetStateMachine(IAsyncStateMachine machine)
        {
            _machine = machine;
        }

        public void SetResult()
        {
        }

        public void SetException(Exception error)
        {
            Scheduler.PassOn(error);
            Violations.Add("unhandled", "An exception left an async void method: " + error.Message);
        }

        public void AwaitOnCompleted<TAwaiter, TMachine>(ref TAwaiter awaiter, ref TMachine machine)
            where TAwaiter : INotifyCompletion
            where TMachine : IAsyncStateMachine
        {
            Action goesOn = Machine.Box(ref _machine, ref machine);
            awaiter.OnCompleted(goesOn);
        }

        public void AwaitUnsafeOnCompleted<TAwaiter, TMachine>(ref TAwaiter awaiter, ref TMachine machine)
            where TAwaiter : ICriticalNotifyCompletion
            where TMachine : IAsyncStateMachine
        {
            AwaitOnCompleted(ref awaiter, ref machine);
        }
    }
}
