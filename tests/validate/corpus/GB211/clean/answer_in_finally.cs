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

internal static class Wire
{
    [DllImport("livekit_ffi", EntryPoint = "livekit_ffi_request", CallingConvention = CallingConvention.Cdecl)]
    private static extern unsafe ulong Request(byte* data, UIntPtr length, out byte* answer, out UIntPtr answerLength);

    internal static unsafe FfiResponse Ask(byte[] request)
    {
        fixed (byte* data = request)
        {
            ulong handle = Request(data, (UIntPtr)request.Length, out byte* answer, out UIntPtr length);
            try
            {
                return FfiResponse.Parser.ParseFrom(new ReadOnlySpan<byte>(answer, (int)length));
            }
            finally
            {
                Native.Drop(handle);
            }
        }
    }
}
