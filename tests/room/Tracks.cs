// Tracks that come and go: published again, met late, handed over anew by a full reconnect.
using System.Collections.Generic;
using System.Linq;
using GenBindings.Harness;
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;

namespace LiveKitLab
{
    /// <summary>Scenarios of tracks.</summary>
    public static class Tracks
    {
        /// <summary>Both sides take their tracks back and publish new ones.</summary>
        public static object Again(LiveKitClient client, object arguments)
        {
            var director = new Director(arguments);
            director.Mark("before");
            director.JoinAndPublish("python");
            using (var studio = new Studio(client))
            {
                Rooms rooms = Rooms.Connect(client, director);
                LocalTrackPublication sound = studio.PublishMicrophone(rooms.Room);
                LocalTrackPublication picture = studio.PublishCamera(rooms.Room);
                rooms.WaitForFrames(10, 1);
                director.WaitUntil("python", "tracks", 2);

                Unpublish(rooms, sound);
                Unpublish(rooms, picture);
                director.WaitUntil("python", "tracks", 0);
                Lab.Same(0, rooms.Room.LocalParticipant.LocalTrackPublications.Count, "own publications");
                director.Ask("unpublish", "who", "python", "kind", "audio");
                director.Ask("unpublish", "who", "python", "kind", "video");
                rooms.Until(() => rooms.Room.RemoteParticipants[0].RemoteTrackPublications.Count == 0, "no publication of the other");
                Lab.Same(0, LiveHandles.Count(HandleKind.AudioStream) + LiveHandles.Count(HandleKind.VideoStream), "streams of tracks that went");

                director.Ask("forget", "who", "python");
                studio.PublishMicrophone(rooms.Room);
                studio.PublishCamera(rooms.Room);
                director.WaitFor("python", "audio frames", 10);
                director.WaitFor("python", "video frames", 1);
                director.Ask("publish", "who", "python", "kind", "audio");
                director.Ask("publish", "who", "python", "kind", "video");
                rooms.WaitForFrames(10, 1);
                director.Mark("during");
                rooms.Leave();
            }

            director.Ask("leave", "who", "python");
            director.Mark("after");
            return Lab.Facts();
        }

        /// <summary>Participants who come when the tracks are there already, and go again, one of them removed.</summary>
        public static object LateJoiners(LiveKitClient client, object arguments)
        {
            var director = new Director(arguments);
            director.Mark("before");
            using (var studio = new Studio(client))
            {
                Rooms rooms = Rooms.Connect(client, director);
                studio.PublishMicrophone(rooms.Room);
                studio.PublishCamera(rooms.Room);
                foreach (string late in new[] { "first", "second" })
                {
                    director.JoinAndPublish(late);
                    director.WaitFor(late, "audio frames", 10);
                    director.WaitFor(late, "video frames", 1);
                }

                rooms.WaitFor("track subscribed", 4);
                rooms.WaitForFrames(20, 2);
                Lab.Same(2, rooms.Room.RemoteParticipants.Count, "participants who came late");
                director.Mark("during");
                director.Ask("leave", "who", "first");
                director.Ask("remove", "identity", "second");
                rooms.WaitFor("participant disconnected", 2);
                director.WaitFor("second", "ended", 1);
                rooms.Until(() => rooms.Room.RemoteParticipants.Count == 0, "nobody left");
                Lab.Same(1, LiveHandles.Count(HandleKind.Participant), "live participants");
                Lab.Same(2, LiveHandles.Count(HandleKind.TrackPublication), "live publications");
                rooms.Leave();
            }

            director.Ask("leave", "who", "second");
            director.Mark("after");
            return Lab.Facts();
        }

        /// <summary>The library rebuilds the whole session: all participants and publications are new ones.</summary>
        public static object FullReconnect(LiveKitClient client, object arguments)
        {
            var director = new Director(arguments);
            director.Mark("before");
            director.JoinAndPublish("python");
            using (var studio = new Studio(client))
            {
                Rooms rooms = Rooms.Connect(client, director);
                studio.PublishMicrophone(rooms.Room);
                studio.PublishCamera(rooms.Room);
                rooms.WaitForFrames(10, 1);
                RemoteParticipant old = rooms.Room.RemoteParticipants[0];
                var sids = new List<string>();
                for (int time = 1; time <= 2; time++)
                {
                    Operation simulate = rooms.Room.SimulateScenarioAsync(SimulateScenarioKind.FullReconnect);
                    Lab.Check(simulate.Wait(Rooms.Patience), "an answer to simulate_scenario");
                    rooms.WaitFor("reconnected", time);
                    rooms.WaitFor("local track republished", 2 * time);
                    rooms.WaitFor("track subscribed", 2 + 2 * time);
                    rooms.WaitForFrames(10, 1);
                    Lab.Same(2, rooms.Room.LocalParticipant.LocalTrackPublications.Count, "own publications");
                    Lab.Same(4, LiveHandles.Count(HandleKind.TrackPublication), "live publications");
                    Lab.Same(2, LiveHandles.Count(HandleKind.Participant), "live participants");
                    Lab.Same(4, LiveHandles.Count(HandleKind.Track), "live tracks");
                    sids.AddRange(rooms.Room.LocalParticipant.LocalTrackPublications.Select(each => each.Sid));
                }

                Lab.Same(4, sids.Distinct().Count(), "different sids of own publications");
                Lab.Check(old.IsDisposed, "the participant of before to be released");
                director.Ask("forget", "who", "python");
                director.WaitFor("python", "audio frames", 10);
                director.Mark("during");
                foreach (LocalTrackPublication each in rooms.Room.LocalParticipant.LocalTrackPublications.ToArray())
                {
                    Unpublish(rooms, each);
                }

                rooms.Leave();
            }

            director.Ask("leave", "who", "python");
            director.Mark("after");
            return Lab.Facts();
        }

        private static void Unpublish(Rooms rooms, LocalTrackPublication publication)
        {
            Operation unpublish = rooms.Room.LocalParticipant.UnpublishTrackAsync(publication, true);
            Lab.Check(unpublish.Wait(Rooms.Patience), "an answer to unpublish_track");
            rooms.Until(() => publication.IsDisposed, "the publication to be released");
        }
    }
}
