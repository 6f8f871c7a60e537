// Sessions with everything in them, and all ways in which they end.
using System;
using System.Collections.Generic;
using GenBindings.Harness;
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;

namespace LiveKitLab
{
    /// <summary>Scenarios of whole sessions.</summary>
    public static class Sessions
    {
        /// <summary>Microphone and camera published, both of another participant subscribed; then the end that is asked for.</summary>
        public static object Whole(LiveKitClient client, object arguments)
        {
            var director = new Director(arguments);
            var end = (string)director.Arguments["end"];
            director.Mark("before");
            director.JoinAndPublish("python");
            using (var studio = new Studio(client))
            {
                Rooms rooms = Rooms.Connect(client, director);
                studio.PublishMicrophone(rooms.Room);
                studio.PublishCamera(rooms.Room);
                rooms.WaitForFrames(20, 3);
                director.WaitFor("python", "audio frames", 20);
                director.WaitFor("python", "video frames", 3);
                Check(rooms.Room);
                director.Mark("during");
                End(rooms, end);
            }

            director.Ask("leave", "who", "python");
            director.Mark("after");
            return Lab.Facts("end", end);
        }

        private static void Check(Room room)
        {
            Lab.Same("room", room.Name, "name of the room");
            Lab.Same(ConnectionState.Connected, room.ConnectionState, "state of the connection");
            Lab.Same("unity", room.LocalParticipant.Identity, "own identity");
            Lab.Same(2, room.LocalParticipant.LocalTrackPublications.Count, "own publications");
            Lab.Same(1, room.RemoteParticipants.Count, "other participants");
            RemoteParticipant other = room.RemoteParticipants[0];
            Lab.Same("python", other.Identity, "the other's identity");
            Lab.Same(2, other.RemoteTrackPublications.Count, "the other's publications");
            foreach (RemoteTrackPublication publication in other.RemoteTrackPublications)
            {
                RemoteTrack track = publication.RemoteTrack;
                Lab.Check(track != null && track.Remote && ReferenceEquals(track.TrackPublication, publication), "a subscribed track");
                Lab.Same(1, track.AudioStreams.Count + track.VideoStreams.Count, "streams of the track");
            }
        }

        private static void End(Rooms rooms, string how)
        {
            Director director = rooms.Director;
            switch (how)
            {
                case "disconnect":
                    rooms.Leave();
                    break;
                case "dispose":
                    rooms.Room.Dispose();
                    rooms.Ended(DisconnectReason.ClientInitiated);
                    break;
                case "room deleted":
                    director.Ask("delete_room");
                    rooms.Ended(DisconnectReason.RoomDeleted);
                    break;
                case "participant removed":
                    director.Ask("remove", "identity", "unity");
                    rooms.Ended(DisconnectReason.ParticipantRemoved);
                    break;
                case "the same identity again":
                    director.Ask("join", "who", "unity");
                    rooms.Ended(DisconnectReason.DuplicateIdentity);
                    director.Ask("leave", "who", "unity");
                    break;
                default:
                    throw new ArgumentException(how);
            }
        }
    }
}
