// Frames: structs over memory of the library, given to handlers inside the callback.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    public static class Media
    {
        /// <summary>Sound arrives exactly, ends with its handler, and lives on when it is kept.</summary>
        public static string Sound(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Connect();
                RemoteTrack track = lab.Join().RemoteTrackPublications.Single(p => p.Kind == TrackKind.Audio).RemoteTrack;
                AudioStream stream = track.NewAudioStream();
                List<string> wrong = new List<string>();
                List<AudioFrame> frames = new List<AudioFrame>();
                bool inCallback = true;
                int ended = 0;
                stream.FrameReceived += delegate(AudioStream sender, in AudioStreamFrameReceivedEventArgs e)
                {
                    lock (frames)
                    {
                        AudioFrame frame = e.AudioFrame;
                        int n = frames.Count;
                        ReadOnlySpan<short> data = frame.Data;
                        for (int i = 0; i < data.Length; i++)
                        {
                            if (data[i] != unchecked((short)(480 * n + i)))
                            {
                                wrong.Add("sample " + i + " of frame " + n + " is " + data[i]);
                                break;
                            }
                        }

                        inCallback &= ReferenceClient.IsInsideCallback && !lab.Client.Dispatcher.IsCurrent;
                        if (data.Length != 480 || frame.SampleRate != 48000 || frame.NumChannels != 1)
                        {
                            wrong.Add("frame " + n + " is not as the library made it");
                        }

                        if (n == 2)
                        {
                            frame.Keep();
                        }

                        frames.Add(frame);
                    }
                };
                stream.Ended += delegate { ended++; };
                lab.NoteTree();
                Check.Equal("L2", 1u, lab.Client.ControlEmitFrames(lab.RoomName, track.TrackPublication.Sid, 5), "streams that get the frames");
                Check.Soon("L2", delegate { lock (frames) { return frames.Count == 5; } }, "five frames did not arrive");
                Check.Same("L22", new string[0], wrong, "what arrived wrong");
                Check.That("L21", inCallback, "a handler configured as inline ran elsewhere");
                lab.Alive(rooms: 1, participants: 2, publications: 2, tracks: 2, audioStreams: 1, audioFrames: 1, rule: "L2");

                Scenario.Stage("use frames that are over");
                Check.Throws<ObjectDisposedException>("L1", delegate { frames[0].Data.ToArray(); }, "a stale copy of a frame");
                Check.That("L1", !frames[0].IsAlive && frames[2].IsAlive, "which frames are alive");
                AudioFrame kept = frames[2];
                AudioFrame copy = kept;
                Check.Equal("L2", unchecked((short)960), kept.Data[0], "the first sample of the frame that was kept");
                kept.Dispose();
                kept.Dispose();
                copy.Dispose();
                Check.Throws<ObjectDisposedException>("L1", delegate { copy.Data.ToArray(); }, "a copy of a frame that was disposed");
                lab.Alive(rooms: 1, participants: 2, publications: 2, tracks: 2, audioStreams: 1, rule: "L2");

                Scenario.Stage("frames for which there is no handler");
                AudioStream unheard = track.NewAudioStream();
                lab.NoteTree();
                lab.Client.ControlEmitFrames(lab.RoomName, track.TrackPublication.Sid, 20);
                Check.Soon("L2", delegate { lock (frames) { return frames.Count == 25; } }, "25 frames did not arrive");
                unheard.Dispose();
                lab.Alive(rooms: 1, participants: 2, publications: 2, tracks: 2, audioStreams: 1, rule: "L2");

                Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
                lab.NothingLeft();
                lab.NothingReported();
                return Json.Text(ended);
            }
        }

        public static string Pictures(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Connect();
                RemoteTrack track = lab.Join().RemoteTrackPublications.Single(p => p.Kind == TrackKind.Video).RemoteTrack;
                VideoStream stream = track.NewVideoStream();
                List<string> wrong = new List<string>();
                VideoFrame kept = default(VideoFrame);
                int count = 0;
                stream.FrameReceived += delegate(VideoStream sender, in VideoStreamFrameReceivedEventArgs e)
                {
                    int n = count;
                    ReadOnlySpan<byte> data = e.VideoFrame.Data;
                    for (int i = 0; i < data.Length; i++)
                    {
                        if (data[i] != unchecked((byte)(n + i)))
                        {
                            wrong.Add("byte " + i + " of frame " + n);
                            break;
                        }
                    }

                    if (data.Length != 16 * 16 * 4 || e.TimestampUs != 33333L * n || e.VideoFrame.Width != 16)
                    {
                        wrong.Add("frame " + n + ": " + data.Length + " bytes at " + e.TimestampUs);
                    }

                    if (n == 1)
                    {
                        e.VideoFrame.Keep();
                        kept = e.VideoFrame;
                    }

                    Volatile.Write(ref count, n + 1);
                };
                lab.NoteTree();
                lab.Client.ControlEmitFrames(lab.RoomName, track.TrackPublication.Sid, 4);
                Check.Soon("L2", delegate { return Volatile.Read(ref count) == 4; }, "four frames did not arrive");
                Check.Same("L22", new string[0], wrong, "what arrived wrong");
                lab.Alive(rooms: 1, participants: 2, publications: 2, tracks: 2, videoStreams: 1, byteBoxes: 1, rule: "L2");
                Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
                Check.That("L2", kept.IsAlive && kept.Data[0] == 1, "a frame that was kept ended with the room");
                lab.Alive(byteBoxes: 1, rule: "L2");
                kept.Dispose();
                Check.Throws<ObjectDisposedException>("L1", delegate { kept.Data.ToArray(); }, "a frame that was disposed");
                lab.NothingLeft();
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>Memory goes in as a span or an array and comes out as a view that ends with its owner.</summary>
        public static string Memory(string arguments)
        {
            using (Lab lab = new Lab())
            {
                AudioResampler resampler = lab.Client.NewAudioResampler();
                short[] samples = Enumerable.Range(0, 480).Select(i => (short)i).ToArray();
                AudioFrame frame = resampler.RemixAndResample(samples, 1, 48000, 2, 24000);
                Check.Equal("L22", 240u, frame.SamplesPerChannel, "samples per channel");
                Check.Same("L22", Enumerable.Range(0, 480).Select(i => (short)(i / 2 * 2)), frame.Data.ToArray(), "samples");
                lab.Alive(audioFrames: 1, other: 1);
                frame.Dispose();
                Check.Throws<ObjectDisposedException>("L22", delegate { frame.Data.ToArray(); }, "memory of a frame that was disposed");
                resampler.Dispose();
                Check.Throws<ObjectDisposedException>(
                    "L13", delegate { resampler.RemixAndResample(samples, 1, 48000, 1, 48000); }, "a resampler that was disposed");

                Scenario.Stage("capture");
                AudioSource source = lab.Client.NewAudioSource(sampleRate: 48000, numChannels: 1);
                List<Operation> captures = new List<Operation>();
                for (int i = 0; i < 20; i++)
                {
                    captures.Add(source.CaptureFrameAsync(samples));
                }

                foreach (Operation capture in captures)
                {
                    Check.Ends("L13", capture, "capture_audio_frame");
                }

                ArgumentOutOfRangeException refused = Check.Throws<ArgumentOutOfRangeException>(
                    "L3", delegate { lab.Client.NewAudioSource(queueSizeMs: 15); }, "a queue that is no whole number of blocks");
                Check.That("L3", refused.Message.Contains("queue"), refused.Message);
                source.Dispose();
                lab.NothingLeft();
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>A handler inside the callback disposes the room: that is done elsewhere, later.</summary>
        public static string DisposeRoomInside(string arguments)
        {
            return DisposeInside(false);
        }

        /// <summary>The same with the client.</summary>
        public static string DisposeClientInside(string arguments)
        {
            return DisposeInside(true);
        }

        private static string DisposeInside(bool client)
        {
            Lab lab = new Lab();
            lab.Connect();
            RemoteTrack track = lab.Join().RemoteTrackPublications.Single(p => p.Kind == TrackKind.Audio).RemoteTrack;
            AudioStream stream = track.NewAudioStream();
            lab.NoteTree();
            int handled = 0;
            bool aliveAfterDispose = false;
            bool returned = false;
            stream.FrameReceived += delegate(AudioStream sender, in AudioStreamFrameReceivedEventArgs e)
            {
                if (Interlocked.Increment(ref handled) == 1)
                {
                    if (client)
                    {
                        lab.Client.Dispose();
                    }
                    else
                    {
                        lab.Room.Dispose();
                    }

                    aliveAfterDispose = e.AudioFrame.IsAlive && e.AudioFrame.Data[1] == 1;
                    Volatile.Write(ref returned, true);
                }
            };
            lab.Client.ControlEmitFrames(lab.RoomName, track.TrackPublication.Sid, 3);
            Check.Soon("L21", delegate { return Volatile.Read(ref returned); }, "Dispose inside a callback does not return");
            lab.EndedOnce(DisconnectReason.ClientInitiated);
            Check.That("L21", aliveAfterDispose, "Dispose inside a callback took the frame away from its handler");
            if (client)
            {
                ReferenceClient next = null;
                Check.Soon("L21", delegate { return TryInitialize(out next); }, "the client was not shut down");
                lab.DropsAreRight(next.ControlDiagnostics().Drops);
                Check.Equal("L21", 0, LiveHandles.Total, "handles that are alive after the client");
                next.Dispose();
                lab.NothingReported();
                lab.Dispose();
                return "null";
            }

            lab.NothingLeft("L21");
            lab.NothingReported();
            lab.Dispose();
            return "null";
        }

        private static bool TryInitialize(out ReferenceClient client)
        {
            client = null;
            try
            {
                client = ReferenceClient.Initialize();
            }
            catch (InvalidOperationException)
            {
                return false;
            }

            return true;
        }
    }
}
