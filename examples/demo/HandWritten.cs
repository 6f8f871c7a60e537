// What a client looks like that is written by hand in a hurry: it sends requests, reads answers and events, leaves when
// it is done, and forgets that every message may have handed something over.
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using GenBindings.Harness;
using Reference.Ffi.Messages;

namespace Demo
{
    public static unsafe class HandWritten
    {
        private static readonly EventCallback Callback = OnEvent;
        private static readonly ConcurrentQueue<FfiEvent> Events = new ConcurrentQueue<FfiEvent>();
        private static ulong _lastAsyncId;

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        private delegate void EventCallback(byte* data, UIntPtr length);

        /// <summary>Connects, holds, disconnects; what the server says is alive before, during and after.</summary>
        public static string Run(string arguments)
        {
            reference_ffi_initialize(Callback, 0, null, null);
            HandleCounts before = Alive();

            var connect = new ConnectRequest { Url = "ref://local/demo", Token = "me", Options = new RoomOptions(), RequestAsyncId = ++_lastAsyncId };
            Request(new FfiRequest { Connect = connect });
            ConnectCallback connected = Wait(e => e.Connect);
            ulong room = connected.Result.Room.Handle.Id;
            ulong me = connected.Result.LocalParticipant.Handle.Id;
            Request(new FfiRequest { ReadyForRoomEvent = new ReadyForRoomEventRequest { RoomHandle = room } });

            var newSource = new NewAudioSourceRequest { Type = AudioSourceType.Native, SampleRate = 48000, NumChannels = 1 };
            ulong microphone = Request(new FfiRequest { NewAudioSource = newSource }).NewAudioSource.Source.Handle.Id;
            var audioTrack = new CreateAudioTrackRequest { Name = "microphone", SourceHandle = microphone };
            Publish(me, Request(new FfiRequest { CreateAudioTrack = audioTrack }).CreateAudioTrack.Track, TrackSource.Microphone);

            var resolution = new VideoSourceResolution { Width = 16, Height = 16 };
            var newVideo = new NewVideoSourceRequest { Type = VideoSourceType.Native, Resolution = resolution };
            ulong camera = Request(new FfiRequest { NewVideoSource = newVideo }).NewVideoSource.Source.Handle.Id;
            var videoTrack = new CreateVideoTrackRequest { Name = "camera", SourceHandle = camera };
            Publish(me, Request(new FfiRequest { CreateVideoTrack = videoTrack }).CreateVideoTrack.Track, TrackSource.Camera);

            Join("other");
            TrackSubscribed sound = Wait(e => e.RoomEvent?.TrackSubscribed);
            Wait(e => e.RoomEvent?.TrackSubscribed);
            var newStream = new NewAudioStreamRequest { TrackHandle = sound.Track.Handle.Id, Type = AudioStreamType.Native };
            Request(new FfiRequest { NewAudioStream = newStream });
            var frames = new ControlEmitFramesRequest { RoomName = "demo", TrackSid = sound.Track.Info.Sid, Count = 10 };
            Request(new FfiRequest { ControlEmitFrames = frames });
            for (var i = 0; i < 10; i++)
            {
                Wait(e => e.AudioStreamEvent?.FrameReceived);
            }

            var data = new ControlSendDataRequest { RoomName = "demo", Identity = "other", Data = new byte[] { 1, 2, 3 } };
            Request(new FfiRequest { ControlSendData = data });
            Wait(e => e.RoomEvent?.DataPacketReceived);
            HandleCounts during = Alive();

            var disconnect = new DisconnectRequest { RoomHandle = room, RequestAsyncId = ++_lastAsyncId };
            Request(new FfiRequest { Disconnect = disconnect });
            Wait(e => e.Disconnect);
            return Json.Object("before", Counts.Of(before), "during", Counts.Of(during), "after", Counts.Of(Alive()));
        }

        private static void Publish(ulong participant, OwnedTrack track, TrackSource source)
        {
            var publish = new PublishTrackRequest
            {
                LocalParticipantHandle = participant,
                TrackHandle = track.Handle.Id,
                Options = new TrackPublishOptions { Source = source },
                RequestAsyncId = ++_lastAsyncId,
            };
            Request(new FfiRequest { PublishTrack = publish });
            Wait(e => e.PublishTrack);
        }

        private static void Join(string identity)
        {
            Request(new FfiRequest { ControlJoin = new ControlJoinRequest { RoomName = "demo", Identity = identity } });
            var sound = new ControlPublishRequest { RoomName = "demo", Identity = identity, Name = "microphone", Kind = TrackKind.Audio, Source = TrackSource.Microphone };
            Request(new FfiRequest { ControlPublish = sound });
            var picture = new ControlPublishRequest { RoomName = "demo", Identity = identity, Name = "camera", Kind = TrackKind.Video, Source = TrackSource.Camera };
            Request(new FfiRequest { ControlPublish = picture });
        }

        private static HandleCounts Alive()
        {
            return Request(new FfiRequest { ControlDiagnostics = new ControlDiagnosticsRequest() }).ControlDiagnostics.Handles;
        }

        private static FfiResponse Request(FfiRequest request)
        {
            byte[] encoded = request.ToByteArray();
            byte* answer;
            UIntPtr length;
            ulong buffer;
            fixed (byte* data = encoded)
            {
                buffer = reference_ffi_request(data, (UIntPtr)encoded.Length, &answer, &length);
            }

            if (buffer == 0)
            {
                throw new InvalidOperationException(request.MessageCase + " was refused.");
            }

            FfiResponse response = FfiResponse.Parse(new ReadOnlySpan<byte>(answer, (int)length));
            reference_ffi_drop_handle(buffer);
            return response;
        }

        private static T Wait<T>(Func<FfiEvent, T> select)
            where T : class
        {
            T found = null;
            var came = Scenario.Until(
                delegate
                {
                    FfiEvent next;
                    while (found == null && Events.TryDequeue(out next))
                    {
                        found = select(next);
                    }

                    return found != null;
                },
                10000);
            if (!came)
            {
                throw new TimeoutException("No " + typeof(T).Name + " came.");
            }

            return found;
        }

        private static void OnEvent(byte* data, UIntPtr length)
        {
            Events.Enqueue(FfiEvent.Parse(new ReadOnlySpan<byte>(data, (int)length)));
        }

        [DllImport("reference_ffi")]
        private static extern void reference_ffi_initialize(EventCallback callback, byte captureLogs, byte* sdk, byte* sdkVersion);

        [DllImport("reference_ffi")]
        private static extern ulong reference_ffi_request(byte* data, UIntPtr length, byte** answer, UIntPtr* answerLength);

        [DllImport("reference_ffi")]
        private static extern byte reference_ffi_drop_handle(ulong id);
    }

    /// <summary>The server's counts in the order of its diagnostics line.</summary>
    public static class Counts
    {
        public static Dictionary<string, object> Of(HandleCounts counts)
        {
            return new Dictionary<string, object>
            {
                { "total", counts.Total },
                { "rooms", counts.Rooms },
                { "participants", counts.Participants },
                { "tracks", counts.Tracks },
                { "publications", counts.Publications },
                { "video_sources", counts.VideoSources },
                { "audio_sources", counts.AudioSources },
                { "video_streams", counts.VideoStreams },
                { "audio_streams", counts.AudioStreams },
                { "audio_frames", counts.AudioFrames },
                { "data_buffers", counts.DataBuffers },
                { "byte_boxes", counts.ByteBoxes },
                { "other", counts.Other },
            };
        }
    }
}
