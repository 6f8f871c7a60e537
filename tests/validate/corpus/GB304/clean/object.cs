using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using LiveKit.Proto;

internal static class Native
{
    [DllImport("livekit_ffi", EntryPoint = "livekit_ffi_drop_handle", CallingConvention = CallingConvention.Cdecl)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static extern bool Drop(ulong handle);
}

internal sealed class Owner : SafeHandle
{
    private readonly ulong _id;

    internal Owner(ulong id) : base(IntPtr.Zero, true) { _id = id; SetHandle(new IntPtr(1)); }

    internal ulong Id => _id;

    public override bool IsInvalid => handle == IntPtr.Zero;

    protected override bool ReleaseHandle() => Native.Drop(_id);
}

internal sealed class Client
{
    internal static readonly Client Instance = new Client();

    internal event Action<RoomEvent> RoomEvents;

    internal FfiResponse Send(FfiRequest request) => throw new NotImplementedException();
}

public sealed class Track : IDisposable
{
    internal Track(OwnedTrack owned)
    {
        Handle = new Owner(owned.Handle.Id);
    }

    internal Owner Handle { get; }

    public void Dispose() => Handle.Dispose();
}

public sealed class Listener : IDisposable
{
    private readonly Owner _stream;
    private readonly Track _track;

    internal Listener(Track track)
    {
        _track = track;
        var request = new FfiRequest { NewAudioStream = new NewAudioStreamRequest { TrackHandle = track.Handle.Id } };
        _stream = new Owner(Client.Instance.Send(request).NewAudioStream.Stream.Handle.Id);
    }

    internal void Mute(bool mute)
    {
        Client.Instance.Send(new FfiRequest
        {
            LocalTrackMute = new LocalTrackMuteRequest { TrackHandle = _track.Handle.Id, Mute = mute }
        });
    }

    public void Dispose() => _stream.Dispose();
}

public static class Maker
{
    public static Track Make()
    {
        var request = new FfiRequest { CreateAudioTrack = new CreateAudioTrackRequest { Name = "a" } };
        return new Track(Client.Instance.Send(request).CreateAudioTrack.Track);
    }
}
