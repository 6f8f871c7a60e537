using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using Conference.Internal;
using LiveKit.Proto;

namespace Conference
{
    public abstract class Participant : IDisposable
    {
        internal readonly FfiHandle Handle;
        private readonly ParticipantInfo _info;

        private protected Participant(Room room, OwnedParticipant owned)
        {
            Room = room;
            Handle = FfiHandle.FromOwned(owned.Handle);
            _info = owned.Info;
        }

        public Room Room { get; }

        public string Identity => _info.Identity;

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (disposing)
            {
                Handle.Dispose();
            }
        }
    }

    public sealed class RemoteParticipant : Participant
    {
        private readonly Dictionary<string, TrackPublication> _publications =
            new Dictionary<string, TrackPublication>();
        private readonly Dictionary<string, RemoteTrack> _tracks = new Dictionary<string, RemoteTrack>();

        internal RemoteParticipant(Room room, OwnedParticipant owned) : base(room, owned)
        {
        }

        internal void AddPublication(OwnedTrackPublication owned)
        {
            _publications.Add(owned.Info.Sid, new TrackPublication(owned));
        }

        internal void AddTrack(RemoteTrack track)
        {
            _tracks[track.Sid] = track;
        }

        internal void RemoveTrack(string sid)
        {
            if (_tracks.Remove(sid, out var track))
            {
                track.Dispose();
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                foreach (var track in _tracks.Values)
                {
                    track.Dispose();
                }

                _tracks.Clear();
                foreach (var pair in _publications)
                {
                    pair.Value.Dispose();
                }

                _publications.Clear();
            }

            base.Dispose(disposing);
        }
    }

    public sealed class LocalParticipant : Participant
    {
        private readonly List<TrackPublication> _publications = new List<TrackPublication>();
        private readonly List<FfiHandle> _republished = new List<FfiHandle>();

        internal LocalParticipant(Room room, OwnedParticipant owned) : base(room, owned)
        {
        }

        public async Task<TrackPublication> PublishAsync(LocalTrack track)
        {
            var published = new TaskCompletionSource<PublishTrackCallback>();
            ulong id = FfiClient.Instance.NextId();
            FfiClient.Instance.Expect(id, message => published.TrySetResult(message.PublishTrack));
            FfiClient.Instance.Send(new FfiRequest
            {
                PublishTrack = new PublishTrackRequest
                {
                    LocalParticipantHandle = Handle.Id,
                    TrackHandle = track.Handle.Id,
                    RequestAsyncId = id
                }
            });
            var callback = await published.Task;
            if (callback.MessageCase == PublishTrackCallback.MessageOneofCase.Error)
            {
                throw new InvalidOperationException(callback.Error);
            }

            var publication = new TrackPublication(callback.Publication);
            _publications.Add(publication);
            return publication;
        }

        internal void Replace(LocalTrackRepublished message)
        {
            _republished.Add(new FfiHandle(message.PublicationHandle));
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _publications.ForEach(publication => publication.Dispose());
                _publications.Clear();
                foreach (var handle in _republished)
                {
                    handle.Dispose();
                }

                _republished.Clear();
            }

            base.Dispose(disposing);
        }
    }
}
