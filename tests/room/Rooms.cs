// A room as an SDK would use it: what comes in is watched and counted, and how it ended is kept.
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GenBindings.Harness;
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;

namespace LiveKitLab
{
    /// <summary>A connected room with its books.</summary>
    internal sealed class Rooms
    {
        public const int Patience = 20000;

        private int _audioFrames;
        private int _videoFrames;
        private int _streamEnds;
        private int _unsubscribed;

        private Rooms(Director director)
        {
            Director = director;
        }

        public Director Director { get; }

        public Room Room { get; private set; }

        /// <summary>Reasons of the ends that were announced; exactly one in the end.</summary>
        public List<string> Ends { get; } = new List<string>();

        /// <summary>Names of events, in the order in which they came.</summary>
        public List<string> Happened { get; } = new List<string>();

        public int AudioFrames => Volatile.Read(ref _audioFrames);

        public int VideoFrames => Volatile.Read(ref _videoFrames);

        public int StreamEnds => Volatile.Read(ref _streamEnds);

        public int Unsubscribed => Volatile.Read(ref _unsubscribed);

        public static RoomOptions Options => new RoomOptions { AutoSubscribe = true, Dynacast = false, JoinRetries = 0 };

        /// <summary>Connects, and puts a stream on each track that comes.</summary>
        public static Rooms Connect(LiveKitClient client, Director director, string who = "unity", string room = "room")
        {
            var made = new Rooms(director);
            var token = (string)director.Ask("token", "who", who, "room", room);
            Operation<Room> connect = client.ConnectAsync((string)director.Arguments["url"], token, Options, made.Attach);
            Lab.Check(connect.Wait(Patience), "a connection");
            made.Room = connect.Result;
            return made;
        }

        public void WaitForFrames(int audio, int video)
        {
            int heard = AudioFrames;
            int seen = VideoFrames;
            Until(() => AudioFrames >= heard + audio && VideoFrames >= seen + video, audio + " and " + video + " more frames");
        }

        public void WaitFor(string happened, int times = 1)
        {
            Until(
                delegate
                {
                    lock (Happened)
                    {
                        return Happened.Count(name => name == happened) >= times;
                    }
                },
                happened + ", " + times + " times");
        }

        public void Until(System.Func<bool> condition, string expectation)
        {
            if (!Scenario.Until(condition, Patience))
            {
                lock (Happened)
                {
                    throw new Failure("expected: " + expectation + "; happened: " + string.Join(", ", Happened.ToArray()));
                }
            }
        }

        /// <summary>Leaves, and expects one end, by this client.</summary>
        public void Leave()
        {
            Operation leave = Room.DisconnectAsync();
            Lab.Check(leave.Wait(Patience), "the end of the room");
            Ended(DisconnectReason.ClientInitiated);
        }

        /// <summary>The room is over, was said to be once, and nothing of it is left.</summary>
        public void Ended(DisconnectReason reason)
        {
            Until(() => Room.IsDisposed && Ends.Count > 0, "the end of the room");
            Lab.Same(reason.ToString(), string.Join(", ", Ends.ToArray()), "reasons of the end");
            foreach (HandleKind kind in new[]
            {
                HandleKind.Room, HandleKind.Participant, HandleKind.TrackPublication, HandleKind.Track, HandleKind.AudioStream, HandleKind.VideoStream,
            })
            {
                Lab.Same(0, LiveHandles.Count(kind), "live handles of " + kind);
            }
        }

        private void Attach(Room room)
        {
            Room = room;
            room.Disconnected += (sender, e) => Ends.Add(e.Reason.ToString());
            room.TrackSubscribed += (sender, e) => Watch(e.Track);
            room.TrackUnsubscribed += (sender, e) => Interlocked.Increment(ref _unsubscribed);
            room.ParticipantConnected += (sender, e) => Note("participant connected");
            room.ParticipantDisconnected += (sender, e) => Note("participant disconnected");
            room.LocalTrackPublished += (sender, e) => Note("local track published");
            room.LocalTrackUnpublished += (sender, e) => Note("local track unpublished");
            room.LocalTrackRepublished += (sender, e) => Note("local track republished");
            room.TrackPublished += (sender, e) => Note("track published");
            room.TrackUnpublished += (sender, e) => Note("track unpublished");
            room.Reconnecting += (sender, e) => Note("reconnecting");
            room.Reconnected += (sender, e) => Note("reconnected");
        }

        private void Note(string happened)
        {
            lock (Happened)
            {
                Happened.Add(happened);
            }
        }

        private void Watch(RemoteTrack track)
        {
            Note("track subscribed");
            if (track.Kind == TrackKind.Audio)
            {
                AudioStream stream = track.NewAudioStream();
                stream.FrameReceived += delegate(AudioStream sender, in AudioStreamFrameReceivedEventArgs e)
                {
                    Interlocked.Increment(ref _audioFrames);
                };
                stream.Ended += (sender, e) => Interlocked.Increment(ref _streamEnds);
            }
            else
            {
                VideoStream stream = track.NewVideoStream();
                stream.FrameReceived += delegate(VideoStream sender, in VideoStreamFrameReceivedEventArgs e)
                {
                    Interlocked.Increment(ref _videoFrames);
                };
                stream.Ended += (sender, e) => Interlocked.Increment(ref _streamEnds);
            }
        }
    }
}
