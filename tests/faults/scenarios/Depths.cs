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
            "a source", "a track", "a stream of a track",
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
                    // What a conservative collector still sees of it on other threads is overwritten by another one.
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
            Check.That("L12", threads.All(t => t == "ReferenceClient release"), "threads that called the library: " + string.Join(", ", threads));
            List<string> leaks = lab.Reports.Select(r => r.Message).Where(m => m.Contains("was abandoned")).ToList();
            Check.Equal("L12", 1, leaks.Count, "reports of what was abandoned: " + string.Join("; ", leaks));
            Check.That("L12", leaks[0].StartsWith((depth == 0 ? "AudioSource " : "Track ") + ids[0] + " was abandoned", StringComparison.Ordinal), "the report: " + leaks[0]);
            Check.Equal("L12", depth % 2 == 0, leaks[0].Contains("It was created here"), "whether it says where: " + leaks[0]);
            return leaks[0].Split(' ')[0];
        }

        /// <summary>The ids of what there is, the root's first; the deepest object is put into the box.</summary>
        private static ulong[] Grow(Lab lab, int depth, object[] deepest)
        {
            AudioSource source = lab.Client.NewAudioSource(sampleRate: 48000, numChannels: 1);
            NativeObject root = source;
            deepest[0] = root;
            if (depth > 0)
            {
                root = lab.Client.CreateAudioTrack("lost", source);
                source.Dispose();
                deepest[0] = depth == 1 ? root : ((LocalTrack)root).NewAudioStream();
            }

            List<ulong> ids = new List<ulong>();
            Ids(root.Core, ids);
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
