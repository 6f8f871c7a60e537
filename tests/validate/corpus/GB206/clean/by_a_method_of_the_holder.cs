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

public sealed class Slot : IDisposable
{
    private Owner _track;

    internal void Put(Owner track)
    {
        _track?.Dispose();
        _track = track;
    }

    public void Dispose() => _track?.Dispose();
}

public sealed class Screen : IDisposable
{
    private readonly Slot _slot = new Slot();

    public Screen()
    {
        Client.Instance.Send(new FfiRequest { Connect = new ConnectRequest() });
        Client.Instance.RoomEvents += OnEvent;
    }

    public void Dispose()
    {
        Client.Instance.RoomEvents -= OnEvent;
        _slot.Dispose();
    }

    private void OnEvent(RoomEvent message)
    {
        if (message.MessageCase == RoomEvent.MessageOneofCase.TrackSubscribed)
        {
            _slot.Put(new Owner(message.TrackSubscribed.Track.Handle.Id));
        }
    }
}
