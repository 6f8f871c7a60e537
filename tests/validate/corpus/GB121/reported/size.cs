using System;
using System.Runtime.InteropServices;

[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct Length
{
    internal uint Low;
    internal ulong High;
}

internal static class Native
{
    [DllImport("livekit_ffi", CallingConvention = CallingConvention.Cdecl)]
    internal static extern unsafe ulong livekit_ffi_request(
        byte* data, UIntPtr length, byte** reply, out Length replyLength);
}
