// A whole session, the same under every fault, with each rule that it can check in a step of its own.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    public sealed class Whole
    {
        private readonly string _fault;
        private readonly Lab _lab = new Lab();
        private readonly List<string> _held = new List<string>();
        private readonly List<string> _thrown = new List<string>();
        private readonly HashSet<string> _threads = new HashSet<string>();
        private readonly List<string> _draining = new List<string>();
        private readonly List<DataBuffer> _packets = new List<DataBuffer>();
        private readonly List<string> _seen = new List<string>();
        private TextStreamReader _reader;
        private Operation<string> _reading;
        private string _state;
        private int _republished;

        private Whole(string fault)
        {
            _fault = fault;
        }

        private ReferenceClient Client
        {
            get { return _lab.Client; }
        }

        private Room Room
        {
            get { return _lab.Room; }
        }

        private RemoteParticipant Other
        {
            get { return Room.RemoteParticipants.Single(p => p.Identity == "other"); }
        }

        /// <summary>Whether asynchronous operations are answered.</summary>
        private bool Answers
        {
            get { return _fault != "callback_never"; }
        }

        /// <summary>A session under each fault: the rules that held, or what broke the first that did not.</summary>
        public static string Sessions(string arguments)
        {
            Dictionary<string, object> result = new Dictionary<string, object>();
            foreach (object fault in (List<object>)((Dictionary<string, object>)Json.Parse(arguments))["faults"])
            {
                Scenario.Stage(fault.ToString());
                Whole session = null;
                try
                {
                    session = new Whole(fault.ToString());
                    session.Run();
                    result[session._fault] = session._held;
                }
                catch (Exception error)
                {
                    result[fault.ToString()] = error.ToString();
                    if (session != null)
                    {
                        session._lab.Dispose();
                    }
                }
            }

            return Json.Text(result);
        }

        private void Run()
        {
            Step("L3", Refusal);
            if (_fault == "ready_times_out")
            {
                Strike();
            }

            if (Answers)
            {
                Switch(new Faults { CallbackBeforeResponse = true });
                Step("L14", delegate { Connect(); });
                Switch(new Faults());
                Step("L19", Presence);
            }
            else
            {
                Connect();
            }

            _lab.Publish();
            _lab.Join();
            Switch(new Faults());
            Step("L24", Counted);
            Step("L18 L21 L23", Update);
            Step("L2 L22", Packet);
            Step("L1 L15", Frames);
            Step("L8", Late);
            Step("L9", Taken);
            Step("L7", Leave);
            Step("L10", Republished);
            Step("L11", Throwing);
            Step("L12", Abandoned);
            Step("L13", Used);
            Step("L4 L5 L6", End);
            Step("L16 L17", Again);
        }

        private void Step(string rules, Action check)
        {
            Scenario.Stage(_fault + " " + rules);
            if (_fault == "malformed_bytes")
            {
                Raw.Deliver(new byte[] { 0x0a, 0x7f, 1 });
                Raw.Deliver(new byte[] { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff });
            }

            check();
            _held.AddRange(rules.Split(' '));
        }

        /// <summary>Switches the session's fault on, together with another one that a rule asks for.</summary>
        private void Switch(Faults faults)
        {
            switch (_fault)
            {
                case "callback_before_response": faults.CallbackBeforeResponse = true; break;
                case "dirty_bool": faults.DirtyBool = true; break;
                case "republished_handle_is_new": faults.RepublishedHandleIsNew = true; break;
                case "room_looked_up_late": faults.RoomLookedUpLate = true; break;
                case "publication_never_named": faults.PublicationNeverNamed = true; break;
                case "disconnected_lost": faults.DisconnectedLost = true; break;
                case "end_of_stream_lost": faults.EndOfStreamLost = true; break;
                case "disconnect_callback_lost": faults.DisconnectCallbackLost = true; break;
                case "close_takes_ms": faults.CloseTakesMs = 30; break;
                case "callback_held": faults.CallbackDelayMs = 5; break;
                case "callback_never": faults.CallbackFate = Room == null || _lab.CameraPublication == null ? CallbackFate.Normal : CallbackFate.Never; break;
                case "callback_twice": faults.CallbackFate = CallbackFate.Twice; break;
                case "drop_needs_runtime": faults.DropNeedsRuntime = true; break;
                case "socket_candidate_cycle": faults.SocketCandidateCycle = true; break;
                case "socket_checklist_kept": faults.SocketChecklistKept = true; break;
                case "socket_selected_pair_kept": faults.SocketSelectedPairKept = true; break;
                case "socket_mdns_query_kept": faults.SocketMdnsQueryKept = true; break;
                case "socket_dtls_task_stuck": faults.SocketDtlsTaskStuck = true; break;
            }

            Client.ControlSetFaults(faults);
        }

        /// <summary>
        /// The connect whose handshake times out, and the panic that ends whatever else is open; the session comes after it.
        /// </summary>
        private void Strike()
        {
            Client.ControlSetFaults(new Faults { ReadyTimesOut = true }, "struck");
            List<DisconnectReason> ends = new List<DisconnectReason>();
            Operation<Room> beside = Client.ConnectAsync(
                "ref://local/beside",
                "me",
                new RoomOptions(),
                delegate(Room room) { room.Disconnected += delegate(object sender, DisconnectedEventArgs e) { ends.Add(e.Reason); }; });
            Check.Ends("L5", beside, "connect");
            Operation<Room> lost = Client.ConnectAsync(
                "ref://local/struck",
                "me",
                new RoomOptions(),
                delegate { Scenario.Until(delegate { return Client.ControlDiagnostics().Handles.Rooms == 1; }, Lab.DeadlineMilliseconds); });
            Check.Throws<ReferenceException>("L5", delegate { lost.Wait(Lab.DeadlineMilliseconds); }, "a connect whose handshake times out");
            Check.Soon("L5", delegate { return ends.Count > 0; }, "the room beside did not end with the panic");
            Level("L5", 0);
            Check.Same("L5", new[] { DisconnectReason.UnknownReason }, ends, "reasons of Disconnected beside");
            // The library had released the room whose handshake timed out by itself.
            Client.ControlDiagnostics(true);
        }

        private void Connect()
        {
            _lab.Connect(delegate(Room room)
            {
                room.ParticipantMetadataChanged += delegate(object sender, ParticipantMetadataChangedEventArgs e)
                {
                    Note();
                    _state = e.Participant.Metadata;
                    _seen.Add(e.Metadata);
                };
                room.DataPacketReceived += delegate(object sender, DataPacketReceivedEventArgs e)
                {
                    Note();
                    if (e.Data != null && e.Data.Data.Length == 3 && e.Data.Data[1] == 2)
                    {
                        _packets.Add(e.Data);
                    }
                };
                room.TextStreamOpened += delegate(object sender, TextStreamOpenedEventArgs e)
                {
                    if (e.Reader.Topic == "whole")
                    {
                        _reading = e.Reader.ReadAllAsync();
                        Volatile.Write(ref _reader, e.Reader);
                    }
                };
                room.ParticipantConnected += delegate(object sender, ParticipantConnectedEventArgs e)
                {
                    Note();
                    if (e.RemoteParticipant.Identity == "thrown at")
                    {
                        throw new InvalidOperationException("thrown");
                    }
                };
                room.ParticipantDisconnected += delegate(object sender, ParticipantDisconnectedEventArgs e)
                {
                    if (e.Participant != null && e.Participant.Identity == "thrown at")
                    {
                        throw new InvalidOperationException("thrown too");
                    }
                };
                room.LocalTrackRepublished += delegate { _republished++; };
                room.LocalTrackUnpublished += delegate(object sender, LocalTrackUnpublishedEventArgs e) { _draining.Add(e.Publication.Name); };
                room.Disconnected += delegate
                {
                    Note();
                    _draining.Add("end");
                };
            });
        }

        private void Note()
        {
            lock (_threads)
            {
                _threads.Add(Thread.CurrentThread.Name);
            }
        }

        private void Refusal()
        {
            ulong before = Client.ControlDiagnostics().ResponseBuffersDropped;
            ReferenceException error = Check.Throws<ReferenceException>(
                "L3", delegate { Client.ControlMute("no such room", "TR_x", true); }, "a request that the library refuses");
            Check.Equal("L3", "control_mute", error.Operation, "the operation of the error");
            Client.ControlJoin("empty", "x");
            Client.ControlLeave("empty", "x");
            Check.Equal("L3", before + 3, Client.ControlDiagnostics().ResponseBuffersDropped, "response buffers that were released");
        }

        /// <summary>A field that was set to its default is sent.</summary>
        private void Presence()
        {
            Client.ControlJoin("apart", "other");
            Client.ControlPublish("apart", "other", "microphone", TrackKind.Audio, TrackSource.Microphone);
            Operation<Room> connecting = Client.ConnectAsync("ref://local/apart", "me", new RoomOptions { AutoSubscribe = false });
            Check.Ends("L19", connecting, "connect");
            bool told = false;
            connecting.Result.ParticipantMetadataChanged += delegate { told = true; };
            Client.ControlUpdate("apart", "other", "m");
            Check.Soon("L19", delegate { return told; }, "no event came");
            Check.That("L19", connecting.Result.RemoteParticipants[0].RemoteTrackPublications[0].RemoteTrack == null, "a track was subscribed that nobody asked for");
            Check.Ends("L5", connecting.Result.DisconnectAsync(), "disconnect");
            Client.ControlLeave("apart", "other");
        }

        private void Update()
        {
            const string Text = "Zoë 𝄞 \u0000 end";
            Client.ControlUpdate(_lab.RoomName, "other", Text);
            Check.Soon("L23", delegate { return _seen.Count > 0; }, "the metadata did not change");
            Check.Equal("L18", Text, _seen[0], "the text that crossed");
            Check.Equal("L23", Text, _state, "the state in the handler");
            Client.ControlHoldCallbacks(_lab.RoomName);
            Operation naming = Room.LocalParticipant.SetLocalNameAsync("n");
            bool done = false;
            naming.GetAwaiter().OnCompleted(delegate
            {
                Note();
                Volatile.Write(ref done, true);
            });
            if (!Answers)
            {
                naming.Cancel();
            }

            Client.ControlReleaseCallbacks(_lab.RoomName);
            Check.Soon("L21", delegate { return Volatile.Read(ref done); }, "nothing went on after an operation");
            Check.Same("L21", new[] { "ReferenceClient dispatch" }, _threads, "threads of handlers and continuations");
        }

        private void Packet()
        {
            Client.ControlSendData(_lab.RoomName, "other", new byte[] { 1, 2, 3 });
            Check.Soon("L2", delegate { return _packets.Count == 1 && LiveHandles.Count(HandleKind.Buffer) == 0; }, "a packet that nobody claimed is still alive");
            Check.Soon("L2", delegate { return Client.ControlDiagnostics().Kinds.All(k => k.Name != "data_buffer"); }, "the library still holds the packet");
            Check.Throws<ObjectDisposedException>("L22", delegate { _packets[0].Data.ToArray(); }, "memory of a packet that is over");
        }

        private void Frames()
        {
            RemoteTrackPublication publication = Other.RemoteTrackPublications.Single(p => p.Kind == TrackKind.Audio);
            AudioStream stream = publication.RemoteTrack.NewAudioStream();
            List<AudioFrame> frames = new List<AudioFrame>();
            stream.FrameReceived += delegate(AudioStream sender, in AudioStreamFrameReceivedEventArgs e)
            {
                lock (frames)
                {
                    frames.Add(e.AudioFrame);
                }

                throw new InvalidOperationException("frame");
            };
            _thrown.AddRange(new[] { "frame", "frame" });
            Client.ControlEmitFrames(_lab.RoomName, publication.Sid, 1);
            Check.Soon("L15", delegate { lock (frames) { return frames.Count == 1; } }, "no frame");
            Scenario.CollectGarbage();
            Client.ControlEmitFrames(_lab.RoomName, publication.Sid, 1);
            Check.Soon("L15", delegate { lock (frames) { return frames.Count == 2; } }, "no second frame after a handler that threw");
            Check.Soon("L1", delegate { return LiveHandles.Count(HandleKind.AudioFrameBuffer) == 0; }, "a frame that nobody claimed is still alive");
            Check.Throws<ObjectDisposedException>("L1", delegate { frames[0].Data.ToArray(); }, "a stale copy of a frame");
            stream.Dispose();
        }

        /// <summary>A stream and a connect that were given up before their callbacks came, if they come at all.</summary>
        private void Late()
        {
            int before = LiveHandles.Total;
            Client.ControlHoldCallbacks(_lab.RoomName);
            Client.ControlHoldCallbacks("elsewhere");
            Operation[] late =
            {
                Room.LocalParticipant.OpenTextStreamAsync(new StreamTextOptions { Topic = "t" }),
                Client.ConnectAsync("ref://local/elsewhere", "me", new RoomOptions()),
            };
            Check.Soon("L8", delegate { return Client.ControlDiagnostics().HeldCallbacks == late.Length; }, "not every callback is held");
            foreach (Operation operation in late)
            {
                operation.Cancel();
                Check.Throws<OperationCanceledException>("L8", delegate { operation.Wait(Lab.DeadlineMilliseconds); }, "an operation that was cancelled");
            }

            Client.ControlReleaseCallbacks(_lab.RoomName);
            Client.ControlReleaseCallbacks("elsewhere");
            Check.Soon("L8", delegate { return Client.ControlDiagnostics().Sessions == 1; }, "a late connect stays connected");
            Level("L8", before);
        }

        private void Taken()
        {
            Client.ControlSendText(_lab.RoomName, "other", "whole", new[] { "x" });
            Check.Soon("L9", delegate { return Volatile.Read(ref _reader) != null; }, "the reader did not arrive");
            Check.Throws<ObjectDisposedException>("L9", delegate { _reader.ReadAllAsync(); }, "a reader that a request took");
            _reader.Dispose();
            if (Answers)
            {
                Check.Equal("L9", "x", Check.Ends("L9", _reading, "text_read_all"), "the text");
            }

            ulong taken = _lab.IdOf(_reader);
            Check.That("L9", Client.ControlDiagnostics().Drops.All(d => d.Id != taken), "a handle that a request took was dropped all the same");
        }

        private void Leave()
        {
            int before = LiveHandles.Total;
            RemoteParticipant leaving = _lab.Join("leaving");
            RemoteTrack track = leaving.RemoteTrackPublications[0].RemoteTrack;
            leaving.RemoteTrackPublications[1].SetSubscribed(false);
            Check.Soon("L7", delegate { return leaving.RemoteTrackPublications[1].RemoteTrack == null; }, "a track that was unsubscribed is still there");
            Level("L7", before + 4);
            Client.ControlLeave(_lab.RoomName, "leaving");
            Check.Soon("L7", delegate { return leaving.IsDisposed && track.IsDisposed; }, "the participant that left is still alive");
            Level("L7", before);
        }

        /// <summary>A number that hands a publication over, new the first time and known the second.</summary>
        private void Republished()
        {
            int before = LiveHandles.Total;
            ulong original = _lab.IdOf(_lab.MicrophonePublication);
            Switch(new Faults { RepublishedHandleIsNew = true });
            for (int round = 1; round <= 2; round++)
            {
                ulong known = _lab.IdOf(_lab.MicrophonePublication);
                Client.ControlReconnect(_lab.RoomName);
                Check.Soon("L10", delegate { return _republished == 2 * round; }, "the tracks were not published again");
                _lab.Subscribed();
                Check.Equal("L10", round == 1, known != _lab.IdOf(_lab.MicrophonePublication), "whether the handle is a new one");
                Level("L10", before);
            }

            Check.That("L10", Client.ControlDiagnostics().Drops.Any(d => d.Id == original), "the handle of before was not dropped");
            Switch(new Faults());
        }

        private void Throwing()
        {
            int before = LiveHandles.Total;
            _thrown.AddRange(new[] { "thrown", "thrown too" });
            Client.ControlJoin(_lab.RoomName, "thrown at");
            Client.ControlLeave(_lab.RoomName, "thrown at");
            Check.Soon("L11", delegate { return Reported().Contains("thrown too"); }, "what a handler threw did not surface");
            Level("L11", before);
            Client.ControlJoin(_lab.RoomName, "dropped");
            Check.Soon("L11", delegate { return Room.RemoteParticipants.Any(p => p.Identity == "dropped"); }, "nobody joined");
            RemoteParticipant other = Room.RemoteParticipants.Single(p => p.Identity == "dropped");
            Barrier start = new Barrier(8);
            List<Exception> wrong = new List<Exception>();
            Thread[] threads = Enumerable.Range(0, 8).Select(n => new Thread(delegate()
            {
                start.SignalAndWait();
                try
                {
                    other.Dispose();
                    other.Dispose();
                }
                catch (Exception error)
                {
                    lock (wrong)
                    {
                        wrong.Add(error);
                    }
                }
            })).ToArray();
            foreach (Thread thread in threads)
            {
                thread.Start();
            }

            foreach (Thread thread in threads)
            {
                Check.That("L11", thread.Join(Lab.DeadlineMilliseconds), "a thread hangs in Dispose");
            }

            Check.Same("L11", new Exception[0], wrong, "what Dispose threw");
            Level("L11", before);
            Client.ControlLeave(_lab.RoomName, "dropped");
        }

        /// <summary>The library does not know the handle any more, so the release says on which thread it was.</summary>
        private void Abandoned()
        {
            int before = LiveHandles.Total;
            string thread = null;
            string id = null;
            EventHandler<DiagnosticEventArgs> note = delegate(object sender, DiagnosticEventArgs e)
            {
                if (e.Message.Contains("did not know"))
                {
                    thread = Thread.CurrentThread.Name ?? "without a name";
                }
            };
            Diagnostics.Reported += note;
            Thread losing = new Thread(delegate() { id = Lose(); });
            losing.Start();
            losing.Join();
            Check.Soon(
                "L12",
                delegate
                {
                    GC.KeepAlive(new byte[100000]);
                    Client.ControlEmitLog("an event");
                    Scenario.CollectGarbage();
                    return LiveHandles.Total == before && thread != null;
                },
                "a source that was abandoned is still alive");
            Diagnostics.Reported -= note;
            Check.Equal("L12", "ReferenceClient release", thread, "the thread that called the library");
            Check.That("L12", _lab.Reports.Any(r => r.Message.StartsWith("AudioSource " + id + " was abandoned", StringComparison.Ordinal)), "no report names what was abandoned");
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private string Lose()
        {
            ulong id = _lab.IdOf(Client.NewAudioSource(sampleRate: 48000, numChannels: 1));
            NativeMethods.reference_ffi_drop_handle(id);
            return id.ToString();
        }

        private void Used()
        {
            AudioSource source = Client.NewAudioSource(sampleRate: 48000, numChannels: 1);
            LocalTrack track = Client.CreateAudioTrack("used", source);
            source.Dispose();
            Check.Equal(
                "L13",
                "AudioSource",
                Check.Throws<ObjectDisposedException>("L13", delegate { source.ClearAudioBuffer(); }, "a source that was disposed").ObjectName,
                "what the error names");
            if (Answers)
            {
                int before = LiveHandles.Total;
                Operation<LocalTrackPublication> publishing = Room.LocalParticipant.PublishTrackAsync(
                    track, new TrackPublishOptions { Source = TrackSource.ScreenshareAudio }, true);
                track.Dispose();
                Check.That("L13", publishing.Wait(Lab.DeadlineMilliseconds) && publishing.Error == null, "a track was not held until the callback");
                Check.Ends("L13", Room.LocalParticipant.UnpublishTrackAsync(publishing.Result, false), "unpublish_track");
                Level("L13", before - 1);
                Check.Soon("L13", delegate { return _draining.Count == 1; }, "the track was not unpublished");
                _draining.Clear();
            }
            else
            {
                track.Dispose();
            }
        }

        private void Counted()
        {
            // Room, two participants, four publications with their tracks, two sources.
            Level("L24", 13);
            ControlDiagnosticsResponse now = Client.ControlDiagnostics();
            if (_fault != "publication_never_named")
            {
                Check.Equal("L24", now.Line.Replace("[ffi-handles-diag] ", string.Empty), LiveHandles.Line(), "what the client says is alive");
            }
        }

        private void End()
        {
            _lab.NoteTree();
            if (_fault == "panic_event")
            {
                Client.ControlPanicEvent("all is lost");
            }
            else
            {
                ManualResetEvent go = _lab.KeepBusy();
                Operation leaving = Room.DisconnectAsync();
                go.Set();
                Check.Ends("L5", leaving, "disconnect");
                Check.Equal("L5", 2, LiveHandles.Total, "handles that are alive when DisconnectAsync completed");
            }

            DisconnectReason reason = _fault == "panic_event" ? DisconnectReason.UnknownReason : DisconnectReason.ClientInitiated;
            _lab.EndedOnce(reason);
            Check.Soon("L6", delegate { return _draining.Contains("end"); }, "Disconnected did not reach every handler");
            Check.Same("L6", new[] { "microphone", "camera", "end" }, _draining, "events after the request to disconnect");
            _lab.Microphone.Dispose();
            _lab.Camera.Dispose();
            Level("L4", 0);
            Check.Equal("L4", 0, Client.Tree.Roots().Count, "roots in the client's tree");
            if (!_fault.StartsWith("socket_", StringComparison.Ordinal))
            {
                Check.Soon(
                    "L5",
                    delegate
                    {
                        ControlDiagnosticsResponse now = Client.ControlDiagnostics();
                        return now.Sockets.Count == 0 && now.Sessions == 0;
                    },
                    "sockets or sessions remain");
            }

            // All but the source that the client was the second to drop.
            _lab.DropsAreRight(Client.ControlDiagnostics().Drops.Where(d => d.Known));
            Check.Equal("L4", 1, Client.ControlDiagnostics(true).Drops.Count(d => !d.Known), "drops of handles that are not known");
            _lab.EndedOnce(reason);
        }

        /// <summary>The client ends with a connect in flight, whose callback comes to the next one.</summary>
        private void Again()
        {
            Client.ControlHoldCallbacks("elsewhere");
            ulong older = PendingCalls.NextId() + 1;
            Operation<Room> lost = Client.ConnectAsync("ref://local/elsewhere", "me", new RoomOptions());
            Check.Soon("L16", delegate { return Client.ControlDiagnostics().HeldCallbacks == 1; }, "the connect is not held");
            Client.Dispose();
            Check.Throws<ObjectDisposedException>("L16", delegate { lost.Wait(Lab.DeadlineMilliseconds); }, "a connect whose client has ended");
            Check.Same("L11", Expected(), Reported(), "errors that surfaced");
            const ulong Wide = 0xFEDCBA9876543210UL;
            using (ReferenceClient next = ReferenceClient.Initialize())
            {
                Raw.Deliver(Raw.Connected(older, Wide, Wide - 1));
                Check.Soon("L16", delegate { return LiveHandles.Total == 0 && Dropped(next) >= 2; }, "what the callback of an older client brought is not released");
                Check.Same("L17", new[] { Wide - 1, Wide }, next.ControlDiagnostics().Drops.Select(d => d.Id).OrderBy(i => i), "the ids that the library was asked to drop");
                Check.Equal("L16", 0u, next.ControlDiagnostics().Handles.Rooms, "rooms of an older client");
            }

            _lab.Dispose();
        }

        private static int Dropped(ReferenceClient client)
        {
            return client.ControlDiagnostics().Drops.Count;
        }

        private IEnumerable<string> Expected()
        {
            return _thrown.OrderBy(m => m);
        }

        private IEnumerable<string> Reported()
        {
            return _lab.Reports.Where(r => r.Exception is InvalidOperationException).Select(r => r.Exception.Message).OrderBy(m => m);
        }

        /// <summary>Both sides count the same, and that many.</summary>
        private void Level(string rule, int total)
        {
            uint server = 0;
            Check.Soon(
                rule,
                delegate
                {
                    HandleCounts now = Client.ControlDiagnostics().Handles;
                    // The library has one for each that it never named.
                    server = _fault == "publication_never_named" ? now.Total - now.Publications + (uint)LiveHandles.Count(HandleKind.TrackPublication) : now.Total;
                    return LiveHandles.Total == total && server == total;
                },
                delegate { return "what is alive: expected " + total + "; the server says " + server + "; the client says " + LiveHandles.Line(); });
        }
    }
}
