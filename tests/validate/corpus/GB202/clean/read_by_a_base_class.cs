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

public abstract class Waiter<TCallback, TResult>
{
    private readonly Func<TCallback, TResult> _read;

    protected Waiter(Func<TCallback, TResult> read) { _read = read; }

    public TResult Result { get; private set; }

    internal void Complete(TCallback callback) => Result = _read(callback);
}

public sealed class Writer : IDisposable
{
    private readonly Owner _owner;

    internal Writer(OwnedByteStreamWriter writer) { _owner = new Owner(writer.Handle.Id); }

    public static Opening Open(ulong participant)
    {
        Client.Instance.Send(new FfiRequest { ByteStreamOpen = new ByteStreamOpenRequest { LocalParticipantHandle = participant } });
        return new Opening();
    }

    public void Close()
    {
        Client.Instance.Send(new FfiRequest { ByteStreamClose = new ByteStreamWriterCloseRequest { WriterHandle = _owner.Id } });
        _owner.SetHandleAsInvalid();
    }

    public void Dispose() => _owner.Dispose();
}

public sealed class Opening : Waiter<ByteStreamOpenCallback, Writer>
{
    internal Opening() : base(callback => new Writer(callback.Writer)) { }
}
