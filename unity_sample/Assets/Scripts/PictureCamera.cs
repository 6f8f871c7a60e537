// Publishes a drawn picture where a real application would publish its camera.
using System.Collections;
using UnityEngine;
#if MEET_LIVEKIT
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;
using Client = LiveKit.Ffi.LiveKitClient;
#else
using Reference.Ffi;
using Reference.Ffi.Messages;
using Client = Reference.Ffi.ReferenceClient;
#endif

namespace Meet
{
    public sealed class PictureCamera : MonoBehaviour
    {
        private const int Width = 320;
        private const int Height = 180;
        private const float FramesPerSecond = 15;

        private readonly byte[] _pixels = new byte[Width * Height * 4];
        private VideoBufferInput _frame;
        private VideoSource _source;
        private float _nextAt;
        private int _drawn;

        public bool IsOn
        {
            get { return _source != null && !_source.IsDisposed; }
        }

        public IEnumerator Publish(Client client, LocalParticipant me)
        {
            Stop();
            _source = client.NewVideoSource(new VideoSourceResolution { Width = Width, Height = Height });
            var options = new TrackPublishOptions { Source = TrackSource.Camera };
            Operation publishing = me.PublishTrackAsync(client.CreateVideoTrack("picture", _source), options);
            yield return publishing;
            if (publishing.Error != null)
            {
                Debug.LogWarning("The picture is not published: " + publishing.Error.Message, this);
                Stop();
            }
        }

        public void Stop()
        {
            if (_source != null)
            {
                _source.Dispose();
                _source = null;
            }
        }

        private void Awake()
        {
            _frame = new VideoBufferInput
            {
                Data = _pixels,
                Type = VideoBufferType.Rgba,
                Width = Width,
                Height = Height,
                Stride = Width * 4,
            };
        }

        private void Update()
        {
            if (!IsOn || Time.unscaledTime < _nextAt)
            {
                return;
            }

            _nextAt = Time.unscaledTime + 1 / FramesPerSecond;
            Draw();
            _source.CaptureFrame(_frame, timestampUs: (long)(Time.unscaledTime * 1000000.0));
        }

        private void OnDestroy()
        {
            Stop();
        }

        // Colour bars that wander to the left.
        private void Draw()
        {
            _drawn++;
            for (int y = 0; y < Height; y++)
            {
                for (int x = 0; x < Width; x++)
                {
                    int bar = (x + _drawn * 2) / 40 % 8;
                    int at = (y * Width + x) * 4;
                    _pixels[at] = (byte)((bar & 1) * 220);
                    _pixels[at + 1] = (byte)((bar & 2) * 110);
                    _pixels[at + 2] = (byte)((bar & 4) * 55);
                    _pixels[at + 3] = 255;
                }
            }
        }
    }
}
