using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using LiveKit.Proto;

using UnityEngine;
internal static partial class Native
{
    [LibraryImport("livekit_ffi", EntryPoint = "livekit_ffi_drop_handle")]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static partial bool Drop(ulong handle);
}
