// Microphone and camera: sources that are fed all the time, by a thread each.
using System;
using System.Threading;
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;

namespace LiveKitLab
{
    /// <summary>Feeds a microphone and a camera until it is disposed.</summary>
    internal sealed class Studio : IDisposable
    {
        private const int Rate = 48000;
        private const int Width = 320;
        private const int Height = 240;

        private readonly ManualResetEvent _stop = new ManualResetEvent(false);
        private readonly Thread[] _threads;
        private readonly LiveKitClient _client;
        private readonly AudioSource _sound;
        private readonly VideoSource _picture;

        public Studio(LiveKitClient client)
        {
            _client = client;
            _sound = client.NewAudioSource(sampleRate: Rate, numChannels: 1);
            _picture = client.NewVideoSource(new VideoSourceResolution { Width = Width, Height = Height });
            _threads = new[] { new Thread(Speak), new Thread(Film) };
            foreach (Thread thread in _threads)
            {
                thread.Start();
            }
        }

        /// <summary>Publishes a track of the microphone; the track goes with the publication.</summary>
        public LocalTrackPublication PublishMicrophone(Room room)
        {
            LocalTrack track = _client.CreateAudioTrack("microphone", _sound);
            return Publish(room, track, new TrackPublishOptions { Source = TrackSource.Microphone });
        }

        /// <summary>Publishes a track of the camera; the track goes with the publication.</summary>
        public LocalTrackPublication PublishCamera(Room room)
        {
            LocalTrack track = _client.CreateVideoTrack("camera", _picture);
            return Publish(room, track, new TrackPublishOptions { Source = TrackSource.Camera, Simulcast = false });
        }

        public void Dispose()
        {
            _stop.Set();
            foreach (Thread thread in _threads)
            {
                thread.Join();
            }

            _sound.Dispose();
            _picture.Dispose();
            _stop.Dispose();
        }

        private static LocalTrackPublication Publish(Room room, LocalTrack track, TrackPublishOptions options)
        {
            Operation<LocalTrackPublication> publish = room.LocalParticipant.PublishTrackAsync(track, options);
            Lab.Check(publish.Wait(Rooms.Patience), "the track " + track.Name + " to be published");
            return publish.Result;
        }

        private void Speak()
        {
            var block = new short[Rate / 100];
            for (short i = 0; !_stop.WaitOne(10); i++)
            {
                block[0] = i;
                _sound.CaptureFrame(block);
            }
        }

        private void Film()
        {
            var picture = new VideoBufferInput { Type = VideoBufferType.I420, Width = Width, Height = Height };
            picture.Components.Add(new ComponentInput { Data = new byte[Width * Height], Stride = Width });
            picture.Components.Add(new ComponentInput { Data = new byte[Width * Height / 4], Stride = Width / 2 });
            picture.Components.Add(new ComponentInput { Data = new byte[Width * Height / 4], Stride = Width / 2 });
            while (!_stop.WaitOne(100))
            {
                _picture.CaptureFrame(picture);
            }
        }
    }
}
