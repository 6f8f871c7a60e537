// Resampling and audio processing: results that can be computed are compared sample by sample.
using System;
using System.Collections.Generic;
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;

namespace LiveKitLab
{
    /// <summary>Scenarios of samples in, samples out.</summary>
    public static class Resamplers
    {
        /// <summary>Remixing: the same format is the identity, mono to stereo doubles each sample.</summary>
        public static object Remix(LiveKitClient client, object arguments)
        {
            short[] data = Samples(Audio.Block);
            using (AudioResampler resampler = client.NewAudioResampler())
            {
                using (AudioFrame same = resampler.RemixAndResample(data, 1, Audio.Rate, 1, Audio.Rate))
                {
                    Format(same, 1, Audio.Rate, Audio.Block);
                    Lab.Same<short>(data, same.Data, "the same format");
                    Lab.Same(1, LiveHandles.Count(HandleKind.AudioFrameBuffer), "live frames");
                }

                var doubled = new short[data.Length * 2];
                for (int i = 0; i < data.Length; i++)
                {
                    doubled[2 * i] = doubled[2 * i + 1] = data[i];
                }

                using (AudioFrame stereo = resampler.RemixAndResample(data, 1, Audio.Rate, 2, Audio.Rate))
                {
                    Format(stereo, 2, Audio.Rate, Audio.Block);
                    Lab.Same<short>(doubled, stereo.Data, "mono to stereo");
                }

                using (AudioFrame mono = resampler.RemixAndResample(doubled, 2, Audio.Rate, 1, Audio.Rate))
                {
                    Format(mono, 1, Audio.Rate, Audio.Block);
                    Lab.Same<short>(data, mono.Data, "equal channels to mono");
                }

                using (AudioFrame slower = resampler.RemixAndResample(data, 1, Audio.Rate, 1, 16000))
                {
                    Format(slower, 1, 16000, 160);
                }

                AudioFrame left = resampler.RemixAndResample(data, 1, Audio.Rate, 1, Audio.Rate);
                resampler.Dispose();
                Lab.Same<short>(data, left.Data, "a frame outlives its resampler");
                left.Dispose();
                Lab.Throws<ObjectDisposedException>("a frame after its dispose", delegate { left.Data.ToArray(); });
                return null;
            }
        }

        /// <summary>Sox: lengths follow from the rates, the same rate is the identity, a view ends with the next call.</summary>
        public static object Sox(LiveKitClient client, object arguments)
        {
            short[] data = Samples(Audio.Rate / 10);
            using (SoxResampler same = New(client, Audio.Rate, Audio.Rate, 1))
            {
                // Sox dithers what it rounds to 16 bits, at the same rate too.
                short[] found = All(same, data);
                Lab.Same(data.Length, found.Length, "samples at the same rate");
                for (int i = 0; i < data.Length; i++)
                {
                    Lab.Check(Math.Abs(found[i] - data[i]) <= 1, "sample " + i + " within 1 of " + data[i] + ", found " + found[i]);
                }
            }

            using (SoxResampler slower = New(client, Audio.Rate, 16000, 1))
            {
                Lab.Same(data.Length / 3, All(slower, data).Length, "samples after a third of the rate");
            }

            using (SoxResampler faster = New(client, 16000, Audio.Rate, 2))
            {
                Lab.Same(data.Length * 3, All(faster, data).Length, "samples after three times the rate, stereo");
            }

            using (SoxResampler resampler = New(client, Audio.Rate, Audio.Rate, 1))
            {
                NativeView<short> view = resampler.Push(data);
                resampler.Push(data);
                Lab.Throws<ObjectDisposedException>("a view after the next push", delegate { view.Span.ToArray(); });
                NativeView<short> last = resampler.Flush();
                resampler.Dispose();
                Lab.Throws<ObjectDisposedException>("a view after the dispose", delegate { last.Span.ToArray(); });
            }

            return null;
        }

        /// <summary>Audio processing works in place: all off changes nothing, the high-pass filter takes a constant away.</summary>
        public static object Process(LiveKitClient client, object arguments)
        {
            short[] data = Samples(Audio.Block);
            using (Apm nothing = client.NewApm(false, false, false, false))
            {
                var work = (short[])data.Clone();
                nothing.ProcessStream(work, Audio.Rate, 1);
                Lab.Same<short>(data, work, "processing with everything off");
                nothing.ProcessReverseStream(work, Audio.Rate, 1);
                Lab.Same<short>(data, work, "reverse processing with everything off");
            }

            using (Apm filter = client.NewApm(false, false, true, false))
            {
                var constant = new short[Audio.Block];
                for (int block = 0; block < 100; block++)
                {
                    for (int i = 0; i < constant.Length; i++)
                    {
                        constant[i] = 10000;
                    }

                    filter.ProcessStream(constant, Audio.Rate, 1);
                }

                Lab.Check(Math.Abs((int)constant[Audio.Block - 1]) < 100, "no constant left, found " + constant[Audio.Block - 1]);
            }

            using (Apm all = client.NewApm(true, true, true, true))
            {
                var stereo = new short[Audio.Block * 2];
                all.SetStreamDelay(30);
                all.ProcessReverseStream(stereo, Audio.Rate, 2);
                all.ProcessStream(stereo, Audio.Rate, 2);
                Lab.Same<short>(new short[Audio.Block * 2], stereo, "silence");
            }

            return null;
        }

        private static SoxResampler New(LiveKitClient client, double from, double to, uint channels)
        {
            return client.NewSoxResampler(
                from, to, channels, SoxResamplerDataType.Int16i, SoxResamplerDataType.Int16i, SoxQualityRecipe.High);
        }

        private static short[] All(SoxResampler resampler, short[] data)
        {
            var all = new List<short>();
            for (int at = 0; at < data.Length; at += Audio.Block)
            {
                all.AddRange(resampler.Push(new ReadOnlySpan<short>(data, at, Audio.Block)).Span.ToArray());
            }

            all.AddRange(resampler.Flush().Span.ToArray());
            return all.ToArray();
        }

        private static void Format(AudioFrame frame, uint channels, uint rate, uint samples)
        {
            Lab.Same(channels, frame.NumChannels, "channels");
            Lab.Same(rate, frame.SampleRate, "rate");
            Lab.Same(samples, frame.SamplesPerChannel, "samples of a channel");
            Lab.Same((int)(channels * samples), frame.Data.Length, "samples");
        }

        private static short[] Samples(int count)
        {
            var data = new short[count];
            for (int i = 0; i < count; i++)
            {
                data[i] = (short)(12000 * Math.Sin(i * 0.05));
            }

            return data;
        }
    }
}
