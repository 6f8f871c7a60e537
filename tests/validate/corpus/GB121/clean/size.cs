using System;
using System.Runtime.InteropServices;

[StructLayout(LayoutKind.Explicit)]
internal struct Length
{
    [FieldOffset(0)]
    internal UIntPtr Value;

    [FieldOffset(0)]
    internal uint Low;
}

internal static class Native
{
    [DllImport("livekit_ffi", CallingConvention = CallingConvention.Cdecl)]
    internal static extern unsafe ulong livekit_ffi_request(
        byte* data, UIntPtr length, byte** reply, Length* replyLength);
}
