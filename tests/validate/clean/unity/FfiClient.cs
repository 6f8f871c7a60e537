using System;
using System.Collections.Concurrent;
using System.Threading;
using AOT;
using Google.Protobuf;
using LiveKit.Proto;
using UnityEngine;
#if UNITY_EDITOR
using UnityEditor;
#endif

namespace Conference.Internal
{
    internal sealed class FfiClient
    {
        private static readonly EventCallback s_callback = OnNativeEvent;
        private static FfiClient s_instance;

        private readonly SynchronizationContext _context;
        private readonly ConcurrentDictionary<ulong, Action<FfiEvent>> _pending =
            new ConcurrentDictionary<ulong, Action<FfiEvent>>();
        private long _nextId;

        internal event Action<RoomEvent> RoomEventReceived;
        internal event Action<AudioStreamEvent> AudioStreamEventReceived;
        internal event Action<VideoStreamEvent> VideoStreamEventReceived;
        internal event Action<ByteStreamReaderEvent> ByteStreamReaderEventReceived;
        internal event Action<string> Panicked;

        private FfiClient()
        {
            _context = SynchronizationContext.Current;
        }

        internal static FfiClient Instance => s_instance ?? Start();

        [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.SubsystemRegistration)]
        private static void Reset()
        {
            s_instance = null;
        }

        private static FfiClient Start()
        {
            s_instance = new FfiClient();
            NativeMethods.Initialize(s_callback, false, "unity", "1.0");
            Application.quitting += Stop;
#if UNITY_EDITOR
            AssemblyReloadEvents.beforeAssemblyReload += Stop;
#endif
            return s_instance;
        }

        private static void Stop()
        {
            Application.quitting -= Stop;
#if UNITY_EDITOR
            AssemblyReloadEvents.beforeAssemblyReload -= Stop;
#endif
            NativeMethods.Dispose();
            s_instance = null;
        }

        internal ulong NextId() => (ulong)Interlocked.Increment(ref _nextId);

        internal void Expect(ulong asyncId, Action<FfiEvent> then)
        {
            _pending[asyncId] = then;
        }

        internal unsafe FfiResponse Send(FfiRequest request)
        {
            byte[] bytes = request.ToByteArray();
            ulong reply;
            byte* data;
            UIntPtr length;
            fixed (byte* start = bytes)
            {
                reply = NativeMethods.Request(start, (UIntPtr)bytes.Length, out data, out length);
            }

            if (reply == 0)
            {
                throw new InvalidOperationException("The request was refused.");
            }

            using (var buffer = new FfiHandle(reply))
            {
                return FfiResponse.Parser.ParseFrom(new ReadOnlySpan<byte>(data, (int)length.ToUInt64()));
            }
        }

        [MonoPInvokeCallback(typeof(EventCallback))]
        private static unsafe void OnNativeEvent(IntPtr data, UIntPtr length)
        {
            try
            {
                var message = FfiEvent.Parser.ParseFrom(new ReadOnlySpan<byte>(data.ToPointer(), (int)length));
                s_instance?.Dispatch(message);
            }
            catch (Exception error)
            {
                Debug.LogException(error);
            }
        }

        private void Dispatch(FfiEvent message)
        {
            if (message.MessageCase == FfiEvent.MessageOneofCase.AudioStreamEvent)
            {
                AudioStreamEventReceived?.Invoke(message.AudioStreamEvent);
                return;
            }

            _context.Post(_ => Deliver(message), null);
        }

        private void Deliver(FfiEvent message)
        {
            switch (message.MessageCase)
            {
                case FfiEvent.MessageOneofCase.RoomEvent:
                    RoomEventReceived?.Invoke(message.RoomEvent);
                    break;
                case FfiEvent.MessageOneofCase.VideoStreamEvent:
                    VideoStreamEventReceived?.Invoke(message.VideoStreamEvent);
                    break;
                case FfiEvent.MessageOneofCase.ByteStreamReaderEvent:
                    ByteStreamReaderEventReceived?.Invoke(message.ByteStreamReaderEvent);
                    break;
                case FfiEvent.MessageOneofCase.Connect:
                    Complete(message.Connect.AsyncId, message);
                    break;
                case FfiEvent.MessageOneofCase.Disconnect:
                    Complete(message.Disconnect.AsyncId, message);
                    break;
                case FfiEvent.MessageOneofCase.PublishTrack:
                    Complete(message.PublishTrack.AsyncId, message);
                    break;
                case FfiEvent.MessageOneofCase.ByteStreamOpen:
                    Complete(message.ByteStreamOpen.AsyncId, message);
                    break;
                case FfiEvent.MessageOneofCase.Panic:
                    Panicked?.Invoke(message.Panic.Message);
                    break;
            }
        }

        private void Complete(ulong asyncId, FfiEvent message)
        {
            if (_pending.TryRemove(asyncId, out var then))
            {
                then(message);
            }
        }
    }
}
