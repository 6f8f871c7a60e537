// Steps about clients, rooms and who is in them.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    internal sealed partial class Play
    {
        private string NewName(string what)
        {
            return what + Interlocked.Increment(ref _names);
        }

        private Room AnyRoom(Dice dice)
        {
            return dice.Pick(_client.Rooms.ToList());
        }

        private LocalParticipant AnyMe(Dice dice)
        {
            Room room = AnyRoom(dice);
            return room == null ? null : room.LocalParticipant;
        }

        /// <summary>Somebody whom the control requests made join: name of the room, and identity.</summary>
        private string[] AnyJoined(Dice dice)
        {
            string found = PickOf(dice, _joined);
            return found == null ? null : found.Split('/');
        }

        private void Connect(Dice dice)
        {
            Connect(dice, NewName("me"));
        }

        private void SameIdentity(Dice dice)
        {
            LocalParticipant me = AnyMe(dice);
            Connect(dice, me == null ? NewName("me") : me.Identity);
        }

        private void Connect(Dice dice, string identity)
        {
            Seat seat = new Seat { RoomName = RoomName(dice.Below(Rooms)) };
            bool first = false;
            lock (_gate)
            {
                first = _seats.Count == 0;
                _seats.Add(seat);
            }

            CancellationTokenSource cancellation = new CancellationTokenSource();
            Dice handlers = dice.Fork();
            seat.Connecting = Keep(_client.ConnectAsync(
                "ref://local/" + seat.RoomName,
                identity,
                new RoomOptions(),
                delegate(Room room) { Configure(room, seat, handlers); },
                cancellation.Token));
            if (!first && dice.OneIn(4))
            {
                return;
            }

            if (!first && dice.OneIn(6))
            {
                cancellation.Cancel();
                return;
            }

            // Not for ever: its callback may be held, or never come.
            Poll(delegate { return seat.Connecting.IsCompleted; }, Held(seat.RoomName) ? 1 : 30);
        }

        private bool Held(string roomName)
        {
            lock (_gate)
            {
                return _held.Contains(roomName);
            }
        }

        private void Configure(Room room, Seat seat, Dice dice)
        {
            room.Disconnected += delegate
            {
                Interlocked.Increment(ref seat.Ends);
                if (dice.OneIn(6))
                {
                    room.Dispose();
                }

                if (dice.OneIn(12))
                {
                    throw new InvalidOperationException(Own);
                }
            };
            room.ParticipantConnected += delegate(object sender, ParticipantConnectedEventArgs e)
            {
                if (e.RemoteParticipant != null && e.RemoteParticipant.Identity.StartsWith("late-", StringComparison.Ordinal))
                {
                    Saw("late participant");
                }

                if (dice.OneIn(30))
                {
                    throw new InvalidOperationException(Own);
                }
            };
            room.LocalTrackRepublished += delegate { Saw("republished"); };
            room.TrackSubscribed += delegate(object sender, TrackSubscribedEventArgs e)
            {
                if (e.Track != null && dice.OneIn(4))
                {
                    Try(delegate { OpenStream(dice, e.Track); });
                }
            };
            room.DataPacketReceived += delegate(object sender, DataPacketReceivedEventArgs e) { Received(dice, e); };
            room.TextStreamOpened += delegate(object sender, TextStreamOpenedEventArgs e) { Try(delegate { Opened(dice, e.Reader); }); };
            room.ByteStreamOpened += delegate(object sender, ByteStreamOpenedEventArgs e) { Try(delegate { Opened(dice, e.Reader); }); };
            if (dice.OneIn(40))
            {
                room.ParticipantActive += delegate { room.Dispose(); };
            }
        }

        private void Refused(Dice dice)
        {
            Keep(_client.ConnectAsync("refuse://local/x", NewName("me"), new RoomOptions()));
            if (dice.OneIn(2))
            {
                _client.ControlEndRoom("no such room");
            }
        }

        /// <summary>Somebody else joins with a track or two, and is subscribed to.</summary>
        private void Join(Dice dice)
        {
            Room there = AnyRoom(dice);
            string room = there == null ? RoomName(0) : there.Name;
            string identity = NewName("other");
            _client.ControlJoin(room, identity);
            lock (_gate)
            {
                _joined.Add(room + "/" + identity);
            }

            _client.ControlPublish(room, identity, "microphone", TrackKind.Audio, TrackSource.Microphone);
            if (dice.OneIn(2))
            {
                _client.ControlPublish(room, identity, "camera", TrackKind.Video, TrackSource.Camera);
            }

            if (dice.OneIn(2))
            {
                Poll(delegate { return RemoteTracks().Any(t => t.Key == identity); }, 20);
            }
        }

        private void Leave(Dice dice)
        {
            string[] joined = AnyJoined(dice);
            if (joined != null)
            {
                _client.ControlLeave(joined[0], joined[1]);
            }
        }

        private void Tell(Dice dice)
        {
            string[] joined = AnyJoined(dice);
            if (joined == null)
            {
                return;
            }

            switch (dice.Below(4))
            {
                case 0:
                    _client.ControlUpdate(joined[0], joined[1], NewName("metadata"), NewName("name"), quality: ConnectionQuality.Poor);
                    break;
                case 1:
                    _client.ControlUpdate(joined[0], null, NewName("metadata"));
                    break;
                case 2:
                    _client.ControlSpeakers(joined[0], new[] { joined[1] });
                    break;
                default:
                    _client.ControlEmitLog("a record");
                    break;
            }
        }

        private void Reconnect(Dice dice)
        {
            Room room = AnyRoom(dice);
            if (room != null)
            {
                _client.ControlReconnect(room.Name);
            }
        }

        private void Hold(Dice dice)
        {
            // A request that waits for its callback, or a close that waits for a room, waits for the release as well.
            if (_faults.Any(f => f.Sets("CallbackBeforeResponse") || f.Sets("RoomLookedUpLate")))
            {
                return;
            }

            string name = dice.OneIn(4) ? null : RoomName(dice.Below(Rooms));
            lock (_gate)
            {
                _held.Add(name ?? string.Empty);
            }

            _client.ControlHoldCallbacks(name);
        }

        private void Release(Dice dice)
        {
            ReleaseHeld(_client);
        }

        private void EndRoom(Dice dice)
        {
            Room room = AnyRoom(dice);
            if (room == null)
            {
                return;
            }

            if (dice.OneIn(2))
            {
                room.Dispose();
                return;
            }

            Operation leaving = Keep(room.DisconnectAsync());
            if (dice.OneIn(2))
            {
                Soon("ends", delegate { return leaving.IsCompleted; }, delegate { return "a disconnect never ends"; });
            }
        }

        private void ServerEnds(Dice dice)
        {
            _client.ControlEndRoom(RoomName(dice.Below(Rooms)), DisconnectReason.RoomDeleted);
        }

        private void Panic(Dice dice)
        {
            _client.ControlPanicEvent("a panic");
        }

        /// <summary>Bytes that cannot be read, some of which name handles that the library does not know.</summary>
        private void Malformed(Dice dice)
        {
            ulong id = NoHandle + dice.Next() % NoHandle;
            byte[] whole = Raw.Connected(id, id + 1, id + 2);
            for (int n = 1 + dice.Below(4); n > 0; n--)
            {
                byte[] bytes = whole.Take(dice.Below(whole.Length)).ToArray();
                if (bytes.Length > 2)
                {
                    bytes[dice.Below(bytes.Length)] = (byte)dice.Below(256);
                }

                Raw.Deliver(bytes);
            }
        }

        /// <summary>As a domain reload does: the client ends with everything under way, and another one starts.</summary>
        private void NewClient(Dice dice)
        {
            // What a connect brings to nobody stays in the library; one that is held is discarded with the library.
            Poll(
                delegate
                {
                    ControlDiagnosticsResponse now = _client.ControlDiagnostics();
                    return now.Tasks.Where(t => t.Name == "operation").Sum(t => t.Count) <= now.HeldCallbacks;
                },
                _patience);
            _client.Dispose();
            // Frames are structs, which no client can find.
            ReleaseKept();
            Left(LiveHandles.Total == 0, "handles", delegate { return "alive after the client: " + LiveHandles.Line(); });
            OperationsAreOver();
            EndsAreRight();
            lock (_gate)
            {
                _seats.Clear();
                _roots.Clear();
                _operations.Clear();
                _joined.Clear();
                _held.Clear();
            }

            Begin();
            Connect(dice);
        }

        /// <summary>A track and a source that nobody holds any more, and a room that only the client holds.</summary>
        private void Abandon(Dice dice)
        {
            _abandoned = true;
            string name = RoomName(0);
            // A stack of its own, of which nothing is left for a collector that looks at stacks conservatively.
            Thread thread = new Thread(delegate()
            {
                try
                {
                    Operation<Room> connecting = _client.ConnectAsync("ref://local/" + name, NewName("lost"), new RoomOptions());
                    connecting.Wait(20);
                    _client.CreateAudioTrack("lost", _client.NewAudioSource());
                }
                catch (ReferenceException)
                {
                }
            });
            thread.Start();
            Left(thread.Join(_patience), "hang", delegate { return "a connect hangs"; });
        }
    }
}
