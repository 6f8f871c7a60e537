// Every way in which a session ends, with markers lost, a slow close, and handlers that misbehave.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    public static class Ends
    {
        /// <summary>However the room ends and whatever the library forgets to say, it ends once, with a reason.</summary>
        public static string DisconnectedLost(string arguments)
        {
            return Every(delegate { return new Faults { DisconnectedLost = true }; }, DisconnectReason.ClientInitiated, DisconnectReason.UnknownReason);
        }

        public static string EndOfStreamLost(string arguments)
        {
            return Every(delegate { return new Faults { EndOfStreamLost = true }; }, DisconnectReason.ClientInitiated, DisconnectReason.RoomDeleted);
        }

        public static string DisconnectCallbackLost(string arguments)
        {
            return Every(delegate { return new Faults { DisconnectCallbackLost = true }; }, DisconnectReason.ClientInitiated, DisconnectReason.RoomDeleted);
        }

        public static string BothMarkersLost(string arguments)
        {
            return Every(
                delegate { return new Faults { EndOfStreamLost = true, DisconnectCallbackLost = true }; },
                DisconnectReason.ClientInitiated,
                DisconnectReason.RoomDeleted);
        }

        /// <summary>The library says nothing at all: the deadline ends what the client asked for.</summary>
        public static string EverythingLost(string arguments)
        {
            return Every(
                delegate { return new Faults { DisconnectedLost = true, EndOfStreamLost = true, DisconnectCallbackLost = true }; },
                DisconnectReason.ClientInitiated,
                null);
        }

        /// <summary>Events with handles go on between the request and the end: each is raised, and nothing of it stays.</summary>
        public static string SlowClose(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Client.ControlSetFaults(new Faults { CloseTakesMs = 150 }, lab.RoomName);
                List<string> joined = new List<string>();
                List<string> packets = new List<string>();
                bool over = false;
                List<string> after = new List<string>();
                lab.Connect(delegate(Room room)
                {
                    room.ParticipantConnected += delegate(object sender, ParticipantConnectedEventArgs e)
                    {
                        joined.Add(e.RemoteParticipant.Identity);
                        if (over)
                        {
                            after.Add(e.RemoteParticipant.Identity);
                        }
                    };
                    room.DataPacketReceived += delegate { packets.Add("packet"); };
                    room.Disconnected += delegate { over = true; };
                });
                lab.Publish();
                lab.Join();
                joined.Clear();
                Check.Ends("L6", lab.Room.DisconnectAsync(), "disconnect");
                Check.That("L6", joined.Count > 0 && packets.Count > 0, "no event came between the request and the end");
                Check.Same("L6", Enumerable.Range(0, joined.Count).Select(n => joined[n]).Distinct(), joined, "who joined while the room closed");
                Check.That("L6", joined.All(i => i.StartsWith("late-", StringComparison.Ordinal)), "others joined: " + string.Join(" ", joined));
                Check.Same("L6", new string[0], after, "events after Disconnected");
                lab.EndedOnce(DisconnectReason.ClientInitiated);
                lab.Microphone.Dispose();
                lab.Camera.Dispose();
                lab.NothingLeft("L6");
                lab.NothingReported();
                return Json.Text(joined.Count);
            }
        }

        /// <summary>The close outlasts the deadline: what still comes afterwards is released.</summary>
        public static string CloseOutlastsDeadline(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Client.ControlSetFaults(new Faults { CloseTakesMs = 1200 }, lab.RoomName);
                lab.Connect();
                lab.Join();
                Check.Ends("L6", lab.Room.DisconnectAsync(), "disconnect");
                lab.EndedOnce(DisconnectReason.ClientInitiated);
                lab.NothingLeft("L6");
                lab.EndedOnce(DisconnectReason.ClientInitiated);
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>
        /// Disposed at once: everything is released while the library still closes, children first, and what it sends
        /// afterwards is released as it comes.
        /// </summary>
        public static string DisposedAtOnce(string arguments)
        {
            for (int way = 0; way < 2; way++)
            {
                // A machine that stops this process for as long as the close takes has shown nothing.
                bool closing = false;
                for (int attempt = 0; attempt < 5 && !closing; attempt++)
                {
                    closing = IsReleasedWhileClosing(way);
                }

                Check.That("L6", closing, "the room was never released while the library still closed its session");
            }

            return "null";
        }

        private static bool IsReleasedWhileClosing(int way)
        {
            using (Lab lab = new Lab())
            {
                // The close outlasts any other end that the room could have.
                lab.Client.ControlSetFaults(new Faults { CloseTakesMs = 300 }, lab.RoomName);
                lab.Connect();
                lab.Publish();
                lab.Join();
                lab.NoteTree();
                lab.Microphone.Dispose();
                lab.Camera.Dispose();
                Operation leaving = way == 1 ? lab.Room.DisconnectAsync() : null;
                lab.Room.DisposeAtOnce();
                lab.Room.DisposeAtOnce();
                if (leaving != null)
                {
                    Check.Ends("L6", leaving, "a disconnect that was under way");
                }

                lab.EndedOnce(DisconnectReason.ClientInitiated);
                bool closing = lab.Client.ControlDiagnostics().Sessions == 1;
                Check.That("L13", lab.Room.IsDisposed, "the room is not disposed");
                lab.NothingLeft("L6");
                lab.EndedOnce(DisconnectReason.ClientInitiated);
                lab.NothingReported("L6");
                return closing;
            }
        }

        /// <summary>A handler of Disconnected that throws, disposes the room again or connects anew changes nothing.</summary>
        public static string HandlersOfTheEnd(string arguments)
        {
            using (Lab lab = new Lab())
            {
                Operation<Room> again = null;
                lab.Connect(delegate(Room room)
                {
                    room.Disconnected += delegate
                    {
                        room.Dispose();
                        again = lab.Client.ConnectAsync("ref://local/" + lab.RoomName, "again", new RoomOptions());
                        throw new InvalidOperationException("the handler's own");
                    };
                });
                lab.Join();
                Operation first = lab.Room.DisconnectAsync();
                Operation second = lab.Room.DisconnectAsync();
                Check.Ends("L11", first, "disconnect");
                Check.Ends("L11", second, "the second disconnect");
                lab.EndedOnce(DisconnectReason.ClientInitiated);
                Check.Soon("L6", delegate { return again != null; }, "the handler did not connect anew");
                Room next = Check.Ends("L6", again, "connect inside Disconnected");
                Check.That("L6", !next.IsDisposed, "the new room ended with the old one");
                Check.Ends("L5", next.DisconnectAsync(), "disconnect");
                lab.NothingLeft("L6");
                Check.Same("L11", new[] { "the handler's own" }, lab.Reports.Select(r => r.Exception.Message), "errors that surfaced");
                return "null";
            }
        }

        /// <summary>The client is disposed inside Disconnected, and inside a continuation of the end.</summary>
        public static string ClientDisposedInside(string arguments)
        {
            Lab lab = new Lab();
            int ended = 0;
            lab.Connect(delegate(Room room)
            {
                room.Disconnected += delegate
                {
                    Interlocked.Increment(ref ended);
                    lab.Client.Dispose();
                };
            });
            lab.Join();
            Operation leaving = lab.Room.DisconnectAsync();
            Check.Ends("L11", leaving, "disconnect");
            Check.Soon("L16", CanStart, "no client can be started after one was disposed inside Disconnected");
            Check.Equal("L5", 1, ended, "how often Disconnected was raised");
            lab.NothingReported();
            lab.Dispose();
            Check.Equal("L5", 0, LiveHandles.Total, "handles that are alive after the client");
            return "null";
        }

        /// <summary>The handshake fails: a panic, and the library released the room by itself.</summary>
        public static string ReadyTimesOut(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Client.ControlSetFaults(new Faults { ReadyTimesOut = true }, lab.RoomName);
                lab.Client.ControlJoin(lab.RoomName, "other");
                int panics = 0;
                lab.Client.Panicked += delegate { Interlocked.Increment(ref panics); };
                int ended = 0;
                Operation<Room> connecting = lab.Client.ConnectAsync(
                    "ref://local/" + lab.RoomName,
                    "me",
                    new RoomOptions(),
                    delegate(Room room)
                    {
                        room.Disconnected += delegate { Interlocked.Increment(ref ended); };
                        Scenario.Until(delegate { return lab.Client.ControlDiagnostics().Handles.Rooms == 0; }, Lab.DeadlineMilliseconds);
                    });
                Check.Throws<ReferenceException>("L5", delegate { connecting.Wait(Lab.DeadlineMilliseconds); }, "a connect whose handshake times out");
                Check.Soon("L5", delegate { return Volatile.Read(ref panics) == 1; }, "there was no panic");
                Check.Soon("L5", delegate { return Volatile.Read(ref ended) == 1; }, "Disconnected was not raised");
                lab.Alive(rule: "L5");
                Check.Equal("L5", 1, ended, "how often Disconnected was raised");
                return "null";
            }
        }

        /// <summary>After a panic the library's side of every session ends as well.</summary>
        public static string PanicEndsTheLibrarysSide(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Connect();
                lab.Publish();
                lab.Join();
                lab.Client.ControlPanicEvent("all is lost");
                lab.EndedOnce(DisconnectReason.UnknownReason);
                lab.Microphone.Dispose();
                lab.Camera.Dispose();
                lab.NothingLeft("L5");
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>A library that looks the room up only after it answered finds it, however the client ends.</summary>
        public static string RoomLookedUpLate(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Client.ControlSetFaults(new Faults { RoomLookedUpLate = true }, lab.RoomName);
                for (int i = 0; i < 2; i++)
                {
                    Room room = lab.Connect(null, null, "me" + i);
                    lab.Client.ControlHoldCallbacks(lab.RoomName);
                    Operation leaving = i == 0 ? room.DisconnectAsync() : null;
                    room.Dispose();
                    Check.Soon("L6", delegate { return lab.Client.ControlDiagnostics().HeldCallbacks == 1; }, "the close did not wait");
                    lab.Client.ControlReleaseCallbacks(lab.RoomName);
                    if (leaving != null)
                    {
                        Check.Ends("L6", leaving, "disconnect");
                    }

                    lab.NothingLeft("L6");
                }

                lab.Connect(null, null, "me too");
                lab.Client.ControlPanicEvent("a panic");
                lab.NothingLeft("L6");
                return "null";
            }
        }

        private static bool CanStart()
        {
            try
            {
                ReferenceClient.Initialize().Dispose();
                return true;
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        }

        private static string Every(Func<Faults> faults, DisconnectReason client, DisconnectReason? server)
        {
            for (int way = 0; way < 4; way++)
            {
                if (way == 2 && server == null)
                {
                    continue;
                }

                Lab lab = new Lab();
                lab.Client.ControlSetFaults(faults(), lab.RoomName);
                lab.Connect();
                lab.Publish();
                lab.Join();
                lab.NoteTree();
                lab.Microphone.Dispose();
                lab.Camera.Dispose();
                if (way == 0)
                {
                    Check.Ends("L6", lab.Room.DisconnectAsync(), "disconnect");
                }
                else if (way == 1)
                {
                    lab.Room.Dispose();
                }
                else if (way == 2)
                {
                    lab.Client.ControlEndRoom(lab.RoomName, DisconnectReason.RoomDeleted);
                }
                else
                {
                    lab.Client.Dispose();
                    Check.Equal("L6", 0, LiveHandles.Total, "handles that are alive after the client");
                }

                lab.EndedOnce(way == 2 ? server.Value : client);
                if (way != 3)
                {
                    lab.NothingLeft("L6");
                    lab.EndedOnce(way == 2 ? server.Value : client);
                }

                lab.NothingReported("L6");
                lab.Dispose();
            }

            return "null";
        }
    }
}
