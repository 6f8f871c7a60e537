// One remote video track on a texture.
using System;
using UnityEngine;
#if MEET_LIVEKIT
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;
#else
using Reference.Ffi;
using Reference.Ffi.Messages;
#endif

namespace Meet
{
    public sealed class RemoteVideo : IDisposable
    {
        private readonly object _gate = new object();
        private readonly VideoStream _stream;
        private byte[] _pixels = new byte[0];
        private int _width;
        private int _height;
        private bool _isNew;

        public RemoteVideo(RemoteTrack track, string owner)
        {
            TrackSid = track.Sid;
            Owner = owner;
            _stream = track.NewVideoStream(format: VideoBufferType.Rgba);
            _stream.FrameReceived += OnFrame;
        }

        public string TrackSid { get; private set; }

        public string Owner { get; private set; }

        /// <summary>The latest picture; null until the first one came.</summary>
        public Texture2D Texture { get; private set; }

        /// <summary>Brings the texture up to date, on the main thread.</summary>
        public void Show()
        {
            lock (_gate)
            {
                if (!_isNew)
                {
                    return;
                }

                _isNew = false;
                if (Texture == null || Texture.width != _width || Texture.height != _height)
                {
                    UnityEngine.Object.Destroy(Texture);
                    Texture = new Texture2D(_width, _height, TextureFormat.RGBA32, false);
                }

                Texture.LoadRawTextureData(_pixels);
            }

            Texture.Apply(false);
        }

        public void Dispose()
        {
            _stream.Dispose();
            UnityEngine.Object.Destroy(Texture);
        }

        // On a native thread: the picture is copied, for its memory is the library's again when this returns.
        private void OnFrame(VideoStream sender, in VideoStreamFrameReceivedEventArgs e)
        {
            VideoFrame frame = e.VideoFrame;
            ReadOnlySpan<byte> data = frame.Data;
            int stride = (int)frame.Stride;
            lock (_gate)
            {
                _width = (int)frame.Width;
                _height = (int)frame.Height;
                int row = _width * 4;
                if (_pixels.Length != row * _height)
                {
                    _pixels = new byte[row * _height];
                }

                // A picture begins with its top row, a texture with its bottom row.
                for (int y = 0; y < _height; y++)
                {
                    data.Slice(y * stride, row).CopyTo(new Span<byte>(_pixels, (_height - 1 - y) * row, row));
                }

                _isNew = true;
            }
        }
    }
}
