// Sessions that hardly begin: cancelled, left at once, refused; two at a time; and very many.
using System;
using System.Collections.Generic;
using System.Threading;
using GenBindings.Harness;
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;

namespace LiveKitLab
{
    /// <summary>Scenarios at the edges of a session.</summary>
    public static class Edges
    {
        private static readonly List<long> Managed = new List<long>();

        /// <summary>A connect that is cancelled as soon as it is under way, at once or a little later.</summary>
        public static object Cancel(LiveKitClient client, object arguments)
        {
            var director = new Director(arguments);
            director.Mark("before");
            int cancelled = 0;
            for (int i = 0; i < 12; i++)
            {
                Operation<Room> connect;
                using (var source = new CancellationTokenSource())
                {
                    connect = Start(client, director, "unity" + i, source.Token);
                    Thread.Sleep(i * 15);
                    source.Cancel();
                    try
                    {
                        Lab.Check(connect.Wait(Rooms.Patience), "an end of the connect");
                        connect.Result.DisconnectAsync().Wait(Rooms.Patience);
                    }
                    catch (OperationCanceledException)
                    {
                        cancelled++;
                    }
                }
            }

            // What was cancelled goes on inside the library, and what it brings is released when it comes.
            director.Ask("join", "who", "python");
            director.WaitUntil("python", "participants", 0);
            Lab.Check(Scenario.Until(() => LiveHandles.Total == 0, Rooms.Patience), "nothing left of cancelled connects: " + LiveHandles.Line());
            director.Ask("leave", "who", "python");
            director.Mark("after");
            return Lab.Facts("cancelled", cancelled);
        }

        /// <summary>Disconnect or dispose right after the connect.</summary>
        public static object AtOnce(LiveKitClient client, object arguments)
        {
            var director = new Director(arguments);
            director.Mark("before");
            for (int i = 0; i < 6; i++)
            {
                Rooms rooms = Rooms.Connect(client, director);
                if (i == 0)
                {
                    director.Mark("during");
                }

                if (i % 2 == 0)
                {
                    rooms.Leave();
                }
                else
                {
                    rooms.Room.Dispose();
                    rooms.Ended(DisconnectReason.ClientInitiated);
                }
            }

            Lab.Check(Scenario.Until(() => LiveHandles.Total == 0, Rooms.Patience), "nothing left: " + LiveHandles.Line());
            director.Mark("after");
            return Lab.Facts();
        }

        /// <summary>Dispose in the middle of a publish, whose callback comes much later or never.</summary>
        public static object InMidPublish(LiveKitClient client, object arguments)
        {
            var director = new Director(arguments);
            director.Mark("before");
            for (int i = 0; i < 3; i++)
            {
                Rooms rooms = Rooms.Connect(client, director);
                using (AudioSource source = client.NewAudioSource())
                using (LocalTrack track = client.CreateAudioTrack("lost", source))
                {
                    Operation publish = rooms.Room.LocalParticipant.PublishTrackAsync(track, new TrackPublishOptions());
                    rooms.Room.Dispose();
                    rooms.Until(() => rooms.Ends.Count > 0 && publish.IsCompleted, "an end of room and publish");
                }
            }

            Lab.Check(Scenario.Until(() => LiveHandles.Total == 0, Rooms.Patience), "nothing left: " + LiveHandles.Line());
            director.Mark("after");
            return Lab.Facts();
        }

        /// <summary>Two rooms side by side; the end of one leaves the other as it is.</summary>
        public static object TwoRooms(LiveKitClient client, object arguments)
        {
            var director = new Director(arguments);
            director.Mark("before");
            using (var studio = new Studio(client))
            {
                Rooms one = Rooms.Connect(client, director, "left", "one");
                Rooms two = Rooms.Connect(client, director, "right", "two");
                director.Ask("join", "who", "python", "room", "two");
                director.Ask("publish", "who", "python", "kind", "audio");
                director.Ask("publish", "who", "python", "kind", "video");
                studio.PublishMicrophone(one.Room);
                studio.PublishCamera(two.Room);
                two.WaitForFrames(10, 1);
                director.WaitFor("python", "video frames", 1);
                Lab.Same(2, client.Rooms.Count, "rooms of the client");
                Lab.Same(0, one.Room.RemoteParticipants.Count, "others in the first room");
                Lab.Same(1, two.Room.RemoteParticipants.Count, "others in the second room");
                director.Mark("during");

                director.Ask("delete_room", "room", "one");
                one.Until(() => one.Room.IsDisposed && one.Ends.Count > 0, "the end of the first room");
                Lab.Same("RoomDeleted", string.Join(", ", one.Ends.ToArray()), "reasons of the first room's end");
                two.WaitForFrames(10, 1);
                Lab.Same(1, client.Rooms.Count, "rooms of the client");
                two.Leave();
            }

            director.Ask("leave", "who", "python");
            director.Mark("after");
            return Lab.Facts();
        }

        /// <summary>Many sessions in one process, each with tracks both ways.</summary>
        public static object Cycles(LiveKitClient client, object arguments)
        {
            var director = new Director(arguments);
            director.Mark("before");
            director.JoinAndPublish("python");
            var times = (long)director.Arguments["times"];
            for (long i = 0; i < times; i++)
            {
                using (var studio = new Studio(client))
                {
                    Rooms rooms = Rooms.Connect(client, director);
                    studio.PublishMicrophone(rooms.Room);
                    studio.PublishCamera(rooms.Room);
                    rooms.WaitForFrames(2, 1);
                    if (i == times - 1)
                    {
                        director.Mark("during");
                    }

                    rooms.Leave();
                }

                Lab.Same(0L, (long)LiveHandles.Total, "live handles after session " + i);
            }

            director.Ask("leave", "who", "python");
            director.Mark("after");
            Scenario.CollectGarbage();
            Managed.Add(GC.GetTotalMemory(true));
            return Lab.Facts("managed bytes by round", Managed);
        }

        /// <summary>A connection that the server refuses, or in whose middle it stops.</summary>
        public static object Refused(LiveKitClient client, object arguments)
        {
            var director = new Director(arguments);
            director.Mark("before");
            object after;
            object token;
            string url = director.Arguments.TryGetValue("gate", out after)
                ? (string)director.Ask("open_gate", "after", after)
                : (string)director.Arguments["url"];
            if (!director.Arguments.TryGetValue("token", out token))
            {
                token = director.Ask("token", "who", "unity");
            }

            bool configured = false;
            Operation<Room> connect = client.ConnectAsync(url, (string)token, Rooms.Options, room => configured = true);
            string said = Lab.Refused(delegate { connect.Wait(Rooms.Patience * 2); });
            Lab.Check(!configured, "no room to configure");
            Lab.Same(0, client.Rooms.Count, "rooms of the client");
            Lab.Same(0L, (long)LiveHandles.Total, "live handles");
            director.Mark("after");
            return Lab.Facts("said", said);
        }

        /// <summary>The server goes, without a word, while a session is at work.</summary>
        public static object ServerGone(LiveKitClient client, object arguments)
        {
            var director = new Director(arguments);
            director.Mark("before");
            Rooms rooms;
            using (var studio = new Studio(client))
            {
                rooms = Rooms.Connect(client, director);
                studio.PublishMicrophone(rooms.Room);
                studio.PublishCamera(rooms.Room);
                director.Mark("during");
                director.Ask((string)director.Arguments["command"]);
                Lab.Check(Scenario.Until(() => rooms.Room.IsDisposed && rooms.Ends.Count > 0, 180000), "an end of the room: " + string.Join(", ", rooms.Happened.ToArray()));
                Lab.Same(1, rooms.Ends.Count, "ends that were announced");
            }

            director.Mark("after");
            return Lab.Facts("reason", rooms.Ends[0], "happened", rooms.Happened.ToArray());
        }

        private static Operation<Room> Start(LiveKitClient client, Director director, string who, CancellationToken token)
        {
            var url = (string)director.Arguments["url"];
            return client.ConnectAsync(url, (string)director.Ask("token", "who", who), Rooms.Options, null, token);
        }
    }
}
