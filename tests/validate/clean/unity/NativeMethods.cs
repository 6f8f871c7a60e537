using System;
using System.Runtime.InteropServices;
using AOT;

namespace Conference.Internal
{
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal delegate void EventCallback(IntPtr data, UIntPtr length);

    internal static class NativeMethods
    {
#if (UNITY_IOS || UNITY_WEBGL) && !UNITY_EDITOR
        private const string Library = "__Internal";
#else
        private const string Library = "livekit_ffi";
#endif

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, EntryPoint = "livekit_ffi_request")]
        internal static extern unsafe ulong Request(byte* data, UIntPtr length, out byte* reply, out UIntPtr replyLength);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, EntryPoint = "livekit_ffi_drop_handle")]
        [return: MarshalAs(UnmanagedType.U1)]
        internal static extern bool DropHandle(ulong handle);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, EntryPoint = "livekit_ffi_initialize")]
        internal static extern void Initialize(
            EventCallback callback,
            [MarshalAs(UnmanagedType.U1)] bool captureLogs,
            [MarshalAs(UnmanagedType.LPUTF8Str)] string sdk,
            [MarshalAs(UnmanagedType.LPUTF8Str)] string version);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, EntryPoint = "livekit_ffi_dispose")]
        internal static extern void Dispose();
    }
}
