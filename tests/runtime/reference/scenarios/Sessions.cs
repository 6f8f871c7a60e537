// Lives of a session: how it begins, what it holds, and every way in which it ends.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    public static class Sessions
    {
        public static string ClientEnds(string arguments)
        {
            Lab lab = new Lab();
            Hold(lab);
            List<string> draining = new List<string>();
            lab.Room.LocalTrackUnpublished += delegate(object sender, LocalTrackUnpublishedEventArgs e)
            {
                draining.Add(e.Publication.Name);
            };
            lab.Room.Disconnected += delegate { draining.Add("disconnected"); };
            Scenario.Stage("disconnect");
            ManualResetEvent go = lab.KeepBusy();
            Operation leaving = lab.Room.DisconnectAsync();
            go.Set();
            Check.Ends("L5", leaving, "disconnect");
            Check.Same("L6", new[] { "microphone", "camera", "disconnected" }, draining, "events after the request to disconnect");
            Check.Equal("L5", 2, LiveHandles.Total, "handles that are alive when DisconnectAsync completed");
            Check.That("L13", lab.Room.IsDisposed, "the room is not disposed after its end");
            SourcesLeft(lab);
            lab.EndedOnce(DisconnectReason.ClientInitiated);
            lab.NothingLeft();
            lab.NothingReported();
            string dropped = string.Join(" ", lab.Dropped());
            lab.Dispose();
            lab.EndedOnce(DisconnectReason.ClientInitiated);
            return Json.Text(dropped);
        }

        public static string ServerEnds(string arguments)
        {
            using (Lab lab = new Lab())
            {
                Hold(lab);
                Scenario.Stage("the server ends the room");
                Check.Equal("L5", 1u, lab.Client.ControlEndRoom(lab.RoomName, DisconnectReason.RoomDeleted), "sessions that end");
                lab.EndedOnce(DisconnectReason.RoomDeleted);
                SourcesLeft(lab);
                lab.NothingLeft();
                lab.EndedOnce(DisconnectReason.RoomDeleted);
                Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect after the end");
                lab.EndedOnce(DisconnectReason.RoomDeleted);
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>The client is disposed under a session; the next one sees what was dropped.</summary>
        public static string ClientDisposed(string arguments)
        {
            Lab lab = new Lab();
            Hold(lab);
            Scenario.Stage("dispose the client");
            lab.Dispose();
            lab.EndedOnce(DisconnectReason.ClientInitiated);
            Check.Equal("L5", 0, LiveHandles.Total, "handles that are alive after the client");
            lab.NothingReported();
            using (ReferenceClient next = ReferenceClient.Initialize())
            {
                ControlDiagnosticsResponse now = next.ControlDiagnostics();
                lab.DropsAreRight(now.Drops);
                Check.Equal("L5", 0u, now.Handles.Total, "native handles");
                Check.Equal("L5", 0, now.Sockets.Count, "sockets");
            }

            return "null";
        }

        /// <summary>Dispose of a room returns at once; the end follows.</summary>
        public static string RoomDisposed(string arguments)
        {
            using (Lab lab = new Lab())
            {
                Hold(lab);
                Scenario.Stage("dispose the room");
                lab.Room.Dispose();
                Check.Throws<ObjectDisposedException>(
                    "L13", delegate { lab.Room.GetSessionStatsAsync(); }, "a request of a room that was disposed");
                lab.EndedOnce(DisconnectReason.ClientInitiated);
                SourcesLeft(lab);
                lab.NothingLeft();
                lab.NothingReported();
                return "null";
            }
        }

        public static string Panic(string arguments)
        {
            Lab lab = new Lab();
            string said = null;
            lab.Client.Panicked += delegate(object sender, PanickedEventArgs e) { said = e.Message; };
            Hold(lab);
            Scenario.Stage("panic");
            lab.Client.ControlPanicEvent("all is lost");
            Check.Soon("L5", delegate { return lab.Ends.Count > 0; }, "a panic did not end the room");
            Check.Equal("L5", "all is lost", said, "what Panicked said");
            SourcesLeft(lab);
            lab.Alive(rule: "L5");
            lab.DropsAreRight(lab.Client.ControlDiagnostics().Drops);
            Check.Equal("L5", 1, lab.Ends.Count, "how often Disconnected was raised");
            lab.NothingReported();
            lab.Dispose();
            using (ReferenceClient next = ReferenceClient.Initialize())
            {
                Check.Equal("L5", 0, next.ControlDiagnostics().Sockets.Count, "sockets");
            }

            Check.Equal("L5", 1, lab.Ends.Count, "how often Disconnected was raised");
            return "null";
        }

        public static string FailedConnect(string arguments)
        {
            using (Lab lab = new Lab())
            {
                foreach (string url in new[] { "refuse://local/lab", "ref://refuse/lab" })
                {
                    Refused(lab, url, "me");
                }

                Refused(lab, "ref://local/lab", "invalid");
                Check.Equal("L5", 0, lab.Client.Rooms.Count, "rooms after a connect that failed");
                lab.NothingLeft("L5");
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>The handler that attaches handlers throws: connect throws that, and the room is gone.</summary>
        public static string ConfigureThrows(string arguments)
        {
            using (Lab lab = new Lab())
            {
                DisconnectReason? reason = null;
                Room seen = null;
                Operation<Room> connecting = lab.Client.ConnectAsync(
                    "ref://local/lab",
                    "me",
                    new RoomOptions(),
                    delegate(Room room)
                    {
                        seen = room;
                        room.Disconnected += delegate(object sender, DisconnectedEventArgs e) { reason = e.Reason; };
                        throw new InvalidOperationException("the handler's own");
                    });
                InvalidOperationException error = Check.Throws<InvalidOperationException>(
                    "L5", delegate { connecting.Wait(Lab.DeadlineMilliseconds); }, "a connect whose configure throws");
                Check.Equal("L5", "the handler's own", error.Message, "the message");
                lab.NothingLeft("L5");
                Check.Soon("L5", delegate { return reason != null; }, "the room ended and Disconnected was not raised");
                Check.Equal("L5", DisconnectReason.ClientInitiated, reason.Value, "the reason, which the library never sent");
                Check.That("L5", seen.IsDisposed, "the room is not disposed");
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>Who was there before is in the tree before the first event.</summary>
        public static string LateJoin(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Client.ControlJoin(lab.RoomName, "first", "The First", "meta");
                lab.Client.ControlPublish(lab.RoomName, "first", "microphone", TrackKind.Audio, TrackSource.Microphone);
                lab.Client.ControlPublish(lab.RoomName, "first", "camera", TrackKind.Video, TrackSource.Camera);
                lab.Client.ControlJoin(lab.RoomName, "second");
                List<string> seen = new List<string>();
                lab.Connect(delegate(Room room)
                {
                    seen.Add(string.Join(" ", room.RemoteParticipants.Select(p => p.Identity + ":" + p.RemoteTrackPublications.Count)));
                    seen.Add(room.LocalParticipant.Identity);
                    room.TrackSubscribed += delegate(object sender, TrackSubscribedEventArgs e)
                    {
                        seen.Add(e.ParticipantIdentity + "/" + e.TrackPublication.Name + "/" + e.Track.Kind);
                    };
                });
                RemoteParticipant first = lab.Subscribed("first");
                Check.Same(
                    "L23",
                    new[] { "first:2 second:0", "me", "first/microphone/Audio", "first/camera/Video" },
                    seen,
                    "what was seen of those that were there");
                Check.Equal("L23", "The First meta", first.Name + " " + first.Metadata, "name and metadata");
                lab.Alive(rooms: 1, participants: 3, publications: 2, tracks: 2);
                lab.NoteTree();
                Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
                lab.NothingLeft();
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>After a full reconnect nothing of the old tree is left, and the local side lives on.</summary>
        public static string Reconnect(string arguments)
        {
            using (Lab lab = new Lab())
            {
                Hold(lab);
                List<string> events = new List<string>();
                lab.Room.Reconnecting += delegate { events.Add("reconnecting"); };
                lab.Room.Reconnected += delegate { events.Add("reconnected"); };
                RemoteParticipant before = lab.Room.RemoteParticipants.Single();
                string microphoneBefore = lab.MicrophonePublication.Sid;
                ulong handleBefore = lab.IdOf(lab.MicrophonePublication);
                Scenario.Stage("reconnect");
                Check.Equal("L7", 1u, lab.Client.ControlReconnect(lab.RoomName), "sessions that reconnect");
                Check.Soon("L7", delegate { return events.Contains("reconnected"); }, "the room did not reconnect");
                RemoteParticipant after = lab.Subscribed();
                Check.That("L7", before.IsDisposed && after != before, "the participant of before the reconnect is still alive");
                Check.Soon(
                    "L10",
                    delegate { return lab.MicrophonePublication.Sid != microphoneBefore; },
                    "the publication's sid was not renewed");
                Check.Equal("L10", handleBefore, lab.IdOf(lab.MicrophonePublication), "the publication's handle, which came again");
                lab.Alive(rooms: 1, participants: 2, publications: 4, tracks: 4, audioSources: 1, videoSources: 1, rule: "L7");
                lab.NoteTree();
                Scenario.Stage("unpublish by the new key");
                Check.Ends(
                    "L10", lab.Room.LocalParticipant.UnpublishTrackAsync(lab.MicrophonePublication, true), "unpublish_track");
                lab.Alive(rooms: 1, participants: 2, publications: 3, tracks: 3, audioSources: 1, videoSources: 1, rule: "L7");
                Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
                SourcesLeft(lab);
                lab.NothingLeft();
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>A handle that comes as a plain number is owned; when the number comes again, it is no second one.</summary>
        public static string RepublishedHandle(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Client.ControlSetFaults(new Faults { RepublishedHandleIsNew = true }, lab.RoomName);
                int republished = 0;
                lab.Connect(delegate(Room room)
                {
                    room.LocalTrackRepublished += delegate(object sender, LocalTrackRepublishedEventArgs e)
                    {
                        Check.That("L10", e.Previous != null, "the publication of the event is not known");
                        republished++;
                    };
                });
                lab.Publish();
                ulong original = lab.IdOf(lab.MicrophonePublication);
                lab.NoteTree();
                lab.Client.ControlReconnect(lab.RoomName);
                Check.Soon("L10", delegate { return republished == 2; }, "the tracks were not published again");
                ulong renewed = lab.IdOf(lab.MicrophonePublication);
                Check.That("L10", renewed != original, "the new handle has no owner");
                lab.Alive(rooms: 1, participants: 1, publications: 2, tracks: 2, audioSources: 1, videoSources: 1, rule: "L10");
                lab.Client.ControlReconnect(lab.RoomName);
                Check.Soon("L10", delegate { return republished == 4; }, "the tracks were not published a second time");
                Check.Equal("L10", renewed, lab.IdOf(lab.MicrophonePublication), "the handle that came again");
                lab.Alive(rooms: 1, participants: 1, publications: 2, tracks: 2, audioSources: 1, videoSources: 1, rule: "L10");
                Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
                SourcesLeft(lab);
                lab.Alive(rule: "L10");
                HashSet<ulong> dropped = new HashSet<ulong>(lab.Client.ControlDiagnostics().Drops.Select(d => d.Id));
                Check.That("L10", dropped.Contains(original) && dropped.Contains(renewed), "a handle of the publication was not dropped");
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>
        /// The server ends the room while the library still carries out the client's request to end it: the last event is not
        /// the end then, because the library has yet to look the room up.
        /// </summary>
        public static string EndedFromBothSides(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Client.ControlSetFaults(new Faults { RoomLookedUpLate = true }, lab.RoomName);
                lab.Connect();
                bool logged = false;
                lab.Client.LogsReceived += delegate { logged = true; };
                lab.Client.ControlHoldCallbacks(lab.RoomName);
                Operation leaving = lab.Room.DisconnectAsync();
                lab.Client.ControlEndRoom(lab.RoomName, DisconnectReason.RoomDeleted);
                Check.Soon(
                    "L6",
                    delegate { return lab.Client.ControlDiagnostics().Tasks.All(t => t.Name != "room_events"); },
                    "the events of the room do not end");
                // What comes after them is dealt with after them.
                lab.Client.ControlEmitLog("a record");
                Check.Soon("L6", delegate { return logged; }, "no event after those of the room");
                Check.Equal("L6", 1u, lab.Client.ControlDiagnostics().Handles.Rooms, "rooms that the library can still look up");
                lab.Client.ControlReleaseCallbacks(lab.RoomName);
                Check.Ends("L6", leaving, "disconnect");
                lab.EndedOnce(DisconnectReason.RoomDeleted);
                lab.NothingLeft("L6");
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>Two rooms at once: the end of one leaves the other alone.</summary>
        public static string TwoRooms(string arguments)
        {
            using (Lab lab = new Lab("one"))
            {
                Room one = lab.Connect();
                DisconnectReason? reason = null;
                Room two = lab.Connect(null, "two", "me too");
                two.Disconnected += delegate(object sender, DisconnectedEventArgs e) { reason = e.Reason; };
                lab.Client.ControlJoin("two", "other");
                Check.Soon("L23", delegate { return two.RemoteParticipants.Count == 1; }, "the other did not appear in room two");
                Check.Equal("L23", 0, one.RemoteParticipants.Count, "participants in room one");
                lab.Alive(rooms: 2, participants: 3);
                lab.NoteTree();
                Check.Ends("L5", one.DisconnectAsync(), "disconnect of room one");
                lab.Alive(rooms: 1, participants: 2, rule: "L5");
                Check.That("L5", reason == null && !two.IsDisposed, "room two ended with room one");
                lab.Client.ControlLeave("two", "other");
                lab.Alive(rooms: 1, participants: 1, rule: "L7");
                Check.Ends("L5", two.DisconnectAsync(), "disconnect of room two");
                lab.NothingLeft();
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>Two participants of one process in one room; the second of one identity ends the first.</summary>
        public static string SameIdentity(string arguments)
        {
            using (Lab lab = new Lab())
            {
                Room first = lab.Connect();
                Room second = lab.Connect(null, null, "me");
                Check.Soon("L5", delegate { return first.IsDisposed; }, "the first session goes on");
                lab.EndedOnce(DisconnectReason.DuplicateIdentity);
                Check.That("L5", !second.IsDisposed, "the second session ended too");
                lab.Alive(rooms: 1, participants: 1, rule: "L5");
                Check.Ends("L5", second.DisconnectAsync(), "disconnect");
                lab.NothingLeft();
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>Many lives in one process, of which nothing is held afterwards.</summary>
        public static string Cycles(string arguments)
        {
            int count = Convert.ToInt32(((Dictionary<string, object>)Json.Parse(arguments))["cycles"]);
            List<WeakReference> lives = new List<WeakReference>();
            for (int i = 0; i < count; i++)
            {
                lives.Add(Live(i % 2 == 0));
            }

            Scenario.CollectGarbage();
            int held = lives.Count(l => l.IsAlive);
            // Mono looks at the stack conservatively, so the last ones may seem to be in use.
            Check.That("L5", held <= 5, held + " of " + count + " rooms are still held after their clients");
            return Json.Text(held);
        }

        private static WeakReference Live(bool endedByClient)
        {
            using (Lab lab = new Lab())
            {
                lab.Connect();
                lab.Publish();
                lab.Join();
                lab.NoteTree();
                if (endedByClient)
                {
                    Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
                }
                else
                {
                    lab.Client.ControlEndRoom(lab.RoomName);
                    lab.EndedOnce(DisconnectReason.RoomDeleted);
                }

                lab.Microphone.Dispose();
                lab.Camera.Dispose();
                lab.NothingLeft();
                lab.NothingReported();
                return new WeakReference(lab.Room);
            }
        }

        /// <summary>A room with two tracks of its own and a participant with two subscribed.</summary>
        private static void Hold(Lab lab)
        {
            lab.Alive();
            lab.Connect();
            lab.Alive(rooms: 1, participants: 1);
            lab.Publish();
            lab.Alive(rooms: 1, participants: 1, publications: 2, tracks: 2, audioSources: 1, videoSources: 1);
            lab.Join();
            lab.Alive(rooms: 1, participants: 2, publications: 4, tracks: 4, audioSources: 1, videoSources: 1);
            ControlDiagnosticsResponse now = lab.Client.ControlDiagnostics();
            Check.Equal("L5", 4, now.Sockets.Count, "sockets of a session");
            Check.That("L5", now.Tasks.Any(t => t.Name == "room_events"), "a session without a task");
            lab.NoteTree();
        }

        /// <summary>What its creator has to dispose is still there, and nothing else.</summary>
        private static void SourcesLeft(Lab lab)
        {
            lab.Alive(audioSources: 1, videoSources: 1, rule: "L4");
            lab.Microphone.Dispose();
            lab.Camera.Dispose();
        }

        private static void Refused(Lab lab, string url, string token)
        {
            Operation<Room> connecting = lab.Client.ConnectAsync(url, token, new RoomOptions());
            ReferenceException error = Check.Throws<ReferenceException>(
                "L5", delegate { connecting.Wait(Lab.DeadlineMilliseconds); }, "a connect that is refused");
            Check.That("L3", error.Message.Contains("connect"), "the error does not name the request: " + error.Message);
            Check.That("L5", connecting.IsCompleted && connecting.Error == error, "the operation does not hold its error");
        }
    }
}
