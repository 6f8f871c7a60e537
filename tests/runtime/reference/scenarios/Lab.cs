// What the scenarios share: checks that name their rule, one client with what it reports, and the server's own
// account of what is alive and in which order it was dropped.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    /// <summary>A rule of the generated code does not hold; the message begins with the rule.</summary>
    public sealed class RuleBrokenException : Exception
    {
        public RuleBrokenException(string rule, string message)
            : base(rule + " is broken: " + message)
        {
        }
    }

    public static class Check
    {
        public static void That(string rule, bool holds, string otherwise)
        {
            if (!holds)
            {
                throw new RuleBrokenException(rule, otherwise);
            }
        }

        public static void Equal<T>(string rule, T expected, T actual, string what)
        {
            That(rule, EqualityComparer<T>.Default.Equals(expected, actual), what + ": expected " + expected + ", found " + actual);
        }

        public static void Same<T>(string rule, IEnumerable<T> expected, IEnumerable<T> actual, string what)
        {
            Equal(rule, string.Join(" ", expected), string.Join(" ", actual), what);
        }

        public static T Throws<T>(string rule, Action action, string what)
            where T : Exception
        {
            try
            {
                action();
            }
            catch (T error)
            {
                return error;
            }
            catch (Exception error)
            {
                throw new RuleBrokenException(rule, what + ": expected " + typeof(T).Name + ", found " + error);
            }

            throw new RuleBrokenException(rule, what + ": expected " + typeof(T).Name + ", and nothing was thrown");
        }

        /// <summary>Polls to a deadline.</summary>
        public static void Soon(string rule, Func<bool> holds, string otherwise)
        {
            Soon(rule, holds, delegate { return otherwise; });
        }

        public static void Soon(string rule, Func<bool> holds, Func<string> otherwise)
        {
            if (!Scenario.Until(holds, Lab.DeadlineMilliseconds))
            {
                throw new RuleBrokenException(rule, otherwise());
            }
        }

        /// <summary>Waits for an operation, so that one that never ends is a failure and not a hang.</summary>
        public static T Ends<T>(string rule, Operation<T> operation, string what)
        {
            That(rule, operation.Wait(Lab.DeadlineMilliseconds), what + " never ended");
            return operation.Result;
        }

        public static void Ends(string rule, Operation operation, string what)
        {
            That(rule, operation.Wait(Lab.DeadlineMilliseconds), what + " never ended");
        }
    }

    /// <summary>One client, and everything that is asked of the server about it.</summary>
    public sealed class Lab : IDisposable
    {
        /// <summary>How long anything may take; shorter where a deadline is expected to pass.</summary>
        public static readonly int DeadlineMilliseconds =
            int.Parse(Environment.GetEnvironmentVariable("SCENARIO_DEADLINE") ?? "20000");

        private static readonly Dictionary<string, HandleKind> KindNames = new Dictionary<string, HandleKind>
        {
            { "room", HandleKind.Room },
            { "participant", HandleKind.Participant },
            { "publication", HandleKind.TrackPublication },
            { "track", HandleKind.Track },
            { "placeholder", HandleKind.Track },
            { "audio_source", HandleKind.AudioSource },
            { "video_source", HandleKind.VideoSource },
            { "audio_stream", HandleKind.AudioStream },
            { "video_stream", HandleKind.VideoStream },
            { "audio_frame", HandleKind.AudioFrameBuffer },
            { "video_frame", HandleKind.VideoBuffer },
            { "data_buffer", HandleKind.Buffer },
            { "audio_resampler", HandleKind.AudioResampler },
            { "byte_stream_reader", HandleKind.ByteStreamReader },
            { "text_stream_reader", HandleKind.TextStreamReader },
            { "byte_stream_writer", HandleKind.ByteStreamWriter },
            { "text_stream_writer", HandleKind.TextStreamWriter },
        };

        private readonly Dictionary<ulong, ulong> _parents = new Dictionary<ulong, ulong>();
        private readonly Dictionary<ulong, HandleKind> _kinds = new Dictionary<ulong, HandleKind>();
        private readonly List<DiagnosticEventArgs> _reports = new List<DiagnosticEventArgs>();

        public Lab(string room = "lab")
        {
            RoomName = room;
            Check.Equal("L24", 0, LiveHandles.Total, "handles before the client started");
            Diagnostics.Reported += Report;
            Client = ReferenceClient.Initialize();
            Client.ControlDiagnostics(true);
        }

        public ReferenceClient Client { get; private set; }

        public string RoomName { get; private set; }

        public Room Room { get; private set; }

        public AudioSource Microphone { get; private set; }

        public VideoSource Camera { get; private set; }

        public LocalTrackPublication MicrophonePublication { get; private set; }

        public LocalTrackPublication CameraPublication { get; private set; }

        /// <summary>Reasons with which the room said that it ended.</summary>
        public List<DisconnectReason> Ends { get; } = new List<DisconnectReason>();

        public List<DiagnosticEventArgs> Reports
        {
            get
            {
                lock (_reports)
                {
                    return new List<DiagnosticEventArgs>(_reports);
                }
            }
        }

        public ulong IdOf(NativeObject o)
        {
            return o.Core.Handle.Id;
        }

        /// <summary>Connects; the end of the room is written down.</summary>
        public Room Connect(Action<Room> configure = null, string room = null, string identity = "me")
        {
            Scenario.Stage("connect");
            Operation<Room> connecting = Client.ConnectAsync(
                "ref://local/" + (room ?? RoomName),
                identity,
                new RoomOptions(),
                delegate(Room r)
                {
                    r.Disconnected += delegate(object sender, DisconnectedEventArgs e)
                    {
                        lock (Ends)
                        {
                            Ends.Add(e.Reason);
                        }
                    };
                    if (configure != null)
                    {
                        configure(r);
                    }
                });
            Room connected = Check.Ends("L14", connecting, "connect");
            Room = Room ?? connected;
            return connected;
        }

        /// <summary>Publishes a microphone and a camera.</summary>
        public void Publish()
        {
            Scenario.Stage("publish");
            Microphone = Client.NewAudioSource(sampleRate: 48000, numChannels: 1);
            Camera = Client.NewVideoSource(new VideoSourceResolution { Width = 16, Height = 16 });
            MicrophonePublication = Publish(Client.CreateAudioTrack("microphone", Microphone), TrackSource.Microphone);
            CameraPublication = Publish(Client.CreateVideoTrack("camera", Camera), TrackSource.Camera);
        }

        public LocalTrackPublication Publish(LocalTrack track, TrackSource source, bool leaveOpen = false)
        {
            return Check.Ends(
                "L14",
                Room.LocalParticipant.PublishTrackAsync(track, new TrackPublishOptions { Source = source }, leaveOpen),
                "publish_track");
        }

        /// <summary>Another participant joins with a microphone and a camera, and both are subscribed.</summary>
        public RemoteParticipant Join(string identity = "other")
        {
            Client.ControlJoin(RoomName, identity);
            Client.ControlPublish(RoomName, identity, "microphone", TrackKind.Audio, TrackSource.Microphone);
            Client.ControlPublish(RoomName, identity, "camera", TrackKind.Video, TrackSource.Camera);
            return Subscribed(identity);
        }

        /// <summary>Waits until a participant's two tracks are there.</summary>
        public RemoteParticipant Subscribed(string identity = "other")
        {
            RemoteParticipant found = null;
            Check.Soon(
                "L23",
                delegate
                {
                    found = Room.RemoteParticipants.FirstOrDefault(p => p.Identity == identity);
                    return found != null && found.RemoteTrackPublications.Count == 2
                        && found.RemoteTrackPublications.All(p => p.RemoteTrack != null);
                },
                delegate { return identity + " has not its two tracks in the tree of the room"; });
            return found;
        }

        /// <summary>Remembers who stands under whom now: each must be dropped once, and before what it stands under.</summary>
        public void NoteTree()
        {
            foreach (ObjectCore root in Client.Tree.Roots())
            {
                Note(root);
            }
        }

        /// <summary>What the server and the client say is alive is the same, and it is this many of each.</summary>
        public void Alive(
            int rooms = 0,
            int participants = 0,
            int publications = 0,
            int tracks = 0,
            int audioSources = 0,
            int videoSources = 0,
            int audioStreams = 0,
            int videoStreams = 0,
            int audioFrames = 0,
            int dataBuffers = 0,
            int byteBoxes = 0,
            int other = 0,
            string rule = "L24")
        {
            int total = rooms + participants + publications + tracks + audioSources + videoSources + audioStreams
                + videoStreams + audioFrames + dataBuffers + byteBoxes + other;
            string expected = "total=" + total + " rooms=" + rooms + " participants=" + participants + " tracks=" + tracks
                + " publications=" + publications + " video_sources=" + videoSources + " audio_sources=" + audioSources
                + " video_streams=" + videoStreams + " audio_streams=" + audioStreams + " audio_frames=" + audioFrames
                + " data_buffers=" + dataBuffers + " byte_boxes=" + byteBoxes + " other=" + other;
            string server = null;
            string client = null;
            Check.Soon(
                rule,
                delegate
                {
                    server = Client.ControlDiagnostics().Line.Replace("[ffi-handles-diag] ", string.Empty);
                    client = LiveHandles.Line();
                    return server == expected && client == expected;
                },
                delegate { return "what is alive: expected " + expected + "; the server says " + server + "; the client says " + client; });
        }

        /// <summary>
        /// After the end: nothing is alive, natively or here; sockets and tasks are back; what was noted was dropped once,
        /// children first; and nothing was dropped that was not known.
        /// </summary>
        public void NothingLeft(string rule = "L4")
        {
            Scenario.Stage("nothing is left");
            Alive(rule: rule);
            Check.Equal(rule, 0, Client.Tree.Roots().Count, "roots in the client's tree");
            ControlDiagnosticsResponse now = null;
            Check.Soon(
                "L5",
                delegate
                {
                    now = Client.ControlDiagnostics();
                    return now.Sockets.Count == 0 && now.Sessions == 0 && now.Tasks.All(t => t.Name == "logs");
                },
                delegate
                {
                    return "of the session remain: sockets " + string.Join(", ", now.Sockets.Select(s => s.Name))
                        + "; tasks " + string.Join(", ", now.Tasks.Select(t => t.Name)) + "; sessions " + now.Sessions;
                });
            DropsAreRight(now.Drops);
        }

        /// <summary>Each drop was of a known handle, none came twice, and children came first.</summary>
        public void DropsAreRight(IEnumerable<DropRecord> drops)
        {
            Dictionary<ulong, int> at = new Dictionary<ulong, int>();
            foreach (DropRecord drop in drops)
            {
                Check.That("L4", drop.Known, "handle " + drop.Id + " was dropped and not known (" + drop.Kind + ")");
                Check.That("L4", !at.ContainsKey(drop.Id), drop.Kind + " " + drop.Id + " was dropped twice");
                at.Add(drop.Id, at.Count);
                HandleKind noted;
                if (_kinds.TryGetValue(drop.Id, out noted))
                {
                    Check.Equal("L1", KindNames[drop.Kind], noted, "kind of the owner of " + drop.Kind + " " + drop.Id);
                }
            }

            foreach (KeyValuePair<ulong, HandleKind> noted in _kinds)
            {
                Check.That("L1", at.ContainsKey(noted.Key), noted.Value + " " + noted.Key + " was never dropped");
            }

            foreach (KeyValuePair<ulong, ulong> pair in _parents)
            {
                Check.That(
                    "L4",
                    at[pair.Key] < at[pair.Value],
                    _kinds[pair.Value] + " " + pair.Value + " was dropped before its child " + _kinds[pair.Key] + " " + pair.Key);
            }
        }

        /// <summary>Keeps the dispatch thread in a handler until what is returned is set. There must be an "other".</summary>
        public ManualResetEvent KeepBusy()
        {
            ManualResetEvent busy = new ManualResetEvent(false);
            ManualResetEvent go = new ManualResetEvent(false);
            Room.ParticipantMetadataChanged += delegate
            {
                busy.Set();
                go.WaitOne(DeadlineMilliseconds);
            };
            Client.ControlUpdate(RoomName, "other", "wait");
            Check.That("L21", busy.WaitOne(DeadlineMilliseconds), "the handler did not run");
            return go;
        }

        /// <summary>Kinds in the order in which they were dropped.</summary>
        public List<string> Dropped()
        {
            return Client.ControlDiagnostics().Drops.Select(d => d.Kind).ToList();
        }

        public void EndedOnce(DisconnectReason reason)
        {
            Check.Soon("L5", delegate { return Ends.Count > 0; }, "the room ended and Disconnected was not raised");
            lock (Ends)
            {
                Check.Same("L5", new[] { reason }, Ends, "reasons of Disconnected");
            }
        }

        public void NothingReported(string rule = "L11")
        {
            Check.Same(rule, new string[0], Reports.Select(r => r.Message), "what Diagnostics reported");
        }

        /// <summary>Ends the client. Whatever a scenario expects of the end is to be checked before.</summary>
        public void Dispose()
        {
            Client.Dispose();
            Diagnostics.Reported -= Report;
        }

        private void Report(object sender, DiagnosticEventArgs e)
        {
            lock (_reports)
            {
                _reports.Add(e);
            }
        }

        private void Note(ObjectCore core)
        {
            ulong id = core.Handle.Id;
            _kinds[id] = core.Handle.Kind;
            for (ObjectCore child = core.FirstChild; child != null; child = child.NextSibling)
            {
                _parents[child.Handle.Id] = id;
                Note(child);
            }
        }
    }
}
