using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Conference.Internal;
using LiveKit.Proto;

namespace Conference
{
    public sealed class Room : IDisposable
    {
        private readonly Dictionary<string, RemoteParticipant> _participants =
            new Dictionary<string, RemoteParticipant>();
        private readonly List<DataPacket> _packets = new List<DataPacket>();
        private readonly List<ByteStreamReader> _readers = new List<ByteStreamReader>();
        private FfiHandle _handle;
        private int _disposed;

        public event Action<RemoteParticipant> ParticipantConnected;
        public event Action<RemoteTrack> TrackSubscribed;
        public event Action<DisconnectReason> Disconnected;

        public LocalParticipant LocalParticipant { get; private set; }

        internal FfiHandle Handle => _handle;

        public Task<bool> ConnectAsync(string url, string token)
        {
            var result = new TaskCompletionSource<bool>();
            ulong id = FfiClient.Instance.NextId();
            FfiClient.Instance.Expect(id, message => OnConnect(message.Connect, result));
            var request = new FfiRequest
            {
                Connect = new ConnectRequest { Url = url, Token = token, RequestAsyncId = id }
            };
            FfiClient.Instance.Send(request);
            return result.Task;
        }

        private void OnConnect(ConnectCallback callback, TaskCompletionSource<bool> result)
        {
            if (callback.MessageCase == ConnectCallback.MessageOneofCase.Error)
            {
                result.TrySetException(new InvalidOperationException(callback.Error));
                return;
            }

            var connected = callback.Result;
            _handle = FfiHandle.FromOwned(connected.Room.Handle);
            LocalParticipant = new LocalParticipant(this, connected.LocalParticipant);
            foreach (var entry in connected.Participants)
            {
                var participant = AddParticipant(entry.Participant);
                foreach (var publication in entry.Publications)
                {
                    participant.AddPublication(publication);
                }
            }

            FfiClient.Instance.RoomEventReceived += OnRoomEvent;
            FfiClient.Instance.Send(new FfiRequest
            {
                ReadyForRoomEvent = new ReadyForRoomEventRequest { RoomHandle = _handle.Id }
            });
            result.TrySetResult(true);
        }

        private RemoteParticipant AddParticipant(OwnedParticipant owned)
        {
            var participant = new RemoteParticipant(this, owned);
            _participants[owned.Info.Identity] = participant;
            return participant;
        }

        private void OnRoomEvent(RoomEvent message)
        {
            if (_disposed != 0 || message.RoomHandle != _handle.Id)
            {
                return;
            }

            switch (message.MessageCase)
            {
                case RoomEvent.MessageOneofCase.ParticipantConnected:
                {
                    var participant = AddParticipant(message.ParticipantConnected.Info);
                    ParticipantConnected?.Invoke(participant);
                    break;
                }

                case RoomEvent.MessageOneofCase.ParticipantDisconnected:
                {
                    string identity = message.ParticipantDisconnected.ParticipantIdentity;
                    if (_participants.TryGetValue(identity, out var gone))
                    {
                        _participants.Remove(identity);
                        gone.Dispose();
                    }

                    break;
                }

                case RoomEvent.MessageOneofCase.TrackPublished:
                    OnTrackPublished(message.TrackPublished);
                    break;
                case RoomEvent.MessageOneofCase.TrackSubscribed:
                    OnTrackSubscribed(message.TrackSubscribed);
                    break;
                case RoomEvent.MessageOneofCase.TrackUnsubscribed:
                    Find(message.TrackUnsubscribed.ParticipantIdentity)?.RemoveTrack(message.TrackUnsubscribed.TrackSid);
                    break;
                case RoomEvent.MessageOneofCase.DataPacketReceived:
                    OnData(message.DataPacketReceived);
                    break;
                case RoomEvent.MessageOneofCase.ByteStreamOpened:
                    _readers.Add(new ByteStreamReader(message.ByteStreamOpened.Reader));
                    break;
                case RoomEvent.MessageOneofCase.TextStreamOpened:
                    FfiHandle.FromOwned(message.TextStreamOpened.Reader.Handle).Dispose();
                    break;
                case RoomEvent.MessageOneofCase.DataTrackPublished:
                    using (FfiHandle.FromOwned(message.DataTrackPublished.Track.Handle))
                    {
                    }

                    break;
                case RoomEvent.MessageOneofCase.LocalTrackRepublished:
                    LocalParticipant.Replace(message.LocalTrackRepublished);
                    break;
                case RoomEvent.MessageOneofCase.Disconnected:
                    OnDisconnected(message.Disconnected.Reason);
                    break;
            }
        }

        private void OnTrackPublished(TrackPublished message)
        {
            var participant = Find(message.ParticipantIdentity);
            if (participant == null)
            {
                FfiHandle.FromOwned(message.Publication.Handle).Dispose();
                return;
            }

            participant.AddPublication(message.Publication);
        }

        private void OnTrackSubscribed(TrackSubscribed message)
        {
            var track = new RemoteTrack(message.Track);
            if (!_participants.TryGetValue(message.ParticipantIdentity, out var participant))
            {
                track.Dispose();
                return;
            }

            participant.AddTrack(track);
            TrackSubscribed?.Invoke(track);
        }

        private void OnData(DataPacketReceived message)
        {
            if (message.ValueCase != DataPacketReceived.ValueOneofCase.User)
            {
                return;
            }

            _packets.Add(new DataPacket(message.User.Data));
        }

        private RemoteParticipant Find(string identity)
        {
            return _participants.TryGetValue(identity, out var found) ? found : null;
        }

        private void OnDisconnected(DisconnectReason reason)
        {
            Cleanup();
            Disconnected?.Invoke(reason);
        }

        public async Task DisconnectAsync(CancellationToken cancellation = default)
        {
            var done = new TaskCompletionSource<bool>();
            ulong id = FfiClient.Instance.NextId();
            FfiClient.Instance.Expect(id, _ => done.TrySetResult(true));
            FfiClient.Instance.Send(new FfiRequest
            {
                Disconnect = new DisconnectRequest { RoomHandle = _handle.Id, RequestAsyncId = id }
            });
            using (cancellation.Register(() => done.TrySetCanceled()))
            {
                await done.Task;
            }

            Cleanup();
        }

        public void Dispose()
        {
            Cleanup();
        }

        private void Cleanup()
        {
            if (Interlocked.Exchange(ref _disposed, 1) != 0)
            {
                return;
            }

            FfiClient.Instance.RoomEventReceived -= OnRoomEvent;
            foreach (var reader in _readers)
            {
                reader.Dispose();
            }

            _readers.Clear();
            foreach (var packet in _packets)
            {
                packet.Dispose();
            }

            _packets.Clear();
            foreach (var participant in _participants.Values)
            {
                participant.Dispose();
            }

            _participants.Clear();
            LocalParticipant?.Dispose();
            _handle?.Dispose();
        }
    }
}
