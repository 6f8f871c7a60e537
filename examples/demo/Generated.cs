// The same as HandWritten.cs on the generated binding. Nothing here releases anything but what it made itself.
using System;
using System.Linq;
using System.Threading;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Demo
{
    public static class Generated
    {
        private const int Deadline = 10000;

        /// <summary>Connects, holds, disconnects; what the server says is alive before, during and after.</summary>
        public static string Run(string arguments)
        {
            using (var client = ReferenceClient.Initialize())
            {
                HandleCounts before = client.ControlDiagnostics().Handles;
                HandleCounts during;
                var frames = 0;
                var packets = 0;
                Operation<Room> connecting = client.ConnectAsync("ref://local/demo", "me", new RoomOptions(), r =>
                {
                    r.DataPacketReceived += (sender, e) => Interlocked.Increment(ref packets);
                });
                Room room = connecting.Result;

                using (AudioSource microphone = client.NewAudioSource(sampleRate: 48000, numChannels: 1))
                using (VideoSource camera = client.NewVideoSource(new VideoSourceResolution { Width = 16, Height = 16 }))
                {
                    LocalTrack sound = client.CreateAudioTrack("microphone", microphone);
                    LocalTrack picture = client.CreateVideoTrack("camera", camera);
                    room.LocalParticipant.PublishTrackAsync(sound, new TrackPublishOptions { Source = TrackSource.Microphone }).Wait();
                    room.LocalParticipant.PublishTrackAsync(picture, new TrackPublishOptions { Source = TrackSource.Camera }).Wait();

                    client.ControlJoin("demo", "other");
                    string sid = client.ControlPublish("demo", "other", "microphone", TrackKind.Audio, TrackSource.Microphone);
                    client.ControlPublish("demo", "other", "camera", TrackKind.Video, TrackSource.Camera);
                    Expect(() => room.RemoteParticipants.Sum(p => p.RemoteTrackPublications.Count(t => t.RemoteTrack != null)) == 2, "two tracks");
                    RemoteTrack heard = room.RemoteParticipants[0].RemoteTrackPublications.Single(p => p.Sid == sid).RemoteTrack;
                    AudioStream stream = heard.NewAudioStream();
                    stream.FrameReceived += (AudioStream sender, in AudioStreamFrameReceivedEventArgs e) => Interlocked.Increment(ref frames);
                    client.ControlEmitFrames("demo", sid, 10);
                    Expect(() => frames == 10, "ten frames");
                    client.ControlSendData("demo", "other", new byte[] { 1, 2, 3 });
                    Expect(() => packets == 1, "a data packet");
                    // Memory is given back when its handlers are done, a moment after they ran.
                    HandleCounts now = null;
                    Expect(() => (now = client.ControlDiagnostics().Handles).AudioFrames + now.DataBuffers == 0, "no memory that handlers left");
                    during = now;
                    room.DisconnectAsync().Wait();
                }

                return Json.Object("before", Counts.Of(before), "during", Counts.Of(during), "after", Counts.Of(client.ControlDiagnostics().Handles));
            }
        }

        private static void Expect(Func<bool> holds, string what)
        {
            if (!Scenario.Until(holds, Deadline))
            {
                throw new TimeoutException("There should be " + what + ".");
            }
        }
    }
}
