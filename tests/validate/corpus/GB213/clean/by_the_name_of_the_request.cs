using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;

internal static class Native
{
    [DllImport("livekit_ffi", EntryPoint = "livekit_ffi_drop_handle", CallingConvention = CallingConvention.Cdecl)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static extern bool Drop(ulong handle);

    [DllImport("livekit_ffi", EntryPoint = "livekit_ffi_request", CallingConvention = CallingConvention.Cdecl)]
    internal static extern unsafe ulong Request(byte* data, UIntPtr length, out byte* answer, out UIntPtr answerLength);
}

internal struct Answer
{
    internal readonly int Length;
    private readonly ulong _handle;

    internal Answer(int length, ulong handle)
    {
        Length = length;
        _handle = handle;
    }

    internal void GiveBack() => Native.Drop(_handle);
}

internal class Owner : SafeHandle
{
    private readonly ulong _id;

    internal Owner(ulong id) : base(IntPtr.Zero, true) { _id = id; SetHandle(new IntPtr(1)); }

    internal ulong Id => _id;

    public override bool IsInvalid => handle == IntPtr.Zero;

    internal void Forget() => SetHandleAsInvalid();

    protected override bool ReleaseHandle() => Native.Drop(_id);
}

internal static class Wire
{
    internal static unsafe Answer Ask(string operation, byte[] request)
    {
        fixed (byte* data = request)
        {
            ulong handle = Native.Request(data, (UIntPtr)request.Length, out byte* answer, out UIntPtr length);
            return new Answer((int)length, handle);
        }
    }
}

public sealed class Reader : IDisposable
{
    private readonly Owner _owner;

    public Reader(ulong id)
    {
        _owner = new Owner(id);
    }

    public void ReadAll(byte[] request)
    {
        Wire.Ask("text_read_all", request).GiveBack();
        _owner.Forget();
    }

    public void ReadPart(byte[] request)
    {
        Wire.Ask("text_read_incremental", request).GiveBack();
        _owner.Forget();
    }

    public void Dispose() => _owner.Dispose();
}
