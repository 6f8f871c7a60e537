// The same requests with protoc's C# and Google.Protobuf, as hand-written clients do it: a message for the request,
// its bytes, the call, a message of the response's bytes.
using System;
using System.Runtime.InteropServices;
using Google.Protobuf;
using LiveKit.Ffi;
using Pb = LiveKit.Proto;

namespace Bench
{
    /// <summary>Cheap requests through Google.Protobuf.</summary>
    public sealed unsafe class PeerCalls
    {
        private readonly ulong _resampler;
        private readonly ulong _source;
        private readonly ulong _track;
        private readonly ulong _samples;

        /// <summary>Takes the handles and the address of 480 samples.</summary>
        public PeerCalls(ulong resampler, ulong source, ulong track, ulong samples)
        {
            _resampler = resampler;
            _source = source;
            _track = track;
            _samples = samples;
        }

        /// <summary>Pushes nothing into the resampler.</summary>
        public void EmptyPush(int times)
        {
            for (int i = 0; i < times; i++)
            {
                Send(new Pb.FfiRequest { PushSoxResampler = new Pb.PushSoxResamplerRequest { ResamplerHandle = _resampler, DataPtr = 0, Size = 0 } });
            }
        }

        /// <summary>Mutes.</summary>
        public void Mute(int times)
        {
            for (int i = 0; i < times; i++)
            {
                Send(new Pb.FfiRequest { LocalTrackMute = new Pb.LocalTrackMuteRequest { TrackHandle = _track, Mute = true } });
            }
        }

        /// <summary>Clears the source's buffer.</summary>
        public void Clear(int times)
        {
            for (int i = 0; i < times; i++)
            {
                Send(new Pb.FfiRequest { ClearAudioBuffer = new Pb.ClearAudioBufferRequest { SourceHandle = _source } });
            }
        }

        /// <summary>Captures a frame.</summary>
        public void Capture(int times)
        {
            for (int i = 0; i < times; i++)
            {
                Send(new Pb.FfiRequest
                {
                    CaptureAudioFrame = new Pb.CaptureAudioFrameRequest
                    {
                        SourceHandle = _source,
                        Buffer = new Pb.AudioFrameBufferInfo { DataPtr = _samples, NumChannels = 1, SampleRate = 48000, SamplesPerChannel = 480 },
                        RequestAsyncId = ulong.MaxValue,
                    },
                });
            }
        }

        private static Pb.FfiResponse Send(Pb.FfiRequest request)
        {
            byte[] bytes = request.ToByteArray();
            byte* reply;
            UIntPtr size;
            ulong handle;
            fixed (byte* data = bytes)
            {
                handle = NativeMethods.livekit_ffi_request(data, (UIntPtr)bytes.Length, &reply, &size);
            }

            if (handle == 0)
            {
                throw new InvalidOperationException("The library refused the peer's request.");
            }

            var answer = new byte[(int)size];
            Marshal.Copy((IntPtr)reply, answer, 0, answer.Length);
            NativeMethods.livekit_ffi_drop_handle(handle);
            return Pb.FfiResponse.Parser.ParseFrom(answer);
        }
    }
}
