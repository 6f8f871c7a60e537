using System;
using System.Collections;
using System.Threading;
using Conference.Internal;
using LiveKit.Proto;
using UnityEngine;

namespace Conference
{
    public sealed class AudioSource : IDisposable
    {
        internal readonly FfiHandle Handle;

        public AudioSource(uint rate, uint channels)
        {
            var response = FfiClient.Instance.Send(new FfiRequest
            {
                NewAudioSource = new NewAudioSourceRequest { SampleRate = rate, NumChannels = channels }
            });
            Handle = FfiHandle.FromOwned(response.NewAudioSource.Source.Handle);
        }

        public void Dispose() => Handle.Dispose();
    }

    public sealed class AudioStream : IDisposable
    {
        private readonly FfiHandle _handle;
        private int _disposed;

        public event Action<int> FrameReceived;

        internal AudioStream(RemoteTrack track)
        {
            FfiResponse response = FfiClient.Instance.Send(new FfiRequest
            {
                NewAudioStream = new NewAudioStreamRequest { TrackHandle = track.Handle.Id }
            });
            _handle = FfiHandle.FromOwned(response.NewAudioStream.Stream.Handle);
            FfiClient.Instance.AudioStreamEventReceived += OnEvent;
        }

        private void OnEvent(AudioStreamEvent message)
        {
            if (message.StreamHandle != _handle.Id || message.MessageCase != AudioStreamEvent.MessageOneofCase.FrameReceived)
            {
                return;
            }

            using (var frame = new AudioFrame(message.FrameReceived.Frame))
            {
                FrameReceived?.Invoke(frame.Samples);
            }
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                FfiClient.Instance.AudioStreamEventReceived -= OnEvent;
                _handle.Dispose();
            }
        }
    }

    internal sealed class AudioFrame : IDisposable
    {
        private readonly FfiHandle _handle;

        internal AudioFrame(OwnedAudioFrameBuffer owned)
        {
            _handle = FfiHandle.FromOwned(owned.Handle);
            Samples = (int)owned.Info.SamplesPerChannel;
        }

        internal int Samples { get; }

        public void Dispose() => _handle.Dispose();
    }

    public sealed class VideoStream : IDisposable
    {
        private readonly FfiHandle _handle;
        private FfiHandle _latest;

        internal VideoStream(RemoteTrack track)
        {
            var request = new NewVideoStreamRequest { TrackHandle = track.Handle.Id };
            var response = FfiClient.Instance.Send(new FfiRequest { NewVideoStream = request });
            _handle = FfiHandle.FromOwned(response.NewVideoStream.Stream.Handle);
            FfiClient.Instance.VideoStreamEventReceived += OnEvent;
        }

        private void OnEvent(VideoStreamEvent message)
        {
            if (message.MessageCase == VideoStreamEvent.MessageOneofCase.FrameReceived)
            {
                _latest?.Dispose();
                _latest = FfiHandle.FromOwned(message.FrameReceived.Buffer.Handle);
            }
        }

        public void Dispose()
        {
            FfiClient.Instance.VideoStreamEventReceived -= OnEvent;
            _latest?.Dispose();
            _handle.Dispose();
        }
    }

    public sealed class DataPacket : IDisposable
    {
        private readonly FfiHandle _handle;

        internal DataPacket(OwnedBuffer owned)
        {
            _handle = FfiHandle.FromOwned(owned.Handle);
        }

        public void Dispose() => _handle.Dispose();
    }

    public sealed class ByteStreamReader : IDisposable
    {
        private readonly FfiHandle _handle;

        internal ByteStreamReader(OwnedByteStreamReader owned)
        {
            _handle = FfiHandle.FromOwned(owned.Handle);
        }

        public void ReadAll()
        {
            var request = new ByteStreamReaderReadAllRequest { ReaderHandle = _handle.Id };
            FfiClient.Instance.Send(new FfiRequest { ByteReadAll = request });
            _handle.MarkTaken();
        }

        public void Dispose() => _handle.Dispose();
    }

    public sealed class Speaker : MonoBehaviour
    {
        private AudioStream _stream;

        public IEnumerator Play(RemoteTrack track)
        {
            yield return null;
            _stream?.Dispose();
            _stream = new AudioStream(track);
        }

        private void OnDestroy()
        {
            _stream?.Dispose();
        }
    }
}
