// What older releases of the library get wrong, met by the generated client.
using System;
using System.Collections.Generic;
using GenBindings.Harness;
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;

namespace LiveKitLab
{
    /// <summary>Scenarios that every release of the library takes.</summary>
    public static class History
    {
        private const int Patience = 30000;

        /// <summary>Connects with each token, and disposes of the room at once after it has asked for its end.</summary>
        public static object LeaveAtOnce(LiveKitClient client, object arguments)
        {
            var given = (Dictionary<string, object>)arguments;
            int ended = 0;
            foreach (object token in (List<object>)given["tokens"])
            {
                Room room = Connect(client, given, (string)token);
                string reason = null;
                room.Disconnected += (sender, e) => reason = e.Reason.ToString();
                Operation leave = room.DisconnectAsync();
                room.Dispose();
                Lab.Check(leave.Wait(Patience), "the end of the room");
                Lab.Check(Scenario.Until(() => LiveHandles.Total == 0 && reason != null, Patience), "nothing left: " + LiveHandles.Line());
                Lab.Same("ClientInitiated", reason, "reason of the end");
                ended++;
            }

            return Lab.Facts("ended", ended);
        }

        /// <summary>Publishes a track and leaves, with everything released.</summary>
        public static object Publish(LiveKitClient client, object arguments)
        {
            var given = (Dictionary<string, object>)arguments;
            Room room = Connect(client, given, (string)((List<object>)given["tokens"])[0]);
            using (AudioSource source = client.NewAudioSource(sampleRate: 48000, numChannels: 1))
            using (LocalTrack track = client.CreateAudioTrack("microphone", source))
            {
                Operation<LocalTrackPublication> publish = room.LocalParticipant.PublishTrackAsync(
                    track, new TrackPublishOptions { Source = TrackSource.Microphone });
                Lab.Check(publish.Wait(Patience), "a publication");
                Lab.Check(room.DisconnectAsync().Wait(Patience), "the end of the room");
            }

            Lab.Check(Scenario.Until(() => LiveHandles.Total == 0, Patience), "nothing left: " + LiveHandles.Line());
            return Lab.Facts("published", 1);
        }

        private static Room Connect(LiveKitClient client, Dictionary<string, object> given, string token)
        {
            Operation<Room> connect = client.ConnectAsync((string)given["url"], token, new RoomOptions { AutoSubscribe = true });
            Lab.Check(connect.Wait(Patience), "a connection");
            return connect.Result;
        }
    }
}
