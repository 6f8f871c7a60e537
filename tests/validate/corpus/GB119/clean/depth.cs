using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using LiveKit.Proto;

internal static class Native
{
    [DllImport("livekit_ffi", EntryPoint = "livekit_ffi_request", CallingConvention = CallingConvention.Cdecl)]
    internal static extern unsafe ulong Request(byte[] data, UIntPtr length, out byte* reply, out UIntPtr replyLength);
}
