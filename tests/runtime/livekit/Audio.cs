// Audio without a room: sources, tracks, muting, frames in and frames back from a stream on the local track.
using System;
using System.Collections.Generic;
using System.Threading;
using GenBindings.Harness;
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;

namespace LiveKitLab
{
    /// <summary>Scenarios of audio.</summary>
    public static class Audio
    {
        internal const int Rate = 48000;
        internal const int Block = Rate / 100;

        /// <summary>Sources, tracks, mute and captured frames.</summary>
        public static object Tracks(LiveKitClient client, object arguments)
        {
            var stereo = new AudioSourceOptions { EchoCancellation = true, NoiseSuppression = true, AutoGainControl = true };
            using (AudioSource source = client.NewAudioSource(sampleRate: Rate, numChannels: 1))
            using (AudioSource buffered = client.NewAudioSource(options: stereo, sampleRate: 16000, numChannels: 2, queueSizeMs: 200))
            {
                Lab.Same(AudioSourceType.Native, source.Type, "type of the source");
                Lab.Same(2, LiveHandles.Count(HandleKind.AudioSource), "live sources");
                Lab.Same(2, client.AudioSources.Count, "sources of the client");

                LocalTrack track = client.CreateAudioTrack("mikrofon-\u00fc", source);
                Lab.Same("mikrofon-\u00fc", track.Name, "name of the track");
                Lab.Same(TrackKind.Audio, track.Kind, "kind of the track");
                Lab.Check(!track.Remote && !track.Muted, "a local track that is not muted");
                Lab.Same(true, track.Mute(true), "answer to mute");
                Lab.Same(false, track.Mute(false), "answer to unmute");

                for (int i = 0; i < 5; i++)
                {
                    source.CaptureFrame(new short[Block]);
                    Lab.Check(source.CaptureFrameAsync(new short[Block]).Wait(5000), "the callback of a captured frame");
                    Lab.Check(buffered.CaptureFrameAsync(new short[160 * 2]).Wait(5000), "the callback of a buffered frame");
                }

                buffered.CaptureFrame(new short[1600 * 2]);
                buffered.ClearAudioBuffer();

                // The answer says yes, the callback no: a track that nobody published has no statistics.
                Operation<IList<RtcStats>> statistics = track.GetStatsAsync();
                string refused = Lab.Refused(delegate { statistics.Wait(5000); });

                source.Dispose();
                Lab.Throws<ObjectDisposedException>("capture into a disposed source", delegate { source.CaptureFrame(new short[Block]); });
                Lab.Same(true, track.Mute(true), "the track outlives its source");
                track.Dispose();
                track.Dispose();
                Lab.Throws<ObjectDisposedException>("mute of a disposed track", delegate { track.Mute(true); });
                return Lab.Facts("statistics", refused);
            }
        }

        /// <summary>What is captured arrives at a stream on the local track, byte for byte, and inline.</summary>
        public static object Stream(LiveKitClient client, object arguments)
        {
            var received = new List<short[]>();
            var kept = new List<AudioFrame>();
            var stale = new List<AudioFrame>();
            var threads = new HashSet<int>();
            var errors = new List<string>();
            using (AudioSource source = client.NewAudioSource(sampleRate: Rate, numChannels: 2, queueSizeMs: 0))
            using (LocalTrack track = client.CreateAudioTrack("stream", source))
            {
                AudioStream stream = track.NewAudioStream(sampleRate: Rate, numChannels: 2);
                Lab.Same(1, track.AudioStreams.Count, "streams of the track");
                Lab.Check(ReferenceEquals(track, stream.Track), "the stream knows its track");
                stream.FrameReceived += delegate(AudioStream sender, in AudioStreamFrameReceivedEventArgs e)
                {
                    lock (received)
                    {
                        AudioFrame frame = e.AudioFrame;
                        threads.Add(Thread.CurrentThread.ManagedThreadId);
                        if (frame.SampleRate != Rate || frame.NumChannels != 2 || frame.SamplesPerChannel != Block || sender != stream)
                        {
                            errors.Add(frame.SampleRate + " Hz, " + frame.NumChannels + " channels, " + frame.SamplesPerChannel);
                        }

                        received.Add(frame.Data.ToArray());
                        if (kept.Count == 0)
                        {
                            frame.Keep();
                            kept.Add(frame);
                        }
                        else
                        {
                            stale.Add(frame);
                        }
                    }
                };

                for (short number = 1; number <= 20; number++)
                {
                    Lab.Check(source.CaptureFrameAsync(Numbered(number)).Wait(5000), "the callback of frame " + number);
                    int expected = number;
                    Scenario.Until(delegate { lock (received) { return received.Count >= expected; } }, 2000);
                }

                AudioFrame first;
                lock (received)
                {
                    Lab.Same(string.Empty, string.Join("; ", errors.ToArray()), "frames of another format");
                    Lab.Check(received.Count >= 15, "most of 20 frames at the stream, there were " + received.Count);
                    short last = 0;
                    foreach (short[] data in received)
                    {
                        short number = data[0];
                        Lab.Check(number > last && number <= 20, "frames in order, " + number + " came after " + last);
                        Lab.Same<short>(Numbered(number), data, "frame " + number);
                        last = number;
                    }

                    Lab.Check(!threads.Contains(Thread.CurrentThread.ManagedThreadId), "frames on a thread of the library");
                    first = kept[0];
                    Lab.Check(first.IsAlive, "a kept frame outlives its handler");
                    Lab.Same<short>(received[0], first.Data, "the kept frame");
                    Lab.Check(!stale[0].IsAlive, "a frame that was not kept ends with its handler");
                    Lab.Throws<ObjectDisposedException>("a stale copy", delegate { stale[0].Data.ToArray(); });
                    Lab.Same(1, LiveHandles.Count(HandleKind.AudioFrameBuffer), "live frames");
                }

                first.Dispose();
                first.Dispose();
                Lab.Check(!first.IsAlive, "a disposed frame is not alive");
                stream.Dispose();
                Lab.Same(0, track.AudioStreams.Count, "streams after the dispose");

                // The track's release takes the second stream along.
                AudioStream second = track.NewAudioStream(frameSizeMs: 20, queueSizeFrames: 4);
                track.Dispose();
                Lab.Check(second.IsDisposed, "the track releases its streams");
                return Lab.Facts("frames", received.Count);
            }
        }

        private static short[] Numbered(short number)
        {
            var data = new short[Block * 2];
            for (int i = 0; i < data.Length; i++)
            {
                data[i] = i == 0 ? number : (short)(i * 37 + number * 1009);
            }

            return data;
        }
    }
}
