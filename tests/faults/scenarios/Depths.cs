// What becomes of a tree of which somebody held only its deepest object, and then nothing.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    public static class Depths
    {
        /// <summary>
        /// Something is lost at each depth of a tree: whatever it stands under goes with it, and all of it is released. The library
        /// does not know the handles any more, so each release says on which thread it was.
        /// </summary>
        public static string Every(string arguments)
        {
            List<string> reported = new List<string>();
            for (int depth = 0; depth < Names.Length; depth++)
            {
                Scenario.Stage("lost at: " + Names[depth]);
                Diagnostics.TrackCreation = depth % 2 == 0;
                try
                {
                    using (Lab lab = new Lab())
                    {
                        reported.Add(LoseAt(lab, depth));
                    }
                }
                finally
                {
                    Diagnostics.TrackCreation = false;
                }
            }

            return Json.Text(reported);
        }

        private static readonly string[] Names =
        {
            "a room", "its participants", "a publication", "a track", "a stream", "a kept packet", "a kept reader", "a writer",
        };

        /// <summary>The tree is built to a depth, and only its deepest object was held at the end.</summary>
        private static string LoseAt(Lab lab, int depth)
        {
            List<string> threads = new List<string>();
            EventHandler<DiagnosticEventArgs> note = delegate(object sender, DiagnosticEventArgs e)
            {
                if (e.Message.Contains("did not know"))
                {
                    lock (threads)
                    {
                        threads.Add(Thread.CurrentThread.Name ?? "without a name");
                    }
                }
            };
            object[] last = new object[1];
            ulong[] ids = OnAnotherStack(delegate { return Grow(lab, depth, last); });
            int alive = LiveHandles.Total;
            Scenario.CollectGarbage();
            lab.Client.ControlEmitLog("an event");
            Check.Equal("L12", alive, LiveHandles.Total, "handles that are alive while the deepest object is held");
            Check.Same("L12", new string[0], lab.Reports.Select(r => r.Message), "reports while it is held");
            // A room whose handle is dropped ends by itself.
            foreach (ulong id in ids.Skip(1))
            {
                NativeMethods.reference_ffi_drop_handle(id);
            }

            Diagnostics.Reported += note;
            OnAnotherStack(delegate
            {
                last[0] = null;
                return null;
            });
            int attempts = 0;
            Check.Soon(
                "L12",
                delegate
                {
                    // What a conservative collector still sees of the room on other threads is overwritten by another one.
                    if (++attempts % 3 == 0)
                    {
                        OnAnotherStack(delegate { return Overwrite(lab); });
                    }

                    Scenario.CollectGarbage();
                    return LiveHandles.Total == 0;
                },
                delegate { return "what nobody holds is still alive: " + LiveHandles.Line(); });
            Diagnostics.Reported -= note;
            Check.Equal("L12", ids.Length - 1, threads.Count, "releases that the library did not know");
            // The release thread asks for the end of the room, whose events come to the dispatch thread, the last one too.
            Check.That("L12", threads.All(t => t == "ReferenceClient dispatch" || t == "ReferenceClient release"), "threads that called the library: " + string.Join(", ", threads));
            List<string> leaks = lab.Reports.Select(r => r.Message).Where(m => m.Contains("was abandoned")).ToList();
            Check.Equal("L12", 1, leaks.Count, "reports of what was abandoned: " + string.Join("; ", leaks));
            Check.That("L12", leaks[0].StartsWith("Room " + ids[0] + " was abandoned", StringComparison.Ordinal), "the report: " + leaks[0]);
            Check.Equal("L12", depth % 2 == 0, leaks[0].Contains("It was created here"), "whether it says where: " + leaks[0]);
            return leaks[0].Split(' ')[0];
        }

        /// <summary>The ids of what there is, the room's first; the deepest object is put into the box.</summary>
        private static ulong[] Grow(Lab lab, int depth, object[] deepest)
        {
            Room room = lab.Client.ConnectAsync("ref://local/" + lab.RoomName, "me", new RoomOptions()).Result;
            deepest[0] = room;
            if (depth > 0)
            {
                lab.Client.ControlJoin(lab.RoomName, "other");
                Check.Soon("L12", delegate { return room.RemoteParticipants.Count == 1; }, "nobody joined");
                deepest[0] = room.RemoteParticipants[0];
            }

            if (depth > 1)
            {
                lab.Client.ControlPublish(lab.RoomName, "other", "microphone", TrackKind.Audio, TrackSource.Microphone);
                Check.Soon("L12", delegate { return room.RemoteParticipants[0].RemoteTrackPublications.Any(p => p.RemoteTrack != null); }, "no track arrived");
                RemoteTrackPublication publication = room.RemoteParticipants[0].RemoteTrackPublications[0];
                deepest[0] = depth == 2 ? (object)publication : publication.RemoteTrack;
                if (depth > 3)
                {
                    deepest[0] = publication.RemoteTrack.NewAudioStream();
                }
            }

            if (depth == 5 || depth == 6)
            {
                object[] kept = new object[1];
                room.DataPacketReceived += delegate(object sender, DataPacketReceivedEventArgs e)
                {
                    e.Data.Keep();
                    Volatile.Write(ref kept[0], e.Data);
                };
                room.TextStreamOpened += delegate(object sender, TextStreamOpenedEventArgs e)
                {
                    e.Reader.Keep();
                    Volatile.Write(ref kept[0], e.Reader);
                };
                if (depth == 5)
                {
                    lab.Client.ControlSendData(lab.RoomName, "other", new byte[] { 1 });
                }
                else
                {
                    lab.Client.ControlSendText(lab.RoomName, "other", "t", new[] { "x" });
                }

                Check.Soon("L12", delegate { return Volatile.Read(ref kept[0]) != null; }, "nothing arrived that could be kept");
                deepest[0] = kept[0];
            }

            if (depth == 7)
            {
                deepest[0] = room.LocalParticipant.OpenByteStreamAsync(new StreamByteOptions { Topic = "t" }).Result;
            }

            List<ulong> ids = new List<ulong>();
            Ids(room.Core, ids);
            return ids.ToArray();
        }

        private static ulong[] Overwrite(Lab lab)
        {
            Room room = lab.Client.ConnectAsync("ref://local/another", "me", new RoomOptions()).Result;
            lab.Client.ControlJoin("another", "other");
            lab.Client.ControlPublish("another", "other", "microphone", TrackKind.Audio, TrackSource.Microphone);
            Check.Soon("L12", delegate { return room.RemoteParticipants.Any(p => p.RemoteTrackPublications.Any(t => t.RemoteTrack != null)); }, "no track arrived");
            Check.Ends("L12", room.DisconnectAsync(), "disconnect");
            lab.Client.ControlLeave("another", "other");
            return null;
        }

        private static void Ids(ObjectCore core, List<ulong> ids)
        {
            ids.Add(core.Handle.Id);
            for (ObjectCore child = core.FirstChild; child != null; child = child.NextSibling)
            {
                Ids(child, ids);
            }
        }

        /// <summary>On a stack of which nothing is left for a collector that looks at stacks conservatively.</summary>
        private static ulong[] OnAnotherStack(Func<ulong[]> work)
        {
            ulong[] result = null;
            Exception failed = null;
            Thread thread = new Thread(delegate()
            {
                try
                {
                    result = work();
                }
                catch (Exception error)
                {
                    failed = error;
                }
            });
            thread.Start();
            thread.Join();
            if (failed != null)
            {
                throw new InvalidOperationException("on another stack", failed);
            }

            return result;
        }
    }
}
