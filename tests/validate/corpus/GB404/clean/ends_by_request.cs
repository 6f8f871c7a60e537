using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using LiveKit.Proto;

using UnityEngine;
[UnmanagedFunctionPointer(CallingConvention.Cdecl)]
internal delegate void Callback(IntPtr data, UIntPtr length);

internal static class Start
{
    private static readonly Callback s_callback = OnEvent;

    [DllImport("livekit_ffi", EntryPoint = "livekit_ffi_initialize", CallingConvention = CallingConvention.Cdecl)]
    private static extern void Initialize(Callback callback, [MarshalAs(UnmanagedType.U1)] bool logs, byte[] sdk, byte[] version);

    internal static void Run() => Initialize(s_callback, false, null, null);

    [AOT.MonoPInvokeCallback(typeof(Callback))]
    private static void OnEvent(IntPtr data, UIntPtr length)
    {
        try { } catch { }
    }
}

internal sealed class Client
{
    internal static readonly Client Instance = new Client();

    internal FfiResponse Send(FfiRequest request) => throw new NotImplementedException();
}

internal static class End
{
    [RuntimeInitializeOnLoadMethod]
    private static void Hook()
    {
        UnityEditor.AssemblyReloadEvents.beforeAssemblyReload += Stop;
        Application.quitting += Stop;
    }

    private static void Stop() => Client.Instance.Send(new FfiRequest { Dispose = new DisposeRequest() });
}
