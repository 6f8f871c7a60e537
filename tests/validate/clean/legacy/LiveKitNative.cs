using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using Google.Protobuf;
using LiveKit.Proto;

// A binding as it was written for .NET Framework 3.5: static classes, IntPtr, tables, locks, finalizers.
public static class LiveKitNative
{
    private const string DLL = "livekit_ffi";

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void CallbackProc(IntPtr pData, UIntPtr cbData);

    [DllImport(DLL, EntryPoint = "livekit_ffi_initialize", CallingConvention = CallingConvention.Cdecl)]
    private static extern void FfiInitialize(CallbackProc cb, byte bCaptureLogs, IntPtr pszSdk, IntPtr pszVersion);

    [DllImport(DLL, EntryPoint = "livekit_ffi_request", CallingConvention = CallingConvention.Cdecl)]
    private static extern ulong FfiRequest_(IntPtr pData, UIntPtr cbData, out IntPtr ppReply, out UIntPtr pcbReply);

    [DllImport(DLL, EntryPoint = "livekit_ffi_drop_handle", CallingConvention = CallingConvention.Cdecl)]
    private static extern byte FfiDropHandle(ulong hHandle);

    [DllImport(DLL, EntryPoint = "livekit_ffi_dispose", CallingConvention = CallingConvention.Cdecl)]
    private static extern void FfiDispose();

    private static readonly object s_lock = new object();
    private static readonly Dictionary<ulong, AutoResetEvent> s_waiters = new Dictionary<ulong, AutoResetEvent>();
    private static readonly Dictionary<ulong, FfiEvent> s_results = new Dictionary<ulong, FfiEvent>();
    private static readonly Dictionary<ulong, RoomSession> s_sessions = new Dictionary<ulong, RoomSession>();
    private static CallbackProc s_callback;
    private static ulong s_lastId;
    private static bool s_initialized;

    public static void Initialize()
    {
        lock (s_lock)
        {
            if (s_initialized)
            {
                return;
            }

            s_callback = new CallbackProc(OnNative);
            IntPtr sdk = Marshal.StringToHGlobalAnsi("csharp");
            IntPtr version = Marshal.StringToHGlobalAnsi("1.0");
            try
            {
                FfiInitialize(s_callback, 0, sdk, version);
            }
            finally
            {
                Marshal.FreeHGlobal(sdk);
                Marshal.FreeHGlobal(version);
            }

            AppDomain.CurrentDomain.ProcessExit += delegate { Shutdown(); };
            s_initialized = true;
        }
    }

    public static void Shutdown()
    {
        RoomSession[] open;
        lock (s_lock)
        {
            if (!s_initialized)
            {
                return;
            }

            s_initialized = false;
            open = new RoomSession[s_sessions.Count];
            s_sessions.Values.CopyTo(open, 0);
            s_sessions.Clear();
        }

        foreach (RoomSession session in open)
        {
            session.Close();
        }

        FfiDispose();
    }

    internal static void Release(ref ulong hHandle)
    {
        ulong old = hHandle;
        hHandle = 0;
        if (old != 0)
        {
            FfiDropHandle(old);
        }
    }

    internal static void Release(FfiOwnedHandle owned)
    {
        if (owned != null && owned.Id != 0)
        {
            FfiDropHandle(owned.Id);
        }
    }

    internal static FfiResponse Call(FfiRequest request)
    {
        byte[] bytes = request.ToByteArray();
        GCHandle pin = GCHandle.Alloc(bytes, GCHandleType.Pinned);
        ulong hReply = 0;
        try
        {
            IntPtr pReply;
            UIntPtr cbReply;
            hReply = FfiRequest_(pin.AddrOfPinnedObject(), (UIntPtr)(uint)bytes.Length, out pReply, out cbReply);
            byte[] reply = new byte[(int)cbReply];
            Marshal.Copy(pReply, reply, 0, reply.Length);
            return FfiResponse.Parser.ParseFrom(reply);
        }
        finally
        {
            Release(ref hReply);
            pin.Free();
        }
    }

    internal static ulong NextId()
    {
        lock (s_lock)
        {
            ulong id = ++s_lastId;
            s_waiters.Add(id, new AutoResetEvent(false));
            return id;
        }
    }

    internal static FfiEvent Wait(ulong id)
    {
        AutoResetEvent signal;
        lock (s_lock)
        {
            signal = s_waiters[id];
        }

        signal.WaitOne();
        lock (s_lock)
        {
            FfiEvent result = s_results[id];
            s_results.Remove(id);
            s_waiters.Remove(id);
            return result;
        }
    }

    internal static void Register(ulong room, RoomSession session)
    {
        lock (s_lock)
        {
            s_sessions[room] = session;
        }
    }

    internal static void Unregister(ulong room)
    {
        lock (s_lock)
        {
            s_sessions.Remove(room);
        }
    }

    private static void OnNative(IntPtr pData, UIntPtr cbData)
    {
        try
        {
            byte[] bytes = new byte[(int)cbData];
            Marshal.Copy(pData, bytes, 0, bytes.Length);
            Handle(FfiEvent.Parser.ParseFrom(bytes));
        }
        catch (Exception e)
        {
            Console.Error.WriteLine(e);
        }
    }

    private static void Handle(FfiEvent e)
    {
        if (e.Connect != null)
        {
            Done(e.Connect.AsyncId, e);
        }
        else if (e.Disconnect != null)
        {
            Done(e.Disconnect.AsyncId, e);
        }
        else if (e.Panic != null)
        {
            Console.Error.WriteLine(e.Panic.Message);
            Shutdown();
        }
        else if (e.RoomEvent != null)
        {
            RoomSession session;
            lock (s_lock)
            {
                s_sessions.TryGetValue(e.RoomEvent.RoomHandle, out session);
            }

            RoomSession.Dispatch(session, e.RoomEvent);
        }
    }

    private static void Done(ulong id, FfiEvent e)
    {
        lock (s_lock)
        {
            s_results[id] = e;
            s_waiters[id].Set();
        }
    }
}
