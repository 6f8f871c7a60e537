using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using LiveKit.Proto;

internal delegate void Callback(IntPtr data, UIntPtr length);

internal static class Native
{
    [DllImport("livekit_ffi", EntryPoint = "livekit_ffi_initialize", CallingConvention = CallingConvention.Cdecl)]
    internal static extern void Initialize(Callback callback, [MarshalAs(UnmanagedType.U1)] bool logs, [MarshalAs(UnmanagedType.LPUTF8Str)] string sdk, [MarshalAs(UnmanagedType.LPUTF8Str)] string version);
}
