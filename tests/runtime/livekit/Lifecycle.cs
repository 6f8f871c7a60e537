// What the client itself has to see to, and what happens to who goes around it.
using System;
using System.Collections.Generic;
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;

namespace LiveKitLab
{
    /// <summary>Scenarios of the client's end, and of requests handed over raw.</summary>
    public static class Lifecycle
    {
        private static readonly List<IDisposable> Kept = new List<IDisposable>();

        /// <summary>Everything is left to the client's Dispose.</summary>
        public static object LeftToClient(LiveKitClient client, object arguments)
        {
            AudioSource source = client.NewAudioSource();
            LocalTrack track = client.CreateAudioTrack("left", source);
            AudioStream stream = track.NewAudioStream();
            AudioFrame frame;
            using (AudioResampler resampler = client.NewAudioResampler())
            {
                frame = resampler.RemixAndResample(new short[Audio.Block], 1, 48000, 1, 48000);
            }

            frame.Dispose();
            Kept.AddRange(new IDisposable[] { source, track, stream, client.NewApm(true, true, true, true) });
            return null;
        }

        /// <summary>The request to dispose empties the table, and what comes after still works.</summary>
        public static object RawDispose(LiveKitClient client, object arguments)
        {
            byte[] answer = client.Request(new FfiRequest { Dispose = new DisposeRequest { Async = false } }.ToByteArray());
            Lab.Same(FfiResponse.MessageOneofCase.Dispose, FfiResponse.Parse(answer).MessageCase, "the answer");
            using (client.NewAudioResampler())
            {
                return Lab.Facts("alive", LiveHandles.Total);
            }
        }

        /// <summary>An object whose handle nobody keeps: what the census is there to find.</summary>
        public static object RawLeak(LiveKitClient client, object arguments)
        {
            byte[] answer = client.Request(new FfiRequest { NewAudioResampler = new NewAudioResamplerRequest() }.ToByteArray());
            return Lab.Facts("handle", FfiResponse.Parse(answer).NewAudioResampler.Resampler.Handle.Id);
        }

        /// <summary>Sends what a typed method refuses; the library ends the process.</summary>
        public static unsafe object RawAbort(LiveKitClient client, object arguments)
        {
            var which = (string)((Dictionary<string, object>)arguments)["which"];
            var request = new FfiRequest();
            fixed (byte* pixels = new byte[Pictures.Width * Pictures.Height * 4])
            {
                var picture = new VideoBufferInfo { Width = Pictures.Width, Height = Pictures.Height, DataPtr = (ulong)pixels };
                switch (which)
                {
                    case "queue_size_ms":
                        request.NewAudioSource = new NewAudioSourceRequest { SampleRate = 48000, NumChannels = 1, QueueSizeMs = 15 };
                        break;
                    case "ice_transport_type":
                        var options = new RoomOptions { RtcConfig = new RtcConfig { IceTransportType = (IceTransportType)9 } };
                        request.Connect = new ConnectRequest { Url = "ws://127.0.0.1:1", Token = "token", Options = options };
                        break;
                    case "abgr":
                        picture.Type = VideoBufferType.Abgr;
                        request.VideoConvert = new VideoConvertRequest { Buffer = picture, DstType = VideoBufferType.I420 };
                        break;
                    case "components":
                        picture.Type = VideoBufferType.I420;
                        request.VideoConvert = new VideoConvertRequest { Buffer = picture, DstType = VideoBufferType.Rgba };
                        break;
                    default:
                        throw new Failure("no such case: " + which);
                }

                client.Request(request.ToByteArray());
            }

            throw new Failure("the library took it");
        }
    }
}
