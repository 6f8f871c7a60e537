// Shut down and started again, with everything under way.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    public static class Again
    {
        /// <summary>A hundred generations with rooms open, operations in flight and frames streaming: none reaches the next.</summary>
        public static string HundredGenerations(string arguments)
        {
            int count = arguments == "null" ? 100 : Convert.ToInt32(Json.Parse(arguments));
            List<string> reached = new List<string>();
            int generation = 0;
            for (int i = 0; i < count; i++)
            {
                int mine = i;
                Volatile.Write(ref generation, mine);
                Lab lab = new Lab();
                Action<string> note = delegate(string what)
                {
                    int now = Volatile.Read(ref generation);
                    if (now != mine)
                    {
                        lock (reached)
                        {
                            reached.Add(what + " of generation " + mine + " in " + now);
                        }
                    }
                };
                lab.Connect(delegate(Room room)
                {
                    room.DataPacketReceived += delegate { note("a packet"); };
                    room.ParticipantConnected += delegate { note("a participant"); };
                    room.Disconnected += delegate { note("the end"); };
                });
                lab.Client.ControlJoin(lab.RoomName, "other");
                string sid = lab.Client.ControlPublish(lab.RoomName, "other", "microphone", TrackKind.Audio, TrackSource.Microphone);
                RemoteTrack track = null;
                Check.Soon(
                    "L16",
                    delegate
                    {
                        RemoteTrackPublication publication = lab.Room.RemoteParticipants.SelectMany(p => p.RemoteTrackPublications).FirstOrDefault();
                        track = publication == null ? null : publication.RemoteTrack;
                        return track != null;
                    },
                    "the track did not arrive");
                AudioStream stream = track.NewAudioStream();
                stream.FrameReceived += delegate(AudioStream sender, in AudioStreamFrameReceivedEventArgs e) { note("a frame"); };
                lab.Client.ControlHoldCallbacks("elsewhere");
                List<Operation> flying = new List<Operation>
                {
                    lab.Client.ConnectAsync("ref://local/elsewhere", "me", new RoomOptions(), delegate { note("a connect"); }),
                    lab.Room.LocalParticipant.SetLocalNameAsync("n"),
                    lab.Room.LocalParticipant.OpenByteStreamAsync(new StreamByteOptions { Topic = "t" }),
                };
                // A connect that is still under way when the library is disposed is lost on the library's side.
                Check.Soon("L16", delegate { return lab.Client.ControlDiagnostics().HeldCallbacks == 1; }, "the connect is not held");
                // Frames go on until the client is gone.
                int streamed = 0;
                Thread streaming = new Thread(delegate()
                {
                    try
                    {
                        while (true)
                        {
                            lab.Client.ControlEmitFrames(lab.RoomName, sid, 5);
                            lab.Client.ControlSendData(lab.RoomName, "other", new byte[] { 1 });
                            Interlocked.Increment(ref streamed);
                        }
                    }
                    catch (ObjectDisposedException)
                    {
                    }
                    catch (ReferenceException)
                    {
                        // The room is gone first.
                    }
                });
                streaming.Start();
                Check.Soon("L16", delegate { return Volatile.Read(ref streamed) > 0; }, "nothing streams");
                lab.Dispose();
                Check.That("L16", streaming.Join(Lab.DeadlineMilliseconds), "a request of a client that has ended hangs");
                Check.Equal("L16", 0, LiveHandles.Total, "handles that are alive after the client: " + LiveHandles.Line());
                Check.That("L16", flying.All(o => o.IsCompleted), "an operation of a client that has ended still waits");
                Check.Equal("L5", 1, lab.Ends.Count, "how often Disconnected was raised");
                lab.NothingReported("L16");
                using (ReferenceClient next = ReferenceClient.Initialize())
                {
                    // What a connect brings that was under way comes to the next client, who closes and releases it.
                    ControlDiagnosticsResponse now = null;
                    Check.Soon(
                        "L16",
                        delegate
                        {
                            now = next.ControlDiagnostics(true);
                            return now.Handles.Total == 0 && now.Sessions == 0;
                        },
                        delegate { return "of the client remain " + now.Sessions + " sessions and " + now.Line; });
                }
            }

            Check.Same("L16", new string[0], reached, "what reached another generation");
            return Json.Text(count);
        }

        /// <summary>A callback that the library still owes an older client is released by the next one, and ends nothing of it.</summary>
        public static string OlderCallbacks(string arguments)
        {
            ReferenceClient older = ReferenceClient.Initialize();
            older.ControlHoldCallbacks("elsewhere");
            ulong id = PendingCalls.NextId() + 1;
            Operation<Room> lost = older.ConnectAsync("ref://local/elsewhere", "me", new RoomOptions());
            Check.Soon("L16", delegate { return older.ControlDiagnostics().HeldCallbacks == 1; }, "the connect is not held");
            older.Dispose();
            Check.Throws<ObjectDisposedException>("L16", delegate { lost.Wait(Lab.DeadlineMilliseconds); }, "a connect whose client has ended");
            using (Lab lab = new Lab())
            {
                // The ids are of no handle, so the library refuses what the client then asks for them.
                Operation<Room> mine = lab.Client.ConnectAsync("ref://local/b", "me", new RoomOptions());
                Check.Ends("L16", mine, "connect");
                Raw.Deliver(Raw.Connected(id, 7000001, 7000002));
                Check.Soon(
                    "L16",
                    delegate { return lab.Client.ControlDiagnostics().Drops.Count(d => d.Id == 7000001 || d.Id == 7000002) == 2; },
                    "what the callback of an older client brought is not released");
                lab.Alive(rooms: 1, participants: 1, rule: "L16");
                Check.Ends("L5", mine.Result.DisconnectAsync(), "disconnect");
                lab.Alive(rule: "L16");
            }

            return "null";
        }
    }
}
