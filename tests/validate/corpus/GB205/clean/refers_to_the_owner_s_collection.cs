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

public sealed class Stage : IDisposable
{
    private readonly Dictionary<string, Owner> _tracks = new Dictionary<string, Owner>();

    public Making Make(string name)
    {
        var response = Client.Instance.Send(new FfiRequest { CreateAudioTrack = new CreateAudioTrackRequest() });
        return new Making(name, response.CreateAudioTrack.Track, _tracks);
    }

    public void Dispose()
    {
        foreach (var track in _tracks.Values)
        {
            track.Dispose();
        }

        _tracks.Clear();
    }
}

public sealed class Making
{
    private readonly Dictionary<string, Owner> _made;

    internal Making(string name, OwnedTrack track, Dictionary<string, Owner> made)
    {
        _made = made;
        _made.Add(name, new Owner(track.Handle.Id));
    }
}
