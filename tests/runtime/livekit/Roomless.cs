// What cannot succeed without a server: every request is sent by its typed method, and the library says no.
using System;
using System.Collections.Generic;
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;

namespace LiveKitLab
{
    /// <summary>Scenarios of requests that want a room, a participant or a device.</summary>
    public static class Roomless
    {
        /// <summary>Requests of objects that only a room gives, each with a handle that the library does not know.</summary>
        public static object NeedsRoom(LiveKitClient client, object arguments)
        {
            var said = new List<object>();
            var streams = new List<string>();
            using (var made = new Strangers(client))
            using (AudioSource source = client.NewAudioSource())
            using (LocalTrack track = client.CreateAudioTrack("local", source))
            {
                Action<Action> refused = call => said.Add(Lab.Refused(call));
                Room room = made.Room;
                LocalParticipant me = made.Local;
                RemoteParticipant them = made.Remote;
                LocalTrackPublication mine = made.LocalPublication("TR_mine");
                RemoteTrackPublication theirs = made.RemotePublication("TR_theirs");

                refused(() => room.ReadyForRoomEvent());
                refused(() => room.GetSessionStatsAsync());
                refused(() => room.SimulateScenarioAsync(SimulateScenarioKind.FullReconnect));
                refused(() => room.E2eeManagerSetEnabled(true));
                refused(() => room.E2eeManagerGetFrameCryptors());
                refused(() => room.E2eeCryptorSetEnabled(them, theirs, true));
                refused(() => room.E2eeCryptorSetKeyIndex(them, theirs, 1));
                refused(() => room.E2eeSetSharedKey(new byte[] { 1, 2 }, 0));
                refused(() => room.E2eeRatchetSharedKey(0));
                refused(() => room.E2eeGetSharedKey(0));
                refused(() => room.E2eeSetKey("them", new byte[] { 3 }, 1));
                refused(() => room.E2eeRatchetKey("them", 1));
                refused(() => room.E2eeGetKey("them", 1));

                refused(() => me.PublishTrackAsync(track, new TrackPublishOptions { Source = TrackSource.Microphone }));
                refused(() => me.UnpublishTrackAsync(mine, true));
                refused(() => me.PublishDataAsync(new byte[] { 1, 2, 3 }, true, topic: "topic", destinationIdentities: new[] { "them" }));
                refused(() => me.PublishData(new byte[] { 1, 2, 3 }, false));
                refused(() => me.SetLocalMetadataAsync("metadata"));
                refused(() => me.SetLocalNameAsync("name"));
                refused(() => me.SetLocalAttributesAsync(new[] { new AttributesEntry { Key = "key", Value = "value" } }));
                refused(() => me.PublishTranscriptionAsync(them, theirs, new[] { new TranscriptionSegment { Id = "1", Text = "text", Language = "en" } }));
                refused(() => me.PublishSipDtmfAsync(1, "1"));
                refused(() => me.SetTrackSubscriptionPermissions(false, new[] { new ParticipantTrackPermission { ParticipantIdentity = "them" } }));
                refused(() => me.SendChatMessageAsync("message"));
                refused(() => me.EditChatMessageAsync("edited", new ChatMessage { Id = "1", Message = "message" }));
                refused(() => me.PerformRpcAsync(them, "method", "payload", 1000));
                refused(() => me.RegisterRpcMethod("method"));
                refused(() => me.UnregisterRpcMethod("method"));
                refused(() => me.RespondToRpc(7, error: new RpcError { Code = 1, Message = "no" }));
                var header = new DataStream.Header { StreamId = "s", MimeType = "text/plain", Topic = "topic", TextHeader = new DataStream.TextHeader() };
                refused(() => me.SendStreamHeaderAsync(header, "me"));
                refused(() => me.SendStreamChunkAsync(new DataStream.Chunk { StreamId = "s", Content = new byte[] { 1 } }, "me"));
                refused(() => me.SendStreamTrailerAsync(new DataStream.Trailer { StreamId = "s", Reason = "done" }, "me"));
                refused(() => me.SetDataChannelBufferedAmountLowThreshold(1UL << 33, DataPacketKind.Reliable));
                refused(() => me.SendFileAsync(new StreamByteOptions { Topic = "topic" }, "file"));
                refused(() => me.SendTextAsync(new StreamTextOptions { Topic = "topic" }, "text"));
                refused(() => me.SendBytesAsync(new StreamByteOptions { Topic = "topic" }, new byte[] { 1 }));
                refused(() => me.OpenByteStreamAsync(new StreamByteOptions { Topic = "topic" }));
                refused(() => me.OpenTextStreamAsync(new StreamTextOptions { Topic = "topic" }));
                refused(() => me.PublishDataTrackAsync(new DataTrackOptions { Name = "data" }));
                var schema = new DataTrackSchemaId { Name = "schema", Encoding = new DataTrackSchemaEncoding { Custom = "text" } };
                refused(() => me.DefineSchemaAsync(schema, "definition"));
                refused(() => me.GetSchemaAsync(schema, them));

                refused(() => theirs.SetSubscribed(true));
                refused(() => theirs.SetEnabled(false));
                refused(() => theirs.UpdateDimension(640, 480));
                refused(() => theirs.SetQuality(VideoQuality.High));
                RemoteTrack remote = made.Track(theirs);
                refused(() => remote.SetEnabled(false));

                ByteStreamWriter bytes = made.ByteWriter();
                refused(() => bytes.WriteAsync(new byte[] { 1 }));
                refused(() => bytes.CloseAsync("done"));
                TextStreamWriter text = made.TextWriter();
                refused(() => text.WriteAsync("text"));
                refused(() => text.CloseAsync());
                refused(() => made.ByteReader().ReadIncremental());
                refused(() => made.ByteReader().ReadAllAsync());
                refused(() => made.ByteReader().WriteToFileAsync("folder", "name"));
                refused(() => made.TextReader().ReadIncremental());
                refused(() => made.TextReader().ReadAllAsync());

                LocalDataTrack data = made.LocalData();
                refused(() => data.TryPush(new DataTrackFrame { Payload = new byte[] { 1 } }));
                refused(() => data.IsPublished());
                refused(() => data.Unpublish());
                RemoteDataTrack remoteData = made.RemoteData();
                refused(() => remoteData.IsPublished());
                refused(() => remoteData.SetPipelineOptions(new RemoteDataTrackPipelineOptions { MaxPartialFrames = 2 }));
                refused(() => remoteData.Subscribe(new DataTrackSubscribeOptions()));
                refused(() => made.DataStream(remoteData).Read());

                // These two look the participant up after they have answered: a stream without end or frame.
                foreach (NativeObject stream in new NativeObject[]
                {
                    them.NewAudioStream(trackSource: TrackSource.Microphone),
                    them.NewVideoStream(TrackSource.Camera),
                })
                {
                    streams.Add(stream.GetType().Name);
                    stream.Dispose();
                }

                // The request of an end that the library refuses ends the session here all the same.
                int ended = 0;
                room.Disconnected += delegate { ended++; };
                made.ForgetAllButRoom();
                Operation disconnect = room.DisconnectAsync(DisconnectReason.UserRejected);
                Lab.Check(disconnect.Wait(5000), "the end of a room that is none");
                Lab.Same(1, ended, "times that Disconnected was raised");
                Lab.Check(room.IsDisposed, "a room that has ended");
            }

            return Lab.Facts("said", said, "streams", streams);
        }

        /// <summary>What this library, or a machine without devices, does not have.</summary>
        public static object Refused(LiveKitClient client, object arguments)
        {
            var said = new List<object>();
            Action<Action> refused = call => said.Add(Lab.Refused(call));
            using (var made = new Strangers(client))
            {
                refused(() => client.LoadAudioFilterPlugin("/nowhere/libfilter.so", "module", new[] { "/nowhere/libother.so" }));
                refused(() => client.NewPlatformAudio());
                PlatformAudio platform = made.Platform();
                refused(() => platform.GetAudioDevices());
                refused(() => platform.SetRecordingDevice("device"));
                refused(() => platform.SetPlayoutDevice("device"));
                refused(() => platform.StartRecording());
                refused(() => platform.StopRecording());

                var resolution = new VideoSourceResolution { Width = 64, Height = 48 };
                refused(() => client.NewCaptureSourceAsync(pattern: new PatternVideoSourceConfig { Resolution = resolution, FramerateFps = 10 }));
                CaptureSource capture = made.Capture();
                refused(() => capture.Start());
                refused(() => capture.Stop());
            }

            return Lab.Facts("said", said);
        }

        /// <summary>Nobody listens at the port.</summary>
        public static object Connect(LiveKitClient client, object arguments)
        {
            var port = (long)((Dictionary<string, object>)arguments)["port"];
            bool configured = false;
            Operation<Room> connect = client.ConnectAsync(
                "ws://127.0.0.1:" + port, "token", new RoomOptions { JoinRetries = 0 }, room => configured = true);
            string said = Lab.Refused(delegate { connect.Wait(20000); });
            Lab.Check(!configured, "no room to configure");
            Lab.Same(0, client.Rooms.Count, "rooms of the client");
            return Lab.Facts("said", said);
        }
    }
}
