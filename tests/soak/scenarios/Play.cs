// What a script has at hand while it plays: the client, its rooms, operations, and what handlers kept.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    /// <summary>A connect, what became of it, and how often its room said that it ended.</summary>
    internal sealed class Seat
    {
        internal int Ends;

        internal string RoomName { get; set; }

        internal Operation<Room> Connecting { get; set; }

        internal CancellationTokenSource Cancellation { get; set; }

        internal Room Room
        {
            get { return Connecting != null && Connecting.IsCompleted && Connecting.Error == null ? Connecting.Result : null; }
        }
    }

    internal sealed partial class Play
    {
        private const string Own = "the handler's own";
        private const int Rooms = 3;
        private const ulong NoHandle = 1UL << 40;

        private readonly Dice _dice;
        private readonly List<Fault> _faults;
        private readonly int _patience;
        private readonly object _gate = new object();
        private readonly List<string> _script = new List<string>();
        private readonly List<Seat> _seats = new List<Seat>();
        private readonly List<Operation> _operations = new List<Operation>();
        private readonly List<string> _joined = new List<string>();
        private readonly List<NativeObject> _roots = new List<NativeObject>();
        private readonly List<Action> _kept = new List<Action>();
        private readonly List<DiagnosticEventArgs> _reports = new List<DiagnosticEventArgs>();
        private readonly Dictionary<string, int> _seen = new Dictionary<string, int>();
        private readonly HashSet<string> _held = new HashSet<string>();
        private ReferenceClient _client;
        private int _names;
        private bool _abandoned;
        private object _spared;
        private bool _repair;

        internal Play(Dice dice, List<Fault> faults, bool repair, int patience)
        {
            _dice = dice;
            _faults = faults;
            _repair = repair;
            _patience = patience;
        }

        /// <summary>The steps, in the order in which they began.</summary>
        internal string Script
        {
            get
            {
                lock (_gate)
                {
                    return string.Join(" ", _script);
                }
            }
        }

        /// <summary>What Diagnostics reported.</summary>
        internal string Reports()
        {
            lock (_gate)
            {
                return string.Concat(_reports.Select(r => Environment.NewLine + "reported: " + r.Message));
            }
        }

        internal Dictionary<string, int> Seen()
        {
            lock (_gate)
            {
                return new Dictionary<string, int>(_seen);
            }
        }

        internal void Run(string leak, List<object> keep)
        {
            Diagnostics.Reported += Report;
            try
            {
                Start();
                Act();
                if (leak != null)
                {
                    Leak(leak, keep);
                }

                End();
            }
            finally
            {
                // A cycle that failed must not keep the next one from starting.
                if (_client != null)
                {
                    _client.Dispose();
                }

                Diagnostics.Reported -= Report;
            }
        }

        private void Start()
        {
            Left(LiveHandles.Total == 0, "handles", delegate { return "alive before the client started: " + LiveHandles.Line(); });
            Begin();
        }

        private void Begin()
        {
            _client = ReferenceClient.Initialize(captureLogs: _dice.OneIn(8));
            _client.ControlDiagnostics(true);
            _client.Panicked += delegate { Saw("panic"); };
            SetFaults();
        }

        private void SetFaults()
        {
            Faults process = new Faults();
            Faults rooms = new Faults();
            foreach (Fault fault in _faults)
            {
                fault.SwitchOn(fault.ProcessOnly || _dice.OneIn(2) ? process : rooms);
            }

            _client.ControlSetFaults(process);
            for (int i = 0; i < Rooms; i++)
            {
                _client.ControlSetFaults(rooms, RoomName(i));
            }
        }

        private static string RoomName(int number)
        {
            return "soak " + number;
        }

        private void Saw(string what)
        {
            lock (_gate)
            {
                int count;
                _seen.TryGetValue(what, out count);
                _seen[what] = count + 1;
            }
        }

        private static void Left(bool holds, string kind, Func<string> otherwise)
        {
            if (!holds)
            {
                throw new LeftException(kind, otherwise());
            }
        }

        private void Soon(string kind, Func<bool> holds, Func<string> otherwise)
        {
            Left(Poll(holds, _patience), kind, otherwise);
        }

        /// <summary>Looks often, because a cycle is short.</summary>
        private static bool Poll(Func<bool> holds, int milliseconds)
        {
            System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();
            while (!holds())
            {
                if (watch.ElapsedMilliseconds > milliseconds)
                {
                    return false;
                }

                Thread.Sleep(1);
            }

            return true;
        }

        private void Report(object sender, DiagnosticEventArgs e)
        {
            lock (_gate)
            {
                _reports.Add(e);
            }
        }

        private T Keep<T>(T operation)
            where T : Operation
        {
            lock (_gate)
            {
                _operations.Add(operation);
            }

            return operation;
        }

        /// <summary>Keeps it from being abandoned.</summary>
        private T Hold<T>(T root)
            where T : NativeObject
        {
            lock (_gate)
            {
                _roots.Add(root);
            }

            return root;
        }

        private void KeepUntilTheEnd(Action dispose)
        {
            lock (_gate)
            {
                _kept.Add(dispose);
            }
        }

        private T PickOf<T>(Dice dice, IEnumerable<T> all)
        {
            lock (_gate)
            {
                return dice.Pick(all.ToList());
            }
        }
    }
}
