// LiveKit's real library through the generated binding: what works without a server.
using System;
using System.Collections.Generic;
using System.Linq;
using GenBindings.Harness;
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;

namespace Demo
{
    public static class RealLibrary
    {
        private static readonly List<string> Reported = new List<string>();
        private static LiveKitClient _client;

        /// <summary>Sources, tracks, mute, resampling; what is alive before, during and after.</summary>
        public static string Run(string arguments)
        {
            Diagnostics.Reported += (sender, e) => Reported.Add(e.Message);
            _client = LiveKitClient.Initialize();
            string before = LiveHandles.Line();
            string during;
            bool exact;
            using (AudioSource microphone = _client.NewAudioSource(sampleRate: 48000, numChannels: 1))
            using (VideoSource camera = _client.NewVideoSource(new VideoSourceResolution { Width = 64, Height = 48 }))
            using (LocalTrack sound = _client.CreateAudioTrack("microphone", microphone))
            using (LocalTrack picture = _client.CreateVideoTrack("camera", camera))
            using (AudioResampler resampler = _client.NewAudioResampler())
            {
                Expect(sound.Mute(true), "the track is not muted");
                Expect(!sound.Mute(false), "the track is still muted");

                short[] samples = Enumerable.Range(0, 480).Select(i => (short)(i * 16)).ToArray();
                Expect(microphone.CaptureFrameAsync(samples).Wait(10000), "a captured frame was not confirmed");
                using (AudioFrame frame = resampler.RemixAndResample(samples, 1, 48000, 1, 48000))
                {
                    exact = frame.Data.SequenceEqual(samples);
                    during = LiveHandles.Line();
                }
            }

            Expect(exact, "resampling to the same rate changed the samples");
            // The library gives out ascending numbers, so no handle of this process has a higher one.
            ulong highest;
            using (AudioResampler last = _client.NewAudioResampler())
            {
                highest = last.Core.Handle.Id;
            }

            return Json.Object("before", before, "during", during, "after", LiveHandles.Line(), "highest", highest, "reported", Reported);
        }

        /// <summary>Shuts the library down, after the census.</summary>
        public static void Finish()
        {
            _client.Dispose();
        }

        private static void Expect(bool holds, string otherwise)
        {
            if (!holds)
            {
                throw new InvalidOperationException(otherwise);
            }
        }
    }
}
