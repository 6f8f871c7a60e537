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
    }
}
