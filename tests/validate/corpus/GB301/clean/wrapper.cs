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

    protected override bool ReleaseHandle() => Give(_id);

    private static bool Give(ulong id) => Native.Drop(id);
}

internal sealed class Client
{
    internal static readonly Client Instance = new Client();

    internal event Action<RoomEvent> RoomEvents;

    internal FfiResponse Send(FfiRequest request) => throw new NotImplementedException();
}

public sealed class Source : IDisposable
{
    private readonly Owner _owner;

    public Source()
    {
        var request = new FfiRequest { NewAudioSource = new NewAudioSourceRequest { SampleRate = 48000 } };
        _owner = new Owner(Client.Instance.Send(request).NewAudioSource.Source.Handle.Id);
    }

    public void Dispose() => _owner.Dispose();
}
