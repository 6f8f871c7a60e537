// One meeting: connects, publishes, shows and plays what others publish, and leaves nothing behind.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Threading;
using UnityEngine;
#if MEET_LIVEKIT
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;
using Host = LiveKit.Ffi.Unity.LiveKitClientHost;
#else
using Reference.Ffi;
using Reference.Ffi.Messages;
using Host = Reference.Ffi.Unity.ReferenceClientHost;
#endif

namespace Meet
{
    public enum MeetingState
    {
        Apart,
        Connecting,
        Connected,
        Leaving,
    }

    public sealed class Meeting : MonoBehaviour
    {
        [SerializeField]
        [Tooltip("ref://local/NAME for the reference server, wss://HOST for LiveKit")]
        private string _url = "ref://local/meet";

        [SerializeField]
        [Tooltip("An identity for the reference server, an access token for LiveKit")]
        private string _token = "me";

        [SerializeField]
        private ToneMicrophone _microphone = null;

        [SerializeField]
        private PictureCamera _camera = null;

        private readonly CancellationTokenSource _gone = new CancellationTokenSource();
        private readonly List<RemoteVideo> _videos = new List<RemoteVideo>();
        private readonly List<RemoteVoice> _voices = new List<RemoteVoice>();

        public MeetingState State { get; private set; }

        /// <summary>Why the last attempt failed, or why the meeting ended; empty when neither happened.</summary>
        public string Notice { get; private set; } = string.Empty;

        /// <summary>The room, from the moment it is there until it has ended; else null.</summary>
        public Room Room { get; private set; }

        public IReadOnlyList<RemoteVideo> Videos
        {
            get { return _videos; }
        }

        public void Connect()
        {
            if (!Host.IsRunning)
            {
                Notice = "The client is not running; the console says why.";
            }
            else if (State == MeetingState.Apart)
            {
                StartCoroutine(Connecting());
            }
        }

        public void Disconnect()
        {
            if (State == MeetingState.Connected)
            {
                StartCoroutine(Disconnecting());
            }
        }

        private void Start()
        {
            Connect();
        }

        private void Update()
        {
            foreach (RemoteVideo video in _videos)
            {
                video.Show();
            }
        }

        // A scene change, the end of play mode and quitting all come through here. Nothing waits: the room ends in the
        // background, and what a connect that is still under way brings is released when it comes.
        private void OnDestroy()
        {
            _gone.Cancel();
            Room room = Room;
            Clear();
            if (room != null)
            {
                room.Dispose();
            }
        }

        private IEnumerator Connecting()
        {
            State = MeetingState.Connecting;
            Notice = string.Empty;
            Operation<Room> connecting;
            try
            {
                var options = new RoomOptions { AutoSubscribe = true };
                connecting = Host.Client.ConnectAsync(_url, _token, options, Attach, _gone.Token);
            }
            catch (Exception error)
            {
                Fail(error);
                yield break;
            }

            yield return connecting;
            if (connecting.Error != null)
            {
                Fail(connecting.Error);
                yield break;
            }

            LocalParticipant me = connecting.Result.LocalParticipant;
            yield return _microphone.Publish(Host.Client, me);
            yield return _camera.Publish(Host.Client, me);

            // The room may have ended meanwhile.
            if (Room != null)
            {
                State = MeetingState.Connected;
            }
        }

        private IEnumerator Disconnecting()
        {
            State = MeetingState.Leaving;
            yield return Room.DisconnectAsync();
        }

        // Runs before the first event of the room can come.
        private void Attach(Room room)
        {
            Room = room;
            room.TrackSubscribed += OnTrackSubscribed;
            room.TrackUnsubscribed += OnTrackUnsubscribed;
            room.Disconnected += OnDisconnected;
        }

        private void OnTrackSubscribed(object sender, TrackSubscribedEventArgs e)
        {
            if (e.Track.Kind == TrackKind.Video)
            {
                _videos.Add(new RemoteVideo(e.Track, e.ParticipantIdentity));
            }
            else
            {
                _voices.Add(RemoteVoice.Play(e.Track, e.ParticipantIdentity));
            }
        }

        private void OnTrackUnsubscribed(object sender, TrackUnsubscribedEventArgs e)
        {
            RemoveAll(video => video.TrackSid == e.TrackSid, voice => voice.TrackSid == e.TrackSid);
        }

        // Whoever ended it: this client, the server, or the end of the application.
        private void OnDisconnected(object sender, DisconnectedEventArgs e)
        {
            Notice = "left: " + e.Reason;
            Clear();
        }

        private void Fail(Exception error)
        {
            Notice = error.Message;
            State = MeetingState.Apart;
        }

        private void Clear()
        {
            Room = null;
            State = MeetingState.Apart;
            RemoveAll(video => true, voice => true);
            _microphone.Stop();
            _camera.Stop();
        }

        private void RemoveAll(Predicate<RemoteVideo> goesVideo, Predicate<RemoteVoice> goesVoice)
        {
            _videos.FindAll(goesVideo).ForEach(video => video.Dispose());
            _videos.RemoveAll(goesVideo);
            _voices.FindAll(goesVoice).ForEach(voice => voice.Stop());
            _voices.RemoveAll(goesVoice);
        }
    }
}
