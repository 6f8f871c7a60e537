// The same objects from many threads, from inside callbacks, and while the client ends.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    public static class Threads
    {
        /// <summary>Requests from four threads while four others dispose everything, the client last.</summary>
        public static string RequestsDuringTheEnd(string arguments)
        {
            for (int round = 0; round < 5; round++)
            {
                Lab lab = new Lab();
                lab.Client.ControlSetFaults(new Faults { CloseTakesMs = 30 }, lab.RoomName);
                lab.Connect();
                lab.Publish();
                RemoteParticipant other = lab.Join();
                RemoteTrack track = other.RemoteTrackPublications[0].RemoteTrack;
                LocalParticipant me = lab.Room.LocalParticipant;
                List<Exception> wrong = new List<Exception>();
                List<Operation> waiting = new List<Operation>();
                Barrier start = new Barrier(8);
                Action[] work =
                {
                    delegate { Keep(waiting, me.SetLocalNameAsync("n")); },
                    delegate { track.SetEnabled(true); },
                    delegate { lab.Client.NewAudioSource(sampleRate: 48000, numChannels: 1); },
                    delegate { Keep(waiting, lab.Client.ConnectAsync("ref://local/other", "x", new RoomOptions())); },
                };
                Thread[] threads = new Thread[8];
                for (int i = 0; i < threads.Length; i++)
                {
                    int index = i;
                    threads[i] = new Thread(delegate()
                    {
                        start.SignalAndWait();
                        try
                        {
                            if (index < 4)
                            {
                                for (int n = 0; n < 200; n++)
                                {
                                    work[index]();
                                }
                            }
                            else
                            {
                                other.Dispose();
                                lab.Room.Dispose();
                                lab.Client.Dispose();
                            }
                        }
                        catch (ObjectDisposedException)
                        {
                        }
                        catch (ReferenceException)
                        {
                            // The library refuses what names an object that it has released.
                        }
                        catch (Exception error)
                        {
                            lock (wrong)
                            {
                                wrong.Add(error);
                            }
                        }
                    });
                    threads[i].Start();
                }

                foreach (Thread thread in threads)
                {
                    Check.That("L11", thread.Join(Lab.DeadlineMilliseconds), "a thread hangs");
                }

                Check.Same("L13", new Exception[0], wrong, "what else was thrown");
                lab.EndedOnce(DisconnectReason.ClientInitiated);
                foreach (Operation operation in waiting)
                {
                    Check.Soon("L8", delegate { return operation.IsCompleted; }, "an operation never ended");
                }

                Check.Soon("L16", delegate { return Started(lab); }, "no client can be started");
                Check.Equal("L11", 0, LiveHandles.Total, "handles that are alive after the client: " + LiveHandles.Line());
                lab.Dispose();
            }

            return "null";
        }

        /// <summary>A stream, its track and its participant are disposed inside the handler of a frame.</summary>
        public static string DisposeInsideAFrame(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Connect();
                for (int what = 0; what < 3; what++)
                {
                    string identity = "other" + what;
                    RemoteParticipant other = lab.Join(identity);
                    RemoteTrackPublication publication = other.RemoteTrackPublications.Single(p => p.Kind == TrackKind.Audio);
                    AudioStream stream = publication.RemoteTrack.NewAudioStream();
                    NativeObject victim = what == 0 ? stream : what == 1 ? (NativeObject)publication.RemoteTrack : other;
                    int frames = 0;
                    stream.FrameReceived += delegate(AudioStream sender, in AudioStreamFrameReceivedEventArgs e)
                    {
                        victim.Dispose();
                        Interlocked.Increment(ref frames);
                    };
                    lab.Client.ControlEmitFrames(lab.RoomName, publication.Sid, 3);
                    Check.Soon("L11", delegate { return Volatile.Read(ref frames) > 0; }, "no frame");
                    Check.Soon("L11", delegate { return stream.IsDisposed; }, "the stream is still alive");
                    lab.Client.ControlLeave(lab.RoomName, identity);
                    lab.Alive(rooms: 1, participants: 1, rule: "L11");
                }

                Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
                lab.NothingLeft("L11");
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>A disconnect that is complete has left nothing, also when another thread released a part of it.</summary>
        public static string CompleteMeansReleased(string arguments)
        {
            using (Lab lab = new Lab())
            {
                for (int round = 0; round < 20; round++)
                {
                    Room room = lab.Connect(null, null, "me" + round);
                    lab.Client.ControlJoin(lab.RoomName, "other" + round);
                    Check.Soon("L23", delegate { return room.RemoteParticipants.Count == 1; }, "nobody joined");
                    RemoteParticipant other = room.RemoteParticipants[0];
                    NativeHandle handle = other.Core.Handle;
                    bool held = false;
                    // A call that is under way on another thread.
                    handle.DangerousAddRef(ref held);
                    Operation leaving = room.DisconnectAsync();
                    Check.Soon("L5", delegate { return other.IsDisposed; }, "the room does not end");
                    Check.That("L5", !leaving.IsCompleted, "disconnect is complete before the last handle was released");
                    handle.DangerousRelease();
                    Check.Ends("L5", leaving, "disconnect");
                    Check.Equal("L5", 0, LiveHandles.Total, "handles that are alive when DisconnectAsync completed");
                    lab.Client.ControlLeave(lab.RoomName, "other" + round);
                }

                lab.NothingReported();
                return "null";
            }
        }

        private static void Keep(List<Operation> operations, Operation operation)
        {
            lock (operations)
            {
                operations.Add(operation);
            }
        }

        private static bool Started(Lab lab)
        {
            try
            {
                using (ReferenceClient next = ReferenceClient.Initialize())
                {
                    ControlDiagnosticsResponse now = next.ControlDiagnostics(true);
                    Check.Equal("L16", 0u, now.Handles.Total, "native handles after the client: " + now.Line);
                    return true;
                }
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        }
    }
}
