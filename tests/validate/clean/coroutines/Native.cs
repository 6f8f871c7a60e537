using System;
using System.Runtime.InteropServices;
using Google.Protobuf;
using LiveKit.Proto;
using Microsoft.Win32.SafeHandles;

namespace Meet
{
    internal sealed class NativeId : SafeHandleZeroOrMinusOneIsInvalid
    {
        public NativeId() : base(ownsHandle: true)
        {
        }

        public static NativeId Own(ulong id)
        {
            var owner = new NativeId();
            owner.SetHandle((IntPtr)(long)id);
            return owner;
        }

        public ulong Value => (ulong)handle.ToInt64();

        protected override bool ReleaseHandle() => Native.Drop((ulong)handle.ToInt64()) != 0;
    }

    internal static unsafe class Native
    {
#if UNITY_IOS && !UNITY_EDITOR
        private const string Dll = "__Internal";
#elif UNITY_WEBGL && !UNITY_EDITOR
        private const string Dll = "__Internal";
#else
        private const string Dll = "livekit_ffi";
#endif

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate void NativeEvent(IntPtr data, UIntPtr size);

        [DllImport(Dll, CallingConvention = CallingConvention.Cdecl, EntryPoint = "livekit_ffi_initialize")]
        internal static extern void Start(
            NativeEvent callback, byte captureLogs, byte[] sdk, byte[] version);

        [DllImport(Dll, CallingConvention = CallingConvention.Cdecl, EntryPoint = "livekit_ffi_request")]
        private static extern ulong Request(byte* data, UIntPtr size, out IntPtr reply, out UIntPtr replySize);

        [DllImport(Dll, CallingConvention = CallingConvention.Cdecl, EntryPoint = "livekit_ffi_drop_handle")]
        internal static extern byte Drop(ulong id);

        [DllImport(Dll, CallingConvention = CallingConvention.Cdecl, EntryPoint = "livekit_ffi_dispose")]
        internal static extern void Shutdown();

        internal static FfiResponse Call(IMessage request)
        {
            var envelope = request as FfiRequest ?? Wrap(request);
            var bytes = envelope.ToByteArray();
            IntPtr reply;
            UIntPtr size;
            NativeId owner;
            fixed (byte* start = bytes)
            {
                owner = NativeId.Own(Request(start, (UIntPtr)bytes.Length, out reply, out size));
            }

            try
            {
                return FfiResponse.Parser.ParseFrom(new Span<byte>(reply.ToPointer(), (int)size));
            }
            finally
            {
                owner.Dispose();
            }
        }

        private static FfiRequest Wrap(IMessage request)
        {
            var envelope = new FfiRequest();
            switch (request)
            {
                case ConnectRequest connect:
                    envelope.Connect = connect;
                    break;
                case DisconnectRequest disconnect:
                    envelope.Disconnect = disconnect;
                    break;
                case PublishTrackRequest publish:
                    envelope.PublishTrack = publish;
                    break;
                case NewAudioSourceRequest source:
                    envelope.NewAudioSource = source;
                    break;
                case CreateAudioTrackRequest track:
                    envelope.CreateAudioTrack = track;
                    break;
                case NewAudioStreamRequest stream:
                    envelope.NewAudioStream = stream;
                    break;
                default:
                    throw new ArgumentException(request.Descriptor.FullName);
            }

            return envelope;
        }
    }
}
