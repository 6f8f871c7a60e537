// Others in the room. The reference server plays them when it is asked to; LiveKit's are real.
using System.Collections.Generic;
using UnityEngine;
#if MEET_LIVEKIT
using LiveKit.Ffi;
#else
using Reference.Ffi;
using Reference.Ffi.Messages;
using Host = Reference.Ffi.Unity.ReferenceClientHost;
#endif

namespace Meet
{
    public sealed class SimulatedGuests : MonoBehaviour
    {
#if MEET_LIVEKIT
        public bool IsAvailable
        {
            get { return false; }
        }

        public void Join(Room room)
        {
        }

        public void Leave()
        {
        }
#else
        private const float AudioFramesPerSecond = 100;
        private const float PicturesPerSecond = 30;

        private readonly List<Guest> _guests = new List<Guest>();
        private float _dueAudio;
        private float _dueVideo;
        private int _joined;

        public bool IsAvailable
        {
            get { return Host.IsRunning; }
        }

        public void Join(Room room)
        {
            _joined++;
            string name = room.Name;
            string identity = "guest-" + _joined;
            ReferenceClient client = Host.Client;
            client.ControlJoin(name, identity, "Guest " + _joined);
            _guests.Add(new Guest
            {
                Room = name,
                Identity = identity,
                Audio = client.ControlPublish(name, identity, "voice", TrackKind.Audio, TrackSource.Microphone),
                Video = client.ControlPublish(name, identity, "face", TrackKind.Video, TrackSource.Camera),
            });
        }

        public void Leave()
        {
            if (_guests.Count > 0 && Host.IsRunning)
            {
                Guest last = _guests[_guests.Count - 1];
                Host.Client.ControlLeave(last.Room, last.Identity);
                _guests.Remove(last);
            }
        }

        // Guests send nothing by themselves: each frame asks for what is due.
        private void Update()
        {
            if (!Host.IsRunning)
            {
                return;
            }

            _dueAudio += Time.unscaledDeltaTime * AudioFramesPerSecond;
            _dueVideo += Time.unscaledDeltaTime * PicturesPerSecond;
            foreach (Guest guest in _guests)
            {
                Host.Client.ControlEmitFrames(guest.Room, guest.Audio, (uint)_dueAudio);
                Host.Client.ControlEmitFrames(guest.Room, guest.Video, (uint)_dueVideo);
            }

            _dueAudio %= 1;
            _dueVideo %= 1;
        }

        private void OnDestroy()
        {
            while (_guests.Count > 0 && Host.IsRunning)
            {
                Leave();
            }
        }

        private sealed class Guest
        {
            public string Room;
            public string Identity;
            public string Audio;
            public string Video;
        }
#endif
    }
}
