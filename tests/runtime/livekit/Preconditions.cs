// Values on which the library would abort or run for ever: the typed methods refuse them before anything is sent.
using System;
using System.Collections.Generic;
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;

namespace LiveKitLab
{
    /// <summary>Breaks each precondition, one at a time.</summary>
    public static class Preconditions
    {
        /// <summary>Returns, by operation, what the exceptions say.</summary>
        public static object Run(LiveKitClient client, object arguments)
        {
            var said = new Dictionary<string, object>();
            using (AudioSource source = client.NewAudioSource())
            using (LocalTrack track = client.CreateAudioTrack("audio", source))
            using (VideoSource video = client.NewVideoSource(new VideoSourceResolution { Width = Pictures.Width, Height = Pictures.Height }))
            using (AudioResampler resampler = client.NewAudioResampler())
            using (Apm apm = client.NewApm(false, false, false, false))
            using (var made = new Strangers(client))
            {
                var samples = new short[Audio.Block];
                LocalParticipant me = made.Local;
                Refuse(said, "connect", "options", () => client.ConnectAsync(
                    "ws://127.0.0.1:1", "token", new RoomOptions { RtcConfig = new RtcConfig { IceTransportType = (IceTransportType)3 } }));
                Refuse(said, "connect", "options", () => client.ConnectAsync(
                    "ws://127.0.0.1:1", "token", new RoomOptions { RtcConfig = new RtcConfig { ContinualGatheringPolicy = (ContinualGatheringPolicy)2 } }));
                Refuse(said, "unpublish_track", "trackPublication", () => me.UnpublishTrackAsync(made.LocalPublication("PB_1"), true));
                var permission = new ParticipantTrackPermission { ParticipantIdentity = "them" };
                permission.AllowedTrackSids.Add("TR_1");
                permission.AllowedTrackSids.Add("1");
                Refuse(said, "set_track_subscription_permissions", "permissions", () => me.SetTrackSubscriptionPermissions(false, new[] { permission }));
                RemoteTrackPublication odd = made.RemotePublication("odd");
                Refuse(said, "e2ee.cryptor_set_enabled", "trackPublication", () => made.Room.E2eeCryptorSetEnabled(made.Remote, odd, true));
                Refuse(said, "e2ee.cryptor_set_key_index", "trackPublication", () => made.Room.E2eeCryptorSetKeyIndex(made.Remote, odd, 1));

                Refuse(said, "new_audio_stream", "frameSizeMs", () => track.NewAudioStream(frameSizeMs: 0));
                Refuse(said, "new_audio_stream", "numChannels", () => track.NewAudioStream(numChannels: 0));
                Refuse(said, "audio_stream_from_participant", "frameSizeMs", () => made.Remote.NewAudioStream(frameSizeMs: 0));
                Refuse(said, "audio_stream_from_participant", "numChannels", () => made.Remote.NewAudioStream(numChannels: 0));
                Refuse(said, "new_audio_source", "numChannels", () => client.NewAudioSource(numChannels: 0));
                Refuse(said, "new_audio_source", "queueSizeMs", () => client.NewAudioSource(queueSizeMs: 15));
                Refuse(said, "remix_and_resample", "bufferNumChannels", () => resampler.RemixAndResample(samples, 0, 48000, 1, 48000));
                Refuse(said, "remix_and_resample", "numChannels", () => resampler.RemixAndResample(samples, 1, 48000, 0, 48000));
                Refuse(said, "new_sox_resampler", "numChannels", () => client.NewSoxResampler(
                    48000, 48000, 0, SoxResamplerDataType.Int16i, SoxResamplerDataType.Int16i, SoxQualityRecipe.Quick));
                Refuse(said, "apm_process_stream", "numChannels", () => apm.ProcessStream(samples, 48000, 0));
                Refuse(said, "apm_process_stream", "sampleRate", () => apm.ProcessStream(samples, 99, 1));
                Refuse(said, "apm_process_stream", "data", () => apm.ProcessStream(new short[Audio.Block - 1], 48000, 1));
                Refuse(said, "apm_process_reverse_stream", "numChannels", () => apm.ProcessReverseStream(samples, 48000, 0));
                Refuse(said, "apm_process_reverse_stream", "sampleRate", () => apm.ProcessReverseStream(samples, 99, 1));
                Refuse(said, "apm_process_reverse_stream", "data", () => apm.ProcessReverseStream(samples, 48000, 2));

                BadPictures(said, "capture_video_frame", false, picture => video.CaptureFrame(picture));
                BadPictures(said, "video_convert", true, picture => client.VideoConvert(
                    picture, picture.Type == VideoBufferType.I420 ? VideoBufferType.Rgba : VideoBufferType.I420).Dispose());
                Refuse(said, "video_convert", "buffer", () => client.VideoConvert(Pictures.InGrey(VideoBufferType.Abgr), VideoBufferType.I420));
                Refuse(said, "video_convert", "buffer", () => client.VideoConvert(Pictures.InGrey(VideoBufferType.Nv12), VideoBufferType.Nv12));
            }

            return said;
        }

        private static void BadPictures(Dictionary<string, object> said, string operation, bool converts, Action<VideoBufferInput> send)
        {
            foreach (VideoBufferType type in Enum.GetValues(typeof(VideoBufferType)))
            {
                if (converts && type == VideoBufferType.Abgr)
                {
                    continue;
                }

                Func<VideoBufferInput> good = () => Good(type, converts);
                send(good());
                Action<Action<VideoBufferInput>> bad = spoil =>
                {
                    VideoBufferInput picture = good();
                    spoil(picture);
                    Refuse(said, operation, "buffer", () => send(picture));
                };
                bad(picture => picture.Width = 0);
                bad(picture => picture.Height = 0);
                if (Pictures.PixelSize(type) > 0)
                {
                    bad(picture => picture.Stride--);
                    bad(picture => picture.Stride++);
                    bad(picture => picture.Data = picture.Data.Slice(1));
                    bad(picture =>
                    {
                        picture.Stride = null;
                        picture.Data = picture.Data.Slice(1);
                    });
                    continue;
                }

                int unit = converts && type == VideoBufferType.I010 ? 2 : 1;
                for (int i = 0; i < good().Components.Count; i++)
                {
                    int plane = i;
                    if (plane == 3)
                    {
                        // The library does not look at the alpha plane.
                        continue;
                    }

                    bad(picture => picture.Components[plane].Data = picture.Components[plane].Data.Slice(1));
                    bad(picture =>
                    {
                        // A plane that is whole in itself, and narrower than its part of the picture.
                        int narrow = plane > 0 && type != VideoBufferType.I444 && type != VideoBufferType.Nv12 ? Pictures.Width / 2 : Pictures.Width;
                        ComponentInput component = picture.Components[plane];
                        component.Stride = (uint)narrow - 1;
                        component.Data = new byte[(narrow - 1) * Pictures.Rows(type, plane) * unit];
                    });
                }

                bad(picture =>
                {
                    if (!converts && type == VideoBufferType.I420a)
                    {
                        // A frame that is captured may lack its alpha plane.
                        picture.Components.RemoveAt(3);
                        send(picture);
                    }

                    picture.Components.RemoveAt(picture.Components.Count - 1);
                });
            }
        }

        private static VideoBufferInput Good(VideoBufferType type, bool converts)
        {
            VideoBufferInput picture = Pictures.InGrey(type);
            if (type == VideoBufferType.I010 && !converts)
            {
                foreach (ComponentInput plane in picture.Components)
                {
                    plane.Stride *= 2;
                }
            }

            return picture;
        }

        private static void Refuse(Dictionary<string, object> said, string operation, string parameter, Action call)
        {
            var error = Lab.Throws<ArgumentException>(operation + " with a bad " + parameter, call);
            Lab.Same(parameter, error.ParamName, operation + ", name of the parameter");
            object messages;
            if (!said.TryGetValue(operation, out messages))
            {
                messages = said[operation] = new List<string>();
            }

            // The runtimes add the parameter's name, each in its way.
            string message = error.Message.Split('\n')[0].Trim();
            int added = message.IndexOf(" (Parameter", StringComparison.Ordinal);
            message = added < 0 ? message : message.Substring(0, added);
            if (!((List<string>)messages).Contains(message))
            {
                ((List<string>)messages).Add(message);
            }
        }
    }
}
