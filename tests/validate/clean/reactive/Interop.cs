using System;
using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Threading;
using AOT;
using Cysharp.Threading.Tasks;
using Google.Protobuf;
using LiveKit.Proto;
using R3;
using UnityEngine;

namespace Rooms.Interop;

[UnmanagedFunctionPointer(CallingConvention.Cdecl)]
internal delegate void Arrival(IntPtr data, UIntPtr length);

internal sealed class Lease : SafeHandle
{
    private ulong _id;

    private Lease(ulong id)
        : base(IntPtr.Zero, ownsHandle: true) => (_id, handle) = (id, new IntPtr(id == 0 ? 0 : 1));

    public static Lease Of(FfiOwnedHandle owned) => new(owned?.Id ?? throw new ArgumentNullException(nameof(owned)));

    public static Lease OfBuffer(ulong id) => new(id);

    public ulong Id => Volatile.Read(ref _id);

    public override bool IsInvalid => handle == IntPtr.Zero;

    protected override bool ReleaseHandle()
    {
        var id = Interlocked.Exchange(ref _id, 0UL);
        return id == 0 || Bridge.livekit_ffi_drop_handle(id);
    }
}

internal static unsafe class Bridge
{
#if UNITY_IOS && !UNITY_EDITOR
    private const string Dll = "__Internal";
#else
    private const string Dll = "livekit_ffi";
#endif

    private static readonly Arrival s_arrival = OnArrival;
    private static readonly Subject<FfiEvent> s_events = new();
    private static readonly ConcurrentDictionary<ulong, UniTaskCompletionSource<FfiEvent>> s_waiting = new();
    private static long s_id;
    private static bool s_running;

    public static Observable<FfiEvent> Events => s_events;

    [DllImport(Dll, CallingConvention = CallingConvention.Cdecl)]
    private static extern void livekit_ffi_initialize(
        Arrival callback,
        [MarshalAs(UnmanagedType.I1)] bool captureLogs,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string sdk,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string version);

    [DllImport(Dll, CallingConvention = CallingConvention.Cdecl)]
    private static extern ulong livekit_ffi_request(
        byte* request, nuint length, out byte* response, out nuint responseLength);

    [DllImport(Dll, CallingConvention = CallingConvention.Cdecl)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static extern bool livekit_ffi_drop_handle(ulong handle);

    [DllImport(Dll, CallingConvention = CallingConvention.Cdecl)]
    private static extern void livekit_ffi_dispose();

    [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.SubsystemRegistration)]
    private static void Reset()
    {
        s_running = false;
        s_waiting.Clear();
        s_id = 0;
    }

    [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.BeforeSceneLoad)]
    private static void Run()
    {
        livekit_ffi_initialize(s_arrival, false, "unity", Application.version);
        s_running = true;
        Application.quitting += Halt;
#if UNITY_EDITOR
        UnityEditor.AssemblyReloadEvents.beforeAssemblyReload += Halt;
#endif
    }

    private static void Halt()
    {
        if (!s_running)
        {
            return;
        }

        s_running = false;
        livekit_ffi_dispose();
    }

    public static FfiResponse Send(FfiRequest request)
    {
        var size = request.CalculateSize();
        var rented = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            request.WriteTo(rented.AsSpan(0, size));
            fixed (byte* start = rented)
            {
                using var lease = Lease.OfBuffer(
                    livekit_ffi_request(start, (nuint)size, out var response, out var length));
                return FfiResponse.Parser.ParseFrom(new ReadOnlySpan<byte>(response, checked((int)length)));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    public static (ulong Id, UniTask<FfiEvent> Answer) Expect()
    {
        var id = (ulong)Interlocked.Increment(ref s_id);
        var source = new UniTaskCompletionSource<FfiEvent>();
        s_waiting[id] = source;
        return (id, source.Task);
    }

    [MonoPInvokeCallback(typeof(Arrival))]
    private static void OnArrival(IntPtr data, UIntPtr length)
    {
        try
        {
            var message = FfiEvent.Parser.ParseFrom(new ReadOnlySpan<byte>((void*)data, (int)length));
            UniTask.Post(() => Deliver(message));
        }
        catch (Exception error)
        {
            Debug.LogException(error);
        }
    }

    private static void Deliver(FfiEvent message)
    {
        var id = message.MessageCase switch
        {
            FfiEvent.MessageOneofCase.Connect => message.Connect.AsyncId,
            FfiEvent.MessageOneofCase.Disconnect => message.Disconnect.AsyncId,
            FfiEvent.MessageOneofCase.PublishTrack => message.PublishTrack.AsyncId,
            FfiEvent.MessageOneofCase.ByteStreamOpen => message.ByteStreamOpen.AsyncId,
            _ => 0UL,
        };
        if (message.MessageCase == FfiEvent.MessageOneofCase.Panic)
        {
            Debug.LogError($"The library gave up: {message.Panic.Message}");
            Halt();
        }
        else if (id != 0 && s_waiting.TryRemove(id, out var source))
        {
            source.TrySetResult(message);
        }
        else
        {
            s_events.OnNext(message);
        }
    }
}
