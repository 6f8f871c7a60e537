using System;
using System.Collections.Generic;
using System.Threading;
using Cysharp.Threading.Tasks;
using LiveKit.Proto;
using R3;
using Rooms.Interop;

namespace Rooms;

public class Participant : IDisposable
{
    private readonly Dictionary<string, Lease> _publications = new();
    private readonly Dictionary<string, RemoteTrack> _tracks = new();
    private readonly Lease _lease;

    internal Participant(OwnedParticipant owned)
    {
        _lease = Lease.Of(owned.Handle);
        Identity = owned.Info.Identity;
    }

    public string Identity { get; }

    private protected ulong Handle => _lease.Id;

    internal void Add(OwnedTrackPublication publication)
    {
        if (_publications.Remove(publication.Info.Sid, out var before))
        {
            before.Dispose();
        }

        _publications.Add(publication.Info.Sid, Lease.Of(publication.Handle));
    }

    internal void Add(RemoteTrack track)
    {
        if (_tracks.Remove(track.Sid, out var before))
        {
            before.Dispose();
        }

        _tracks.Add(track.Sid, track);
    }

    internal void Remove(string sid)
    {
        if (_tracks.Remove(sid, out var track))
        {
            track.Dispose();
        }
    }

    public virtual void Dispose()
    {
        foreach (var track in _tracks.Values)
        {
            track.Dispose();
        }

        _tracks.Clear();
        foreach (var (_, publication) in _publications)
        {
            publication.Dispose();
        }

        _publications.Clear();
        _lease.Dispose();
    }
}

public sealed class LocalParticipant : Participant
{
    private readonly List<LocalTrack> _published = new();

    internal LocalParticipant(OwnedParticipant owned) : base(owned)
    {
    }

    public async UniTask<LocalTrack> PublishAsync(string name, CancellationToken cancellation)
    {
        var track = new LocalTrack(name);
        try
        {
            var (id, answer) = Bridge.Expect();
            Bridge.Send(new FfiRequest
            {
                PublishTrack = new()
                {
                    LocalParticipantHandle = Handle,
                    TrackHandle = track.Id,
                    RequestAsyncId = id,
                },
            });
            var callback = (await answer).PublishTrack;
            if (callback.MessageCase == PublishTrackCallback.MessageOneofCase.Error)
            {
                throw new InvalidOperationException(callback.Error);
            }

            track.Publication = Lease.Of(callback.Publication.Handle);
            cancellation.ThrowIfCancellationRequested();
            _published.Add(track);
            return track;
        }
        catch
        {
            track.Dispose();
            throw;
        }
    }

    public override void Dispose()
    {
        foreach (var track in _published)
        {
            track.Dispose();
        }

        _published.Clear();
        base.Dispose();
    }
}

public sealed class LocalTrack : IDisposable
{
    private readonly Lease _source;
    private readonly Lease _track;

    internal LocalTrack(string name)
    {
        _source = Lease.Of(Bridge.Send(new FfiRequest
        {
            NewAudioSource = new() { SampleRate = 48_000, NumChannels = 1 },
        }).NewAudioSource.Source.Handle);
        _track = Lease.Of(Bridge.Send(new FfiRequest
        {
            CreateAudioTrack = new() { Name = name, SourceHandle = _source.Id },
        }).CreateAudioTrack.Track.Handle);
    }

    internal ulong Id => _track.Id;

    internal Lease Publication { private get; set; }

    public void Dispose()
    {
        _track.Dispose();
        Publication?.Dispose();
        _source.Dispose();
    }
}

public sealed class RemoteTrack : IDisposable
{
    private readonly SerialDisposable _listening = new();
    private readonly Lease _track;
    private Lease _stream;

    internal RemoteTrack(OwnedTrack owned)
    {
        _track = Lease.Of(owned.Handle);
        Sid = owned.Info.Sid;
    }

    public string Sid { get; }

    public void Listen(Action<AudioFrameBufferInfo> frame)
    {
        Interlocked.Exchange(ref _stream, Open())?.Dispose();
        _listening.Disposable = Bridge.Events
            .Where(e => e.MessageCase == FfiEvent.MessageOneofCase.AudioStreamEvent)
            .Select(e => e.AudioStreamEvent)
            .Where(e => e.StreamHandle == _stream?.Id)
            .Where(e => e.MessageCase == AudioStreamEvent.MessageOneofCase.FrameReceived)
            .Subscribe(e =>
            {
                using var buffer = Lease.Of(e.FrameReceived.Frame.Handle);
                frame(e.FrameReceived.Frame.Info);
            });
    }

    private Lease Open() =>
        Lease.Of(Bridge.Send(new FfiRequest { NewAudioStream = new() { TrackHandle = _track.Id } })
            .NewAudioStream.Stream.Handle);

    public void Dispose()
    {
        _listening.Dispose();
        Interlocked.Exchange(ref _stream, null)?.Dispose();
        _track.Dispose();
    }
}
