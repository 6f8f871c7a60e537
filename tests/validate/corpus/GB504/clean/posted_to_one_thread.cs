using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using LiveKit.Proto;

internal static class Native
{
    [DllImport("livekit_ffi", EntryPoint = "livekit_ffi_drop_handle", CallingConvention = CallingConvention.Cdecl)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static extern bool Drop(ulong handle);
}

internal sealed class Owner : SafeHandle
{
    private readonly ulong _id;

    internal Owner(ulong id) : base(IntPtr.Zero, true) { _id = id; SetHandle(new IntPtr(1)); }

    internal ulong Id => _id;

    public override bool IsInvalid => handle == IntPtr.Zero;

    protected override bool ReleaseHandle() => Native.Drop(_id);
}

internal sealed class Client
{
    internal static readonly Client Instance = new Client();

    internal event Action<RoomEvent> RoomEvents;

    internal FfiResponse Send(FfiRequest request) => throw new NotImplementedException();
}

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
        try
        {
            Streams.Raise(FfiEvent.Parser.ParseFrom(new byte[(int)length]));
        }
        catch (Exception)
        {
        }
    }
}

internal static class Streams
{
    internal static event Action<AudioStreamEvent> Received;

    internal static event Action<Panic> Failed;

    internal static void Raise(FfiEvent message)
    {
        switch (message.MessageCase)
        {
            case FfiEvent.MessageOneofCase.AudioStreamEvent:
                Received?.Invoke(message.AudioStreamEvent);
                break;
            case FfiEvent.MessageOneofCase.Panic:
                Failed?.Invoke(message.Panic);
                break;
        }
    }
}

public sealed class Stream : IDisposable
{
    private readonly Owner _owner;
    private readonly object _gate = new object();
    private List<int> _levels = new List<int>();
    private int _disposed;

    public Stream()
    {
        var response = Client.Instance.Send(new FfiRequest { NewAudioStream = new NewAudioStreamRequest() });
        _owner = new Owner(response.NewAudioStream.Stream.Handle.Id);
        Streams.Received += OnFrame;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        Streams.Received -= OnFrame;
        _owner.Dispose();
        _levels.Clear();
    }

    private void OnFrame(AudioStreamEvent message)
    {
        using (new Owner(message.FrameReceived.Frame.Handle.Id))
        {
        }

        SynchronizationContext.Current.Post(_ => _levels.Add(1), null);
    }
}
