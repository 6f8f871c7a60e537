// Parts of a tree that end before its root, and what the objects know of their present state.
using System;
using System.Collections.Generic;
using System.Linq;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    public static class Tree
    {
        /// <summary>A participant leaves: what stands under it is released then and there, children first.</summary>
        public static string Leaves(string arguments)
        {
            using (Lab lab = new Lab())
            {
                bool aliveInHandler = false;
                DisconnectReason? reason = null;
                lab.Connect(delegate(Room room)
                {
                    room.ParticipantDisconnected += delegate(object sender, ParticipantDisconnectedEventArgs e)
                    {
                        aliveInHandler = !e.Participant.IsDisposed && e.Participant.Identity == "other";
                        reason = e.DisconnectReason;
                    };
                });
                RemoteParticipant other = lab.Join();
                RemoteParticipant stays = lab.Join("stays");
                RemoteTrack audio = Tracks(other, TrackKind.Audio);
                AudioStream stream = audio.NewAudioStream();
                lab.Alive(rooms: 1, participants: 3, publications: 4, tracks: 4, audioStreams: 1);
                lab.NoteTree();
                Scenario.Stage("leave");
                lab.Client.ControlLeave(lab.RoomName, "other", DisconnectReason.ParticipantRemoved);
                Check.Soon("L7", delegate { return other.IsDisposed; }, "the participant that left is still alive");
                Check.That("L2", aliveInHandler, "the participant was not alive in the handler of its leaving");
                Check.Equal("L23", DisconnectReason.ParticipantRemoved, reason.Value, "the reason of leaving");
                lab.Alive(rooms: 1, participants: 2, publications: 2, tracks: 2, rule: "L7");
                Check.That("L7", audio.IsDisposed && stream.IsDisposed, "what stood under the participant is not disposed");
                Check.Same("L7", new[] { stays }, lab.Room.RemoteParticipants, "remote participants of the room");
                Scenario.Stage("the same comes again");
                Check.That("L7", lab.Join() != other, "the participant that came again is the one that left");
                lab.NoteTree();
                Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
                lab.NothingLeft();
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>A remote track is unpublished, another unsubscribed, a local one unpublished.</summary>
        public static string Unpublished(string arguments)
        {
            using (Lab lab = new Lab())
            {
                List<string> events = new List<string>();
                lab.Connect(delegate(Room room)
                {
                    room.TrackUnsubscribed += delegate(object sender, TrackUnsubscribedEventArgs e)
                    {
                        events.Add("unsubscribed " + e.Track.Name);
                    };
                    room.TrackUnpublished += delegate(object sender, TrackUnpublishedEventArgs e)
                    {
                        events.Add("unpublished " + e.Publication.Name);
                    };
                    room.LocalTrackUnpublished += delegate(object sender, LocalTrackUnpublishedEventArgs e)
                    {
                        events.Add("local " + e.PublicationSid);
                    };
                });
                lab.Publish();
                RemoteParticipant other = lab.Join();
                RemoteTrackPublication microphone = Publication(other, TrackKind.Audio);
                RemoteTrackPublication camera = Publication(other, TrackKind.Video);
                RemoteTrack sound = microphone.RemoteTrack;
                RemoteTrack picture = camera.RemoteTrack;
                AudioStream stream = sound.NewAudioStream();
                lab.NoteTree();

                Scenario.Stage("unpublish the microphone");
                lab.Client.ControlUnpublish(lab.RoomName, microphone.Sid);
                Check.Soon("L7", delegate { return microphone.IsDisposed; }, "the publication that was taken back is still alive");
                Check.That("L7", sound.IsDisposed && stream.IsDisposed, "what stood under the publication is not disposed");
                lab.Alive(rooms: 1, participants: 2, publications: 3, tracks: 3, audioSources: 1, videoSources: 1, rule: "L7");

                Scenario.Stage("unsubscribe the camera");
                camera.SetSubscribed(false);
                Check.Soon("L7", delegate { return picture.IsDisposed; }, "the track that was unsubscribed is still alive");
                Check.That("L7", !camera.IsDisposed && camera.RemoteTrack == null, "the publication is not without its track");
                lab.Alive(rooms: 1, participants: 2, publications: 3, tracks: 2, audioSources: 1, videoSources: 1, rule: "L7");
                camera.SetSubscribed(true);
                Check.Soon("L23", delegate { return camera.RemoteTrack != null; }, "the track that was subscribed again is not there");
                lab.NoteTree();

                Scenario.Stage("unpublish the own microphone");
                string sid = lab.MicrophonePublication.Sid;
                LocalTrack track = lab.MicrophonePublication.LocalTrack;
                Check.Ends("L7", lab.Room.LocalParticipant.UnpublishTrackAsync(lab.MicrophonePublication, true), "unpublish_track");
                Check.Soon("L7", delegate { return lab.MicrophonePublication.IsDisposed; }, "the own publication is still alive");
                Check.That("L7", track.IsDisposed, "the track that the publication adopted is still alive");
                lab.Alive(rooms: 1, participants: 2, publications: 2, tracks: 2, audioSources: 1, videoSources: 1, rule: "L7");

                Check.Same(
                    "L23",
                    new[] { "unsubscribed microphone", "unpublished microphone", "unsubscribed camera", "local " + sid },
                    events,
                    "events");
                Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
                lab.Microphone.Dispose();
                lab.Camera.Dispose();
                lab.NothingLeft();
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>With leaveOpen the track stays its creator's, beyond the publication and the room.</summary>
        public static string LeaveOpen(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Connect();
                AudioSource source = lab.Client.NewAudioSource(sampleRate: 48000, numChannels: 1);
                LocalTrack open = lab.Client.CreateAudioTrack("open", source);
                LocalTrack adopted = lab.Client.CreateAudioTrack("adopted", source);
                LocalTrackPublication first = lab.Publish(open, TrackSource.Microphone, leaveOpen: true);
                lab.Publish(adopted, TrackSource.ScreenshareAudio);
                Check.That("L4", first.LocalTrack == null && open.TrackPublication == null, "a track left open was adopted");
                Check.Same("L4", new[] { open }, lab.Client.LocalTracks, "tracks that stand by themselves");
                lab.NoteTree();
                Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
                Check.That("L4", adopted.IsDisposed, "a track that was adopted outlives its room");
                Check.That("L4", !open.IsDisposed, "a track left open went with the room");
                lab.Alive(audioSources: 1, tracks: 1, rule: "L4");
                Check.Equal("L4", "open", open.Name, "the track left open");
                open.Dispose();
                source.Dispose();
                lab.NothingLeft();
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>Objects know their state, and knew it before the event that told of it.</summary>
        public static string State(string arguments)
        {
            using (Lab lab = new Lab())
            {
                Dictionary<string, string> seen = new Dictionary<string, string>();
                lab.Connect(delegate(Room room)
                {
                    room.ParticipantConnected += delegate(object sender, ParticipantConnectedEventArgs e)
                    {
                        seen["connected"] = room.RemoteParticipants.Count + " " + (e.RemoteParticipant.Room == room) + " " + e.RemoteParticipant.Name;
                    };
                    room.ParticipantActive += delegate(object sender, ParticipantActiveEventArgs e)
                    {
                        seen["active"] = e.Participant.State.ToString();
                    };
                    room.ParticipantNameChanged += delegate(object sender, ParticipantNameChangedEventArgs e)
                    {
                        seen["name"] = e.Participant.Name;
                    };
                    room.ParticipantMetadataChanged += delegate(object sender, ParticipantMetadataChangedEventArgs e)
                    {
                        seen["metadata"] = e.Participant.Metadata;
                    };
                    room.ParticipantAttributesChanged += delegate(object sender, ParticipantAttributesChangedEventArgs e)
                    {
                        seen["attributes"] = string.Join(",", e.Participant.Info.Attributes.Select(a => a.Key + "=" + a.Value).OrderBy(a => a));
                    };
                    room.ConnectionQualityChanged += delegate(object sender, ConnectionQualityChangedEventArgs e)
                    {
                        seen["quality"] = e.Participant.ConnectionQuality.ToString();
                    };
                    room.TrackPublished += delegate(object sender, TrackPublishedEventArgs e)
                    {
                        seen["published"] = e.Publication.Participant.Identity + " " + e.Publication.Name;
                    };
                    room.TrackSubscribed += delegate(object sender, TrackSubscribedEventArgs e)
                    {
                        seen["subscribed"] = (((RemoteTrackPublication)e.TrackPublication).RemoteTrack == e.Track) + " " + (e.Track.TrackPublication == e.TrackPublication);
                    };
                    room.TrackMuted += delegate(object sender, TrackMutedEventArgs e)
                    {
                        seen["muted"] = e.Track.Muted + " " + e.Track.Track.Muted;
                    };
                    room.TrackUnmuted += delegate(object sender, TrackUnmutedEventArgs e)
                    {
                        seen["unmuted"] = e.Track.Muted + " " + e.Track.Track.Muted;
                    };
                    room.RoomMetadataChanged += delegate(object sender, RoomMetadataChangedEventArgs e)
                    {
                        seen["room"] = room.Metadata;
                    };
                    room.RoomSidChanged += delegate(object sender, RoomSidChangedEventArgs e)
                    {
                        seen["sid"] = (room.Sid == e.Sid && room.Sid.Length > 0).ToString();
                    };
                    room.ConnectionStateChanged += delegate(object sender, ConnectionStateChangedEventArgs e)
                    {
                        seen["state " + e.State] = room.ConnectionState.ToString();
                    };
                });
                RemoteParticipant other = lab.Join();
                RemoteTrackPublication microphone = Publication(other, TrackKind.Audio);
                Scenario.Stage("change what is known");
                lab.Client.ControlUpdate(lab.RoomName, "other", "new metadata", "New Name", new[] { new AttributesEntry { Key = "a", Value = "1" } }, ConnectionQuality.Poor);
                lab.Client.ControlUpdate(lab.RoomName, "other", attributes: new[] { new AttributesEntry { Key = "b", Value = "2" }, new AttributesEntry { Key = "a", Value = string.Empty } });
                lab.Client.ControlUpdate(lab.RoomName, metadata: "of the room");
                lab.Client.ControlMute(lab.RoomName, microphone.Sid, true);
                Check.Soon("L23", delegate { return microphone.Muted; }, "the publication is not muted");
                lab.Client.ControlMute(lab.RoomName, microphone.Sid, false);
                Check.Soon("L23", delegate { return seen.ContainsKey("unmuted"); }, "the track was not unmuted");
                Dictionary<string, string> expected = new Dictionary<string, string>
                {
                    { "connected", "1 True other" },
                    { "active", "Active" },
                    { "name", "New Name" },
                    { "metadata", "new metadata" },
                    { "attributes", "b=2" },
                    { "quality", "Poor" },
                    { "published", "other camera" },
                    { "subscribed", "True True" },
                    { "muted", "True True" },
                    { "unmuted", "False False" },
                    { "room", "of the room" },
                    { "sid", "True" },
                    { "state Connected", "Connected" },
                };
                foreach (KeyValuePair<string, string> pair in expected)
                {
                    string found;
                    seen.TryGetValue(pair.Key, out found);
                    Check.Equal("L23", pair.Value, found, "state in the handler of: " + pair.Key);
                }

                Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
                lab.NothingLeft();
                lab.NothingReported();
                return Json.Text(seen);
            }
        }

        private static RemoteTrackPublication Publication(RemoteParticipant participant, TrackKind kind)
        {
            return participant.RemoteTrackPublications.Single(p => p.Kind == kind);
        }

        private static RemoteTrack Tracks(RemoteParticipant participant, TrackKind kind)
        {
            return Publication(participant, kind).RemoteTrack;
        }
    }
}
