// Video without a room: conversions byte for byte, frames in and back from a stream on the local track, encoded frames.
using System;
using System.Collections.Generic;
using System.Threading;
using GenBindings.Harness;
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;

namespace LiveKitLab
{
    /// <summary>Scenarios of video.</summary>
    public static class Video
    {
        private const int Width = Pictures.Width;
        private const int Height = Pictures.Height;

        /// <summary>Converts between every two formats; what comes out is compared byte for byte.</summary>
        public static object Convert(LiveKitClient client, object arguments)
        {
            var done = new List<string>();
            var refusals = new Dictionary<string, object>();
            foreach (VideoBufferType from in Enum.GetValues(typeof(VideoBufferType)))
            {
                foreach (VideoBufferType to in Enum.GetValues(typeof(VideoBufferType)))
                {
                    string pair = from + " to " + to;
                    try
                    {
                        GreyStaysGrey(client, from, to, pair);
                        done.Add(pair);
                    }
                    catch (LiveKitException error)
                    {
                        refusals[pair] = error.Message;
                    }
                    catch (ArgumentOutOfRangeException error)
                    {
                        refusals[pair] = error.Message;
                    }
                }
            }

            ChannelsSwap(client);
            PlanesAreCopied(client);
            return Lab.Facts("done", done, "refused", refusals);
        }

        /// <summary>Sources, tracks, packed and planar frames, and what of them arrives at streams on the local track.</summary>
        public static object Stream(LiveKitClient client, object arguments)
        {
            const int Frames = 20;
            byte[] luma = Pictures.Pattern(Width * Height, 16);
            byte[] blue = Pictures.Pattern(Width * Height / 4, 90);
            byte[] red = Pictures.Pattern(Width * Height / 4, 170);
            var arrived = new List<long>();
            var errors = new List<string>();
            int converted = 0;
            VideoFrame kept = default(VideoFrame);
            VideoFrame stale = default(VideoFrame);
            int callerThread = Thread.CurrentThread.ManagedThreadId;
            using (VideoSource source = client.NewVideoSource(new VideoSourceResolution { Width = Width, Height = Height }))
            using (LocalTrack track = client.CreateVideoTrack("kamera", source))
            {
                Lab.Same(VideoSourceType.Native, source.Type, "type of the source");
                Lab.Same(TrackKind.Video, track.Kind, "kind of the track");
                Lab.Same(true, track.Mute(true), "answer to mute");
                Lab.Same(false, track.Mute(false), "answer to unmute");

                // Not while a stream listens: of a frame in NV12 it would abort the process.
                foreach (VideoBufferType type in Enum.GetValues(typeof(VideoBufferType)))
                {
                    VideoBufferInput picture = Pictures.InGrey(type);
                    if (type == VideoBufferType.I010)
                    {
                        // Here, and not in a conversion, the stride counts bytes.
                        foreach (ComponentInput plane in picture.Components)
                        {
                            plane.Stride *= 2;
                        }
                    }

                    source.CaptureFrame(picture);
                }

                VideoStream stream = track.NewVideoStream(normalizeStride: true, queueSizeFrames: 0);
                VideoStream asRgba = track.NewVideoStream(format: VideoBufferType.Rgba, queueSizeFrames: 0);
                Lab.Same(2, track.VideoStreams.Count, "streams of the track");
                stream.FrameReceived += delegate(VideoStream sender, in VideoStreamFrameReceivedEventArgs e)
                {
                    lock (arrived)
                    {
                        try
                        {
                            VideoFrame frame = e.VideoFrame;
                            Lab.Check(Thread.CurrentThread.ManagedThreadId != callerThread, "a thread of the library");
                            Lab.Same(VideoBufferType.I420, frame.Type, "type of the frame");
                            Lab.Same((uint)Width, frame.Width, "width");
                            Lab.Same((uint)Height, frame.Height, "height");
                            Lab.Same(VideoRotation.Rotation90, e.Rotation, "rotation");
                            Lab.Same(3, frame.ComponentCount, "planes");
                            if (arrived.Count == 0)
                            {
                                Same(luma, Width, frame, 0, "luma");
                                Same(blue, Width / 2, frame, 1, "first chroma");
                                Same(red, Width / 2, frame, 2, "second chroma");
                                frame.Keep();
                                kept = frame;
                            }
                            else
                            {
                                stale = frame;
                            }
                        }
                        catch (Failure error)
                        {
                            errors.Add(error.Message);
                        }

                        arrived.Add(e.TimestampUs);
                    }
                };
                asRgba.FrameReceived += delegate(VideoStream sender, in VideoStreamFrameReceivedEventArgs e)
                {
                    lock (arrived)
                    {
                        if (e.VideoFrame.Type != VideoBufferType.Rgba || e.VideoFrame.Data.Length != Width * Height * 4)
                        {
                            errors.Add("the converted frame is " + e.VideoFrame.Type + " of " + e.VideoFrame.Data.Length);
                        }

                        converted++;
                    }
                };

                // Frames go through a queue with room for one, so each waits for the one before.
                for (int i = 1; i <= Frames; i++)
                {
                    int expected = i;
                    VideoBufferInput picture = i == 1 ? Pictures.Planar(VideoBufferType.I420, luma, blue, red)
                        : Pictures.InGrey(i % 2 == 0 ? VideoBufferType.Rgba : VideoBufferType.I420);
                    source.CaptureFrame(picture, timestampUs: i * 33333, rotation: VideoRotation.Rotation90);
                    Scenario.Until(delegate { lock (arrived) { return arrived.Count >= expected && converted >= expected; } }, 2000);
                }

                lock (arrived)
                {
                    Lab.Same(string.Empty, string.Join("; ", errors.ToArray()), "what was wrong with frames");
                    Lab.Same(Frames, arrived.Count, "frames at the stream");
                    Lab.Same(Frames, converted, "converted frames");
                    Lab.Check(kept.IsAlive && !stale.IsAlive, "only the kept frame outlives its handler");
                    Lab.Same(1, LiveHandles.Count(HandleKind.VideoBuffer), "live frames");
                    Same(luma, Width, kept, 0, "luma of the kept frame");
                    VideoFrame ended = stale;
                    Lab.Throws<ObjectDisposedException>("a stale copy", delegate { ended.GetComponent(0).ToArray(); });
                }

                kept.Dispose();
                stream.Dispose();
                track.Dispose();
                Lab.Check(asRgba.IsDisposed, "the track releases its streams");
                return Lab.Facts("first", arrived[0], "last", arrived[arrived.Count - 1]);
            }
        }

        /// <summary>A source of encoded frames takes them, and only them.</summary>
        public static object Encoded(LiveKitClient client, object arguments)
        {
            var resolution = new VideoSourceResolution { Width = Width, Height = Height };
            byte[] data = Pictures.Pattern(200, 0);
            var metadata = new FrameMetadata { FrameId = 7, UserTimestamp = 12345 };
            using (VideoSource encoded = client.NewVideoSource(resolution, VideoSourceType.Encoded, isScreencast: true))
            using (VideoSource raw = client.NewVideoSource(resolution))
            using (LocalTrack track = client.CreateVideoTrack("encoded", encoded))
            {
                bool accepted = encoded.CaptureEncodedFrame(data, VideoCodec.H264, EncodedFrameType.Key, Width, Height, 1000, metadata);
                TakeEncodedVideoSourceFeedbackResponse feedback = encoded.TakeFeedback();
                string rawIntoEncoded = Lab.Refused(delegate { encoded.CaptureFrame(Pictures.InGrey(VideoBufferType.Rgba)); });
                string encodedIntoRaw = Lab.Refused(
                    delegate { raw.CaptureEncodedFrame(data, VideoCodec.Vp8, EncodedFrameType.Delta, Width, Height, 2000); });
                string noFeedback = Lab.Refused(delegate { raw.TakeFeedback(); });
                return Lab.Facts(
                    "accepted", accepted,
                    "keyframe", feedback.KeyframeRequested,
                    "rate", feedback.RateControl != null,
                    "refused", new[] { rawIntoEncoded, encodedIntoRaw, noFeedback });
            }
        }

        private static void GreyStaysGrey(LiveKitClient client, VideoBufferType from, VideoBufferType to, string pair)
        {
            VideoFrame frame = client.VideoConvert(Pictures.InGrey(from), to);
            Lab.Same(1, LiveHandles.Count(HandleKind.VideoBuffer), "live pictures");
            Lab.Same(to, frame.Type, pair + ", type");
            Lab.Same((uint)Width, frame.Width, pair + ", width");
            Lab.Same((uint)Height, frame.Height, pair + ", height");
            if (Pictures.PixelSize(to) > 0)
            {
                Lab.Same<byte>(Pictures.GreyPixels(to), frame.Data, pair);
            }
            else
            {
                byte[][] planes = Pictures.GreyPlanes(to);
                Lab.Same(planes.Length, frame.ComponentCount, pair + ", planes");
                for (int i = 0; i < planes.Length; i++)
                {
                    Same(planes[i], planes[i].Length / Pictures.Rows(to, i), frame, i, pair + ", plane " + i);
                }
            }

            frame.Dispose();
            Lab.Throws<ObjectDisposedException>(pair + ", after the dispose", delegate { frame.Width.ToString(); });
        }

        private static void ChannelsSwap(LiveKitClient client)
        {
            byte[] pixels = Pictures.Pattern(Width * Height * 4, 3);
            var swapped = new byte[pixels.Length];
            var flipped = new byte[pixels.Length];
            for (int i = 0; i < pixels.Length; i++)
            {
                int from = i % 4 == 0 ? i + 2 : i % 4 == 2 ? i - 2 : i;
                swapped[i] = pixels[from];
                int row = i / (Width * 4);
                flipped[(Height - 1 - row) * Width * 4 + i % (Width * 4)] = pixels[from];
            }

            using (VideoFrame frame = client.VideoConvert(Pictures.Packed(VideoBufferType.Rgba, pixels), VideoBufferType.Bgra))
            {
                Lab.Same<byte>(swapped, frame.Data, "RGBA as BGRA");
            }

            using (VideoFrame frame = client.VideoConvert(Pictures.Packed(VideoBufferType.Bgra, pixels), VideoBufferType.Rgba, flipY: true))
            {
                Lab.Same<byte>(flipped, frame.Data, "BGRA as RGBA, upside down");
            }
        }

        private static void PlanesAreCopied(LiveKitClient client)
        {
            byte[] luma = Pictures.Pattern(Width * Height, 1);
            byte[] blue = Pictures.Pattern(Width * Height / 4, 2);
            byte[] red = Pictures.Pattern(Width * Height / 4, 3);
            var both = new byte[blue.Length * 2];
            for (int i = 0; i < blue.Length; i++)
            {
                both[2 * i] = blue[i];
                both[2 * i + 1] = red[i];
            }

            foreach (VideoBufferInput picture in new[]
            {
                Pictures.Planar(VideoBufferType.I420, luma, blue, red),
                Pictures.Planar(VideoBufferType.I420a, luma, blue, red, Pictures.Pattern(Width * Height, 4)),
                Pictures.Planar(VideoBufferType.Nv12, luma, both),
            })
            {
                using (VideoFrame frame = client.VideoConvert(picture, VideoBufferType.I420))
                {
                    Same(luma, Width, frame, 0, picture.Type + " as I420, luma");
                    Same(blue, Width / 2, frame, 1, picture.Type + " as I420, first chroma");
                    Same(red, Width / 2, frame, 2, picture.Type + " as I420, second chroma");
                }
            }
        }

        /// <summary>Compares a plane row by row, because its rows may be longer than the picture is wide.</summary>
        private static void Same(byte[] expected, int width, VideoFrame frame, int plane, string what)
        {
            int stride = (int)frame.GetComponentStride(plane);
            ReadOnlySpan<byte> found = frame.GetComponent(plane);
            for (int row = 0; row < expected.Length / width; row++)
            {
                Lab.Same<byte>(
                    new ReadOnlySpan<byte>(expected, row * width, width), found.Slice(row * stride, width), what + ", row " + row);
            }
        }
    }
}
