using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using LiveKit.Proto;

internal static class Native
{
    [DllImport("livekit_ffi", EntryPoint = "livekit_ffi_request", CallingConvention = CallingConvention.Cdecl)]
    internal static extern unsafe ulong Request(ref byte data, UIntPtr length, out IntPtr reply, out UIntPtr replyLength);
}
