// How a cycle ends, what must be back then, and what a run keeps that leaks on purpose.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    internal sealed partial class Play
    {
        /// <summary>Lets everything go, and looks at what is left while the library still runs; then ends the client.</summary>
        private void End()
        {
            _script.Add("|");
            // What is held until every room has ended: a connect that was abandoned brings its room after that.
            bool late = _abandoned && _dice.OneIn(2);
            if (!late)
            {
                ReleaseHeld(_client);
            }

            if (_abandoned)
            {
                Scenario.CollectGarbage();
            }

            GiveUp();
            EndRooms();
            if (late)
            {
                ReleaseHeld(_client);
            }

            ReleaseRoots();
            EverythingIsBack();
            OperationsAreOver();
            EndsAreRight();
            _client.Dispose();
            Left(LiveHandles.Total == 0, "handles", delegate { return "alive after the client: " + LiveHandles.Line(); });
            ReportsAreRight();
        }

        private void ReleaseHeld(ReferenceClient client)
        {
            List<string> held;
            lock (_gate)
            {
                held = _held.ToList();
                _held.Clear();
            }

            foreach (string name in held)
            {
                client.ControlReleaseCallbacks(name.Length == 0 ? null : name);
            }
        }

        /// <summary>Waits a little for operations, and cancels those that are not over.</summary>
        private void GiveUp()
        {
            List<Operation> waiting;
            lock (_gate)
            {
                waiting = _operations.Where(o => !o.IsCompleted).ToList();
            }

            bool wait = _dice.OneIn(2);
            foreach (Operation operation in waiting)
            {
                if (!wait || !Poll(delegate { return operation.IsCompleted; }, 5))
                {
                    operation.Cancel();
                }
            }
        }

        private void EndRooms()
        {
            Soon(
                "handles",
                delegate
                {
                    foreach (Room room in _client.Rooms)
                    {
                        if (_dice.OneIn(2))
                        {
                            Keep(room.DisconnectAsync());
                        }
                        else
                        {
                            room.Dispose();
                        }
                    }

                    return LiveHandles.Count(HandleKind.Room) == 0;
                },
                delegate { return "rooms do not end: " + LiveHandles.Line(); });
        }

        private void ReleaseRoots()
        {
            ReleaseKept();
            foreach (NativeObject root in Roots(_client))
            {
                root.Dispose();
            }
        }

        private void ReleaseKept()
        {
            List<Action> kept;
            lock (_gate)
            {
                kept = _kept.ToList();
                _kept.Clear();
            }

            foreach (Action dispose in kept)
            {
                dispose();
            }
        }

        private List<NativeObject> Roots(ReferenceClient client)
        {
            return client.LocalTracks.Cast<NativeObject>()
                .Concat(client.AudioSources)
                .Concat(client.VideoSources)
                .Concat(client.AudioResamplers)
                .Where(o => !ReferenceEquals(o, _spared))
                .ToList();
        }

        /// <summary>Handles, sessions, sockets and tasks, by the server's own account.</summary>
        private void EverythingIsBack()
        {
            ControlDiagnosticsResponse now = null;
            bool handles = false;
            bool rest = false;
            // All at one moment: an operation that nobody waits for brings handles when it ends.
            Poll(
                delegate
                {
                    if (_repair)
                    {
                        Repair();
                    }

                    // A handler may have been keeping a frame when the rest was released.
                    ReleaseKept();
                    if (_abandoned)
                    {
                        // A connect that nobody waits for may bring its room only now, after every other room ended.
                        EndAbandonedRooms();
                    }

                    now = _client.ControlDiagnostics();
                    // A source stays for as long as the library may still read what it was given: until the callback.
                    uint lent = CallbacksAreLost() ? now.Handles.AudioSources : 0;
                    // What no message named is the library's: nobody else can release it.
                    uint hidden = Hides() ? now.Handles.Publications : 0;
                    handles = LiveHandles.Total == lent && now.Handles.Total == lent + hidden;
                    rest = now.Sessions == 0 && now.Sockets.Count == 0 && now.Tasks.All(t => t.Name == "logs");
                    return handles && rest;
                },
                _patience);
            Left(handles, "handles", delegate { return "the server says " + now.Line + "; the client says " + LiveHandles.Line(); });
            Left(
                rest,
                now.Sockets.Count > 0 ? "sockets" : "tasks",
                delegate
                {
                    return "of the sessions remain " + now.Sessions + "; sockets "
                        + string.Join(", ", now.Sockets.Select(s => s.Name + " " + s.LocalAddress + " of " + s.RoomName))
                        + "; tasks " + string.Join(", ", now.Tasks.Select(t => t.Name + ": " + t.Count));
                });
            if (now.Handles.Publications > 0)
            {
                Saw("hidden publication");
            }

            DropsAreRight(now.Drops);
        }

        private void EndAbandonedRooms()
        {
            foreach (Room late in _client.Rooms)
            {
                late.Dispose();
            }

            Scenario.CollectGarbage();
        }

        private void Repair()
        {
            ControlRepairResponse repaired = _client.ControlRepair();
            if (repaired.Sockets + repaired.Tasks > 0)
            {
                Saw("repaired");
            }
        }

        private bool CallbacksAreLost()
        {
            return _script.Contains("Capture") && _faults.Any(f => f.Sets("CallbackFate"));
        }

        private bool Hides()
        {
            return _faults.Any(f => f.Sets("PublicationNeverNamed"));
        }

        /// <summary>Each drop was of a known handle, and none came twice.</summary>
        private void DropsAreRight(IEnumerable<DropRecord> drops)
        {
            HashSet<ulong> dropped = new HashSet<ulong>();
            foreach (DropRecord drop in drops)
            {
                bool again = !dropped.Add(drop.Id);
                if (again && NumbersComeAgain())
                {
                    Saw("number that came again after its release");
                    continue;
                }

                Left(!again || drop.Id >= NoHandle, "drops", delegate { return drop.Kind + " " + drop.Id + " was dropped twice"; });
                Left(drop.Known || Forgets() || drop.Id >= NoHandle, "drops", delegate { return "handle " + drop.Id + " was dropped and not known"; });
            }
        }

        /// <summary>The library itself drops the room whose handshake it gave up.</summary>
        private bool Forgets()
        {
            return _faults.Any(f => f.Sets("ReadyTimesOut"));
        }

        /// <summary>
        /// The library names a handle again that it handed over before. Released in between, it looks like a new one.
        /// </summary>
        private bool NumbersComeAgain()
        {
            return _script.Contains("Reconnect") || _faults.Any(f => f.Sets("CallbackFate"));
        }

        private void OperationsAreOver()
        {
            Soon(
                "operations",
                delegate
                {
                    lock (_gate)
                    {
                        return _operations.All(o => o.IsCompleted);
                    }
                },
                delegate { return "an operation that was cancelled, or whose room has ended, still waits"; });
        }

        /// <summary>Every room that was there said once that it ended, and no room twice.</summary>
        private void EndsAreRight()
        {
            foreach (Seat seat in _seats)
            {
                if (seat.Connecting.Error == null)
                {
                    Soon("ends", delegate { return Volatile.Read(ref seat.Ends) > 0; }, delegate { return seat.RoomName + " ended, and Disconnected was not raised"; });
                }

                Left(Volatile.Read(ref seat.Ends) <= 1, "ends", delegate { return seat.RoomName + " said " + seat.Ends + " times that it ended"; });
            }
        }

        private void ReportsAreRight()
        {
            lock (_gate)
            {
                foreach (DiagnosticEventArgs report in _reports)
                {
                    Left(Expected(report), "reports", delegate { return report.Message + " " + report.Exception; });
                }
            }
        }

        private bool Expected(DiagnosticEventArgs report)
        {
            return report.Message.EndsWith(Own, StringComparison.Ordinal)
                || (_abandoned && report.Message.Contains(" was abandoned "))
                || (_script.Contains("Malformed") && (report.Exception is WireFormatException || report.Message.Contains(" did not know ")))
                // An older client's, after the library was disposed with whatever it still held.
                || (_script.Contains("NewClient") && report.Message.Contains(" did not know "))
                || (NumbersComeAgain() && report.Message.Contains(" did not know "))
                || (Forgets() && (report.Message.Contains(" did not know Room ") || report.Message.StartsWith("The request to end the session failed", StringComparison.Ordinal)));
        }

        private void Leak(string what, List<object> keep)
        {
            switch (what)
            {
                case "handle":
                    _spared = _client.NewAudioSource();
                    break;
                case "socket":
                    // What a socket fault keeps, and nobody repairs.
                    _client.ControlSetFaults(new Faults { SocketCandidateCycle = true }, "leaky");
                    _repair = false;
                    Operation<Room> leaking = _client.ConnectAsync("ref://local/leaky", "me", new RoomOptions());
                    Left(leaking.Wait(_patience), "hang", delegate { return "a connect never ends"; });
                    break;
                case "thread":
                    Thread thread = new Thread(delegate() { Thread.Sleep(Timeout.Infinite); }) { Name = "kept", IsBackground = true };
                    thread.Start();
                    break;
                case "managed":
                    keep.Add(new byte[500000]);
                    break;
                case "memory":
                    IntPtr memory = Marshal.AllocHGlobal(500000);
                    Marshal.Copy(new byte[500000], 0, memory, 500000);
                    break;
                case "crash":
                    Crash();
                    break;
                default:
                    throw new ArgumentException("Nothing is known of a leak called " + what + ".");
            }
        }

        /// <summary>A writer that is dropped without being closed, on a thread that is not the library's.</summary>
        private void Crash()
        {
            _client.ControlSetFaults(new Faults { DropNeedsRuntime = true }, "leaky");
            Operation<Room> connecting = _client.ConnectAsync("ref://local/leaky", "me", new RoomOptions());
            Left(connecting.Wait(_patience), "hang", delegate { return "a connect never ends"; });
            Operation<TextStreamWriter> opening = connecting.Result.LocalParticipant.OpenTextStreamAsync(new StreamTextOptions { Topic = "t" });
            Left(opening.Wait(_patience), "hang", delegate { return "a stream is never open"; });
            NativeMethods.reference_ffi_drop_handle(opening.Result.Core.Handle.Id);
        }
    }
}
