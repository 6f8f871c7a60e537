using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Cysharp.Threading.Tasks;
using LiveKit.Proto;
using R3;
using Rooms.Interop;

namespace Rooms;

public sealed class Room : IAsyncDisposable, IDisposable
{
    private readonly Dictionary<string, Participant> _participants = new();
    private readonly Subject<Participant> _joined = new();
    private readonly Subject<DisconnectReason> _ended = new();
    private readonly CompositeDisposable _subscriptions = new();
    private readonly Lease _lease;
    private int _over;

    private Room(ConnectCallback.Types.Result result)
    {
        _lease = Lease.Of(result.Room.Handle);
        Local = new LocalParticipant(result.LocalParticipant);
        foreach (var (participant, publications) in result.Participants.Select(p => (p.Participant, p.Publications)))
        {
            var added = Add(participant);
            foreach (var publication in publications)
            {
                added.Add(publication);
            }
        }

        Bridge.Events
            .Where(e => e.MessageCase == FfiEvent.MessageOneofCase.RoomEvent)
            .Select(e => e.RoomEvent)
            .Where(e => e.RoomHandle == _lease.Id)
            .Subscribe(OnEvent)
            .AddTo(_subscriptions);
    }

    public LocalParticipant Local { get; }

    public Observable<Participant> Joined => _joined;

    public Observable<DisconnectReason> Ended => _ended;

    public static async UniTask<Room> ConnectAsync(string url, string token, CancellationToken cancellation = default)
    {
        var (id, answer) = Bridge.Expect();
        Bridge.Send(new FfiRequest { Connect = new() { Url = url, Token = token, RequestAsyncId = id } });
        var callback = (await answer).Connect;
        if (callback.MessageCase == ConnectCallback.MessageOneofCase.Error)
        {
            throw new InvalidOperationException(callback.Error);
        }

        var room = new Room(callback.Result);
        if (cancellation.IsCancellationRequested)
        {
            await room.DisposeAsync();
            cancellation.ThrowIfCancellationRequested();
        }

        Bridge.Send(new FfiRequest { ReadyForRoomEvent = new() { RoomHandle = room._lease.Id } });
        return room;
    }

    private Participant Add(OwnedParticipant owned) =>
        _participants[owned.Info.Identity] = new Participant(owned);

    private void OnEvent(RoomEvent e)
    {
        switch (e)
        {
            case { MessageCase: RoomEvent.MessageOneofCase.ParticipantConnected }:
                _joined.OnNext(Add(e.ParticipantConnected.Info));
                break;
            case { MessageCase: RoomEvent.MessageOneofCase.ParticipantDisconnected }:
                if (_participants.Remove(e.ParticipantDisconnected.ParticipantIdentity, out var left))
                {
                    left.Dispose();
                }

                break;
            case { MessageCase: RoomEvent.MessageOneofCase.TrackPublished }:
                if (_participants.TryGetValue(e.TrackPublished.ParticipantIdentity, out var publisher))
                {
                    publisher.Add(e.TrackPublished.Publication);
                }
                else
                {
                    Lease.Of(e.TrackPublished.Publication.Handle).Dispose();
                }

                break;
            case { MessageCase: RoomEvent.MessageOneofCase.TrackSubscribed }:
                Subscribed(e.TrackSubscribed);
                break;
            case { MessageCase: RoomEvent.MessageOneofCase.TrackUnsubscribed }:
                _participants.GetValueOrDefault(e.TrackUnsubscribed.ParticipantIdentity)
                    ?.Remove(e.TrackUnsubscribed.TrackSid);
                break;
            case { MessageCase: RoomEvent.MessageOneofCase.DataPacketReceived, DataPacketReceived: { User: { } user } }:
                Lease.Of(user.Data.Handle).Dispose();
                break;
            case { MessageCase: RoomEvent.MessageOneofCase.ByteStreamOpened }:
                Lease.Of(e.ByteStreamOpened.Reader.Handle).Dispose();
                break;
            case { MessageCase: RoomEvent.MessageOneofCase.TextStreamOpened }:
                Lease.Of(e.TextStreamOpened.Reader.Handle).Dispose();
                break;
            case { MessageCase: RoomEvent.MessageOneofCase.DataTrackPublished }:
                Lease.Of(e.DataTrackPublished.Track.Handle).Dispose();
                break;
            case { MessageCase: RoomEvent.MessageOneofCase.LocalTrackRepublished }:
                Lease.OfBuffer(e.LocalTrackRepublished.PublicationHandle).Dispose();
                break;
            case { MessageCase: RoomEvent.MessageOneofCase.Disconnected }:
                End(e.Disconnected.Reason);
                break;
        }
    }

    private void Subscribed(TrackSubscribed message)
    {
        if (!_participants.TryGetValue(message.ParticipantIdentity, out var participant))
        {
            using var nobodys = Lease.Of(message.Track.Handle);
            return;
        }

        participant.Add(new RemoteTrack(message.Track));
    }

    private void End(DisconnectReason reason)
    {
        if (Interlocked.CompareExchange(ref _over, 1, 0) == 1)
        {
            return;
        }

        _subscriptions.Dispose();
        foreach (var participant in _participants.Values)
        {
            participant.Dispose();
        }

        _participants.Clear();
        Local.Dispose();
        _lease.Dispose();
        _ended.OnNext(reason);
        _ended.Dispose();
        _joined.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (Volatile.Read(ref _over) == 0)
        {
            var (id, answer) = Bridge.Expect();
            Bridge.Send(new FfiRequest { Disconnect = new() { RoomHandle = _lease.Id, RequestAsyncId = id } });
            await answer;
        }

        End(DisconnectReason.ClientInitiated);
    }

    public void Dispose() => End(DisconnectReason.ClientInitiated);
}
