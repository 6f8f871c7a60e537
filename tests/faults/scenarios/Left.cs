// Objects that nobody disposes, and what is said of them.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    public static class Left
    {
        /// <summary>
        /// A track with its stream and a source are lost, and released in order; a room that is lost with them is kept by the
        /// client, with everything below it.
        /// </summary>
        public static string WholeTree(string arguments)
        {
            Diagnostics.TrackCreation = true;
            try
            {
                using (Lab lab = new Lab())
                {
                    List<string> where = new List<string>();
                    EventHandler<DiagnosticEventArgs> note = delegate
                    {
                        lock (where)
                        {
                            where.Add(Thread.CurrentThread.Name);
                        }
                    };
                    Diagnostics.Reported += note;
                    ulong[] ids = Lose(lab);
                    Released(lab, lab.Client.Tree.FindById(HandleKind.Room, ids[2]));
                    Diagnostics.Reported -= note;
                    lab.DropsAreRight(lab.Client.ControlDiagnostics().Drops);
                    string[] said = lab.Reports.Select(r => r.Message).ToArray();
                    Check.Equal("L12", 2, said.Length, "reports: " + string.Join("; ", said));
                    string[] kinds = { "Track", "AudioSource" };
                    for (int i = 0; i < kinds.Length; i++)
                    {
                        string start = kinds[i] + " " + ids[i] + " was abandoned";
                        string report = said.FirstOrDefault(m => m.StartsWith(start, StringComparison.Ordinal));
                        Check.That("L12", report != null, "no report begins with " + start + ": " + string.Join("; ", said));
                        Check.That("L12", report.Contains("Scenarios.") || report.Contains("Receive"), "the report does not say where it was created: " + report);
                    }

                    Check.Same("L12", new[] { "ReferenceClient release" }, where.Distinct(), "threads that released");
                    return "null";
                }
            }
            finally
            {
                Diagnostics.TrackCreation = false;
            }
        }

        /// <summary>A frame that was kept and lost, and a writer, which the library can only close on a thread of its own.</summary>
        public static string FrameAndWriter(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Client.ControlSetFaults(new Faults { DropNeedsRuntime = true });
                lab.Connect();
                RemoteParticipant other = lab.Join();
                RemoteTrackPublication publication = other.RemoteTrackPublications.Single(p => p.Kind == TrackKind.Audio);
                AudioStream stream = publication.RemoteTrack.NewAudioStream();
                int frames = KeepFrames(lab, stream, publication.Sid);
                Check.Equal("L12", 2, frames, "frames");
                stream.Dispose();
                lab.Room.LocalParticipant.OpenByteStreamAsync(new StreamByteOptions { Topic = "t" }).Wait();
                Check.Soon(
                    "L12",
                    delegate
                    {
                        Scenario.CollectGarbage();
                        return LiveHandles.Count(HandleKind.AudioFrameBuffer) == 0;
                    },
                    "a frame that was kept and lost is still alive");
                Check.Ends("L12", lab.Room.DisconnectAsync(), "disconnect");
                lab.NothingLeft("L12");
                return "null";
            }
        }

        /// <summary>A writer is closed before it is released, by whoever releases it: its reader sees a whole stream.</summary>
        public static string WritersAreClosed(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Client.ControlSetFaults(new Faults { DropNeedsRuntime = true });
                List<Operation<string>> reading = new List<Operation<string>>();
                Room receiver = lab.Connect(
                    delegate(Room room)
                    {
                        room.TextStreamOpened += delegate(object s, TextStreamOpenedEventArgs e)
                        {
                            lock (reading)
                            {
                                reading.Add(e.Reader.ReadAllAsync());
                            }
                        };
                    },
                    null,
                    "receiver");
                Room sender = lab.Connect();
                Scenario.Stage("disposed");
                TextStreamWriter writer = Check.Ends("L12", sender.LocalParticipant.OpenTextStreamAsync(new StreamTextOptions { Topic = "t" }), "text_stream_open");
                Check.Ends("L12", writer.WriteAsync("whole"), "write");
                writer.Dispose();
                Check.Soon("L12", delegate { lock (reading) { return reading.Count == 1; } }, "the stream did not arrive");
                Check.Equal("L12", "whole", Check.Ends("L12", reading[0], "text_read_all"), "what the reader of a writer that was disposed read");
                Scenario.Stage("brought by a callback that nobody waits for");
                lab.Client.ControlHoldCallbacks(lab.RoomName);
                Operation<TextStreamWriter> late = sender.LocalParticipant.OpenTextStreamAsync(new StreamTextOptions { Topic = "t" });
                late.Cancel();
                Check.Throws<OperationCanceledException>("L8", delegate { late.Wait(Lab.DeadlineMilliseconds); }, "an operation that was cancelled");
                lab.Client.ControlReleaseCallbacks(lab.RoomName);
                lab.Alive(rooms: 2, participants: 4, rule: "L8");
                Check.Ends("L5", sender.DisconnectAsync(), "disconnect");
                Check.Ends("L5", receiver.DisconnectAsync(), "disconnect");
                lab.NothingLeft("L12");
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>Without a handler nothing is said, and nothing is remembered about where objects were made.</summary>
        public static string Silent(string arguments)
        {
            using (ReferenceClient client = ReferenceClient.Initialize())
            {
                System.IO.TextWriter before = Console.Error;
                System.IO.StringWriter said = new System.IO.StringWriter();
                Console.SetError(said);
                try
                {
                    LoseSource(client);
                    Check.Soon(
                        "L12",
                        delegate
                        {
                            Scenario.CollectGarbage();
                            return LiveHandles.Total == 0;
                        },
                        "a source that was lost is still alive");
                }
                finally
                {
                    Console.SetError(before);
                }

                Check.Equal("L12", string.Empty, said.ToString(), "what was said without a handler");
                return "null";
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void LoseSource(ReferenceClient client)
        {
            AudioSource source = client.NewAudioSource(sampleRate: 48000, numChannels: 1);
            Check.That("L12", source.Core.CreatedAt == null, "where an object was created is remembered");
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static ulong[] Lose(Lab lab)
        {
            ulong[] ids = null;
            // A stack of its own, of which nothing is left for a collector that looks at stacks conservatively.
            Thread thread = new Thread(delegate()
            {
                Room room = lab.Client.ConnectAsync("ref://local/" + lab.RoomName, "me", new RoomOptions()).Result;
                lab.Client.ControlJoin(lab.RoomName, "other");
                lab.Client.ControlPublish(lab.RoomName, "other", "microphone", TrackKind.Audio, TrackSource.Microphone);
                Check.Soon(
                    "L12",
                    delegate { return room.RemoteParticipants.Any(p => p.RemoteTrackPublications.Any(t => t.RemoteTrack != null)); },
                    "the track did not arrive");
                room.RemoteParticipants[0].RemoteTrackPublications[0].RemoteTrack.NewAudioStream();
                AudioSource source = lab.Client.NewAudioSource(sampleRate: 48000, numChannels: 1);
                LocalTrack track = lab.Client.CreateAudioTrack("lost", source);
                track.NewAudioStream();
                lab.NoteTree();
                ids = new[] { lab.IdOf(track), lab.IdOf(source), lab.IdOf(room) };
            });
            thread.Start();
            thread.Join();
            return ids;
        }

        private static void Released(Lab lab, ObjectCore room)
        {
            int kept = 0;
            Count(room, ref kept);

            Check.Soon(
                "L12",
                delegate
                {
                    // New objects take the place of what a conservative collector still sees.
                    GC.KeepAlive(new byte[100000]);
                    lab.Client.ControlEmitLog("an event");
                    Scenario.CollectGarbage();
                    return LiveHandles.Total <= kept;
                },
                delegate { return "what nobody holds is still alive: " + LiveHandles.Line(); });
            Check.Equal("L12", kept, LiveHandles.Total, "handles of the room and of what stands below it");
            lab.Client.ControlEndRoom(lab.RoomName);
            lab.Alive(rule: "L12");
        }

        private static void Count(ObjectCore core, ref int count)
        {
            count++;
            for (ObjectCore child = core.FirstChild; child != null; child = child.NextSibling)
            {
                Count(child, ref count);
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static int KeepFrames(Lab lab, AudioStream stream, string sid)
        {
            int frames = 0;
            stream.FrameReceived += delegate(AudioStream sender, in AudioStreamFrameReceivedEventArgs e)
            {
                e.AudioFrame.Keep();
                Interlocked.Increment(ref frames);
            };
            lab.Client.ControlEmitFrames(lab.RoomName, sid, 2);
            Check.Soon("L12", delegate { return Volatile.Read(ref frames) == 2; }, "no frames");
            return frames;
        }
    }
}
