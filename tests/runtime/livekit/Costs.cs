// What hot operations allocate once they are warm.
using System;
using System.Collections.Generic;
using System.Threading;
using GenBindings.Harness;
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;

namespace LiveKitLab
{
    /// <summary>Counts the bytes that a thread allocates.</summary>
    public static class Costs
    {
        private const int WarmUps = 200;
        private const int Rounds = 500;

        [ThreadStatic]
        private static long _before;

        [ThreadStatic]
        private static int _seen;

        /// <summary>Bytes by operation, over many rounds.</summary>
        public static object Run(LiveKitClient client, object arguments)
        {
            var bytes = new Dictionary<string, object>();
            var samples = new short[Audio.Block];
            using (AudioSource source = client.NewAudioSource(queueSizeMs: 0))
            using (LocalTrack track = client.CreateAudioTrack("cost", source))
            using (AudioResampler resampler = client.NewAudioResampler())
            using (Apm apm = client.NewApm(false, false, false, false))
            using (SoxResampler sox = client.NewSoxResampler(
                48000, 16000, 1, SoxResamplerDataType.Int16i, SoxResamplerDataType.Int16i, SoxQualityRecipe.Quick))
            using (VideoSource video = client.NewVideoSource(new VideoSourceResolution { Width = Pictures.Width, Height = Pictures.Height }))
            {
                VideoBufferInput packed = Pictures.InGrey(VideoBufferType.Rgba);
                VideoBufferInput planar = Pictures.InGrey(VideoBufferType.I420);
                bytes["nothing"] = Measure(delegate { });
                bytes["CaptureFrame of audio"] = Measure(delegate { source.CaptureFrame(samples); });
                bytes["Mute"] = Measure(delegate { track.Mute(true); });
                bytes["RemixAndResample"] = Measure(delegate { resampler.RemixAndResample(samples, 1, 48000, 2, 48000).Dispose(); });
                bytes["ProcessStream"] = Measure(delegate { apm.ProcessStream(samples, 48000, 1); });
                bytes["Push"] = Measure(delegate { sox.Push(samples); });
                bytes["CaptureFrame of a packed picture"] = Measure(delegate { video.CaptureFrame(packed, 1000); });
                bytes["CaptureFrame of a planar picture"] = Measure(delegate { video.CaptureFrame(planar, 1000); });
                bytes["VideoConvert"] = Measure(delegate { client.VideoConvert(packed, VideoBufferType.I420).Dispose(); });
                bytes["FrameReceived"] = Frames(source, track, samples);
            }

            // A measurement that cannot see an allocation proves nothing.
            bytes["new byte[100]"] = Measure(delegate { GC.KeepAlive(new byte[100]); });
            return bytes;
        }

        private static long Measure(Action action)
        {
            for (int i = 0; i < WarmUps; i++)
            {
                action();
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Rounds; i++)
            {
                action();
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        /// <summary>Bytes that the library's threads allocate from one frame to the next, once a thread is warm.</summary>
        private static long Frames(AudioSource source, LocalTrack track, short[] samples)
        {
            long total = 0;
            int measured = 0;
            int received = 0;
            using (AudioStream stream = track.NewAudioStream())
            {
                stream.FrameReceived += delegate(AudioStream sender, in AudioStreamFrameReceivedEventArgs e)
                {
                    long now = GC.GetAllocatedBytesForCurrentThread();
                    if (_seen++ > 20)
                    {
                        Interlocked.Add(ref total, now - _before);
                        Interlocked.Increment(ref measured);
                    }

                    _before = now;
                    Interlocked.Increment(ref received);
                };
                bool enough = Scenario.Until(
                    delegate
                    {
                        int before = Volatile.Read(ref received);
                        source.CaptureFrame(samples);
                        SpinWait.SpinUntil(delegate { return Volatile.Read(ref received) > before; }, 50);
                        return Volatile.Read(ref measured) >= 50;
                    },
                    20000);
                Lab.Check(enough, "enough frames to measure, there were " + received);
            }

            return total;
        }
    }
}
