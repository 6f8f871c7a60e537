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

public sealed class Room : IDisposable
{
    private Owner _handle;
    private Owner _participant;

    public void Connect() => Client.Instance.Send(new FfiRequest { Connect = new ConnectRequest() });

    public void OnConnect(ConnectCallback callback)
    {
        _handle = new Owner(callback.Result.Room.Handle.Id);
        _participant = new Owner(callback.Result.LocalParticipant.Handle.Id);
    }

    public void OnEvent(RoomEvent message)
    {
        if (message.MessageCase == RoomEvent.MessageOneofCase.Disconnected)
        {
            Dispose();
        }
        else if (message.MessageCase == RoomEvent.MessageOneofCase.ParticipantDisconnected)
        {
            OnGone(message.ParticipantDisconnected);
        }
    }

    private void OnGone(ParticipantDisconnected message)
    {
        Console.WriteLine(message.ParticipantIdentity);
    }

    public void Dispose()
    {
        _participant?.Dispose();
        _handle?.Dispose();
    }
}
