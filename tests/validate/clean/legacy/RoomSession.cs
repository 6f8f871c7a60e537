using System;
using System.Collections.Generic;
using System.Threading;
using LiveKit.Proto;

public class RoomSession
{
    public delegate void ParticipantHandler(RoomSession sender, string identity);

    private readonly object _lock = new object();
    private readonly Dictionary<string, ulong> _participants = new Dictionary<string, ulong>();
    private readonly Dictionary<string, ulong> _tracks = new Dictionary<string, ulong>();
    private readonly List<ulong> _others = new List<ulong>();
    private ulong _hRoom;
    private ulong _hLocal;
    private int _closed;

    private RoomSession()
    {
    }

    public event ParticipantHandler ParticipantJoined;

    public event EventHandler Closed;

    public static RoomSession Open(string url, string token)
    {
        LiveKitNative.Initialize();
        ulong id = LiveKitNative.NextId();
        ConnectRequest connect = new ConnectRequest();
        connect.Url = url;
        connect.Token = token;
        connect.RequestAsyncId = id;
        FfiRequest request = new FfiRequest();
        request.Connect = connect;
        LiveKitNative.Call(request);
        ConnectCallback callback = LiveKitNative.Wait(id).Connect;
        if (callback.Error != null)
        {
            throw new InvalidOperationException(callback.Error);
        }

        RoomSession session = new RoomSession();
        session.Fill(callback.Result);
        LiveKitNative.Register(session._hRoom, session);
        return session;
    }

    private void Fill(ConnectCallback.Types.Result result)
    {
        lock (_lock)
        {
            _hRoom = result.Room.Handle.Id;
            _hLocal = result.LocalParticipant.Handle.Id;
            foreach (ConnectCallback.Types.ParticipantWithTracks each in result.Participants)
            {
                _participants[each.Participant.Info.Identity] = each.Participant.Handle.Id;
                foreach (OwnedTrackPublication publication in each.Publications)
                {
                    _others.Add(publication.Handle.Id);
                }
            }
        }
    }

    internal static void Dispatch(RoomSession session, RoomEvent e)
    {
        switch (e.MessageCase)
        {
            case RoomEvent.MessageOneofCase.ParticipantConnected:
                if (session == null)
                {
                    LiveKitNative.Release(e.ParticipantConnected.Info.Handle);
                    return;
                }

                session.Joined(e.ParticipantConnected.Info);
                break;
            case RoomEvent.MessageOneofCase.ParticipantDisconnected:
                if (session != null)
                {
                    session.Left(e.ParticipantDisconnected.ParticipantIdentity);
                }

                break;
            case RoomEvent.MessageOneofCase.TrackPublished:
                if (session == null || !session.Keep(e.TrackPublished.Publication.Handle.Id))
                {
                    LiveKitNative.Release(e.TrackPublished.Publication.Handle);
                }

                break;
            case RoomEvent.MessageOneofCase.TrackSubscribed:
                if (session == null)
                {
                    LiveKitNative.Release(e.TrackSubscribed.Track.Handle);
                }
                else
                {
                    session.Subscribed(e.TrackSubscribed.Track);
                }

                break;
            case RoomEvent.MessageOneofCase.DataPacketReceived:
                if (e.DataPacketReceived.User != null)
                {
                    LiveKitNative.Release(e.DataPacketReceived.User.Data.Handle);
                }

                break;
            case RoomEvent.MessageOneofCase.ByteStreamOpened:
                LiveKitNative.Release(e.ByteStreamOpened.Reader.Handle);
                break;
            case RoomEvent.MessageOneofCase.TextStreamOpened:
                LiveKitNative.Release(e.TextStreamOpened.Reader.Handle);
                break;
            case RoomEvent.MessageOneofCase.DataTrackPublished:
                LiveKitNative.Release(e.DataTrackPublished.Track.Handle);
                break;
            case RoomEvent.MessageOneofCase.LocalTrackRepublished:
                ulong republished = e.LocalTrackRepublished.PublicationHandle;
                LiveKitNative.Release(ref republished);
                break;
            case RoomEvent.MessageOneofCase.Disconnected:
                if (session != null)
                {
                    session.Close();
                }

                break;
        }
    }

    private void Joined(OwnedParticipant owned)
    {
        lock (_lock)
        {
            if (_closed != 0)
            {
                LiveKitNative.Release(owned.Handle);
                return;
            }

            _participants[owned.Info.Identity] = owned.Handle.Id;
        }

        ParticipantHandler handler = ParticipantJoined;
        if (handler != null)
        {
            handler(this, owned.Info.Identity);
        }
    }

    private void Left(string identity)
    {
        ulong handle;
        lock (_lock)
        {
            if (!_participants.TryGetValue(identity, out handle))
            {
                return;
            }

            _participants.Remove(identity);
        }

        LiveKitNative.Release(ref handle);
    }

    private bool Keep(ulong handle)
    {
        lock (_lock)
        {
            if (_closed != 0)
            {
                return false;
            }

            _others.Add(handle);
            return true;
        }
    }

    private void Subscribed(OwnedTrack track)
    {
        lock (_lock)
        {
            ulong before;
            if (_tracks.TryGetValue(track.Info.Sid, out before))
            {
                LiveKitNative.Release(ref before);
            }

            _tracks[track.Info.Sid] = track.Handle.Id;
        }
    }

    public void Disconnect()
    {
        ulong id = LiveKitNative.NextId();
        DisconnectRequest disconnect = new DisconnectRequest();
        disconnect.RoomHandle = _hRoom;
        disconnect.RequestAsyncId = id;
        FfiRequest request = new FfiRequest();
        request.Disconnect = disconnect;
        LiveKitNative.Call(request);
        LiveKitNative.Wait(id);
        Close();
    }

    public void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return;
        }

        LiveKitNative.Unregister(_hRoom);
        List<ulong> all = new List<ulong>();
        lock (_lock)
        {
            all.AddRange(_others);
            all.AddRange(_tracks.Values);
            all.AddRange(_participants.Values);
            _others.Clear();
            _tracks.Clear();
            _participants.Clear();
        }

        for (int i = 0; i < all.Count; i++)
        {
            ulong handle = all[i];
            LiveKitNative.Release(ref handle);
        }

        LiveKitNative.Release(ref _hLocal);
        LiveKitNative.Release(ref _hRoom);
        EventHandler closed = Closed;
        if (closed != null)
        {
            closed(this, EventArgs.Empty);
        }
    }
}
