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

public static class Rooms
{
    public static int Measure(byte[] request)
    {
        Answer answer = Wire.Ask("measure", request);
        return answer.Length;
    }

    public static void Tell(byte[] request)
    {
        Wire.Ask("tell", request);
    }
}
