using System;
using Conference.Internal;
using LiveKit.Proto;

namespace Conference
{
    public sealed class TrackPublication : IDisposable
    {
        private readonly FfiHandle _handle;

        internal TrackPublication(OwnedTrackPublication owned)
        {
            _handle = FfiHandle.FromOwned(owned.Handle);
            Sid = owned.Info.Sid;
        }

        public string Sid { get; }

        public void Dispose() => _handle.Dispose();
    }

    public abstract class Track : IDisposable
    {
        private protected Track(OwnedTrack owned)
        {
            Handle = FfiHandle.FromOwned(owned.Handle);
            Sid = owned.Info.Sid;
        }

        internal FfiHandle Handle { get; }

        public string Sid { get; }

        public virtual void Dispose()
        {
            Handle.Dispose();
        }
    }

    public sealed class RemoteTrack : Track
    {
        private AudioStream _stream;

        internal RemoteTrack(OwnedTrack owned) : base(owned)
        {
        }

        public AudioStream Listen()
        {
            return _stream ?? (_stream = new AudioStream(this));
        }

        public override void Dispose()
        {
            _stream?.Dispose();
            base.Dispose();
        }
    }

    public sealed class LocalTrack : Track
    {
        private LocalTrack(OwnedTrack owned) : base(owned)
        {
        }

        public static LocalTrack CreateAudio(string name, AudioSource source)
        {
            var response = FfiClient.Instance.Send(new FfiRequest
            {
                CreateAudioTrack = new CreateAudioTrackRequest { Name = name, SourceHandle = source.Handle.Id }
            });
            return new LocalTrack(response.CreateAudioTrack.Track);
        }
    }
}
