// Steps about tracks, frames, and requests.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    internal sealed partial class Play
    {
        private static readonly short[] Samples = new short[480];

        /// <summary>Subscribed tracks of others, by their owner's identity.</summary>
        private List<KeyValuePair<string, RemoteTrack>> RemoteTracks()
        {
            List<KeyValuePair<string, RemoteTrack>> found = new List<KeyValuePair<string, RemoteTrack>>();
            foreach (RemoteParticipant other in _client.Rooms.SelectMany(r => r.RemoteParticipants))
            {
                foreach (RemoteTrack track in other.RemoteTrackPublications.Select(p => p.RemoteTrack))
                {
                    if (track != null)
                    {
                        found.Add(new KeyValuePair<string, RemoteTrack>(other.Identity, track));
                    }
                }
            }

            return found;
        }

        private RemoteTrack AnyTrack(Dice dice)
        {
            return dice.Pick(RemoteTracks()).Value;
        }

        private List<LocalTrackPublication> Publications()
        {
            return _client.Rooms.Select(r => r.LocalParticipant)
                .Where(me => me != null)
                .SelectMany(me => me.LocalTrackPublications)
                .ToList();
        }

        private AudioSource Microphone()
        {
            return _client.AudioSources.FirstOrDefault() ?? Hold(_client.NewAudioSource());
        }

        private VideoSource Camera()
        {
            return _client.VideoSources.FirstOrDefault()
                ?? Hold(_client.NewVideoSource(new VideoSourceResolution { Width = 16, Height = 16 }));
        }

        private void Publish(Dice dice)
        {
            LocalParticipant me = AnyMe(dice);
            bool sound = dice.OneIn(2);
            LocalTrack track = Hold(sound ? _client.CreateAudioTrack("microphone", Microphone()) : _client.CreateVideoTrack("camera", Camera()));
            if (me == null)
            {
                return;
            }

            TrackPublishOptions options = new TrackPublishOptions { Source = sound ? TrackSource.Microphone : TrackSource.Camera };
            Operation<LocalTrackPublication> publishing = Keep(me.PublishTrackAsync(track, options, dice.OneIn(3)));
            switch (dice.Below(6))
            {
                case 0:
                    track.Dispose();
                    break;
                case 1:
                    publishing.Cancel();
                    break;
                case 2:
                    break;
                default:
                    Poll(delegate { return publishing.IsCompleted; }, 10);
                    break;
            }
        }

        private void Unpublish(Dice dice)
        {
            LocalTrackPublication publication = dice.Pick(Publications());
            LocalParticipant me = publication == null ? null : publication.Participant as LocalParticipant;
            if (me != null)
            {
                Keep(me.UnpublishTrackAsync(publication, dice.OneIn(2)));
            }
        }

        private void Capture(Dice dice)
        {
            AudioSource source = dice.Pick(_client.AudioSources.ToList());
            if (source != null)
            {
                source.CaptureFrame(Samples);
                Keep(source.CaptureFrameAsync(Samples));
            }

            VideoSource camera = dice.Pick(_client.VideoSources.ToList());
            if (camera != null)
            {
                camera.CaptureFrame(new VideoBufferInput { Type = VideoBufferType.Rgba, Width = 16, Height = 16, Stride = 64, Data = new byte[1024] });
            }
        }

        private void Resample(Dice dice)
        {
            AudioResampler resampler = Hold(_client.NewAudioResampler());
            AudioFrame frame = resampler.RemixAndResample(Samples, 1, 48000, 2, 24000);
            if (dice.OneIn(2))
            {
                frame.Dispose();
                resampler.Dispose();
            }
            else
            {
                KeepUntilTheEnd(frame.Dispose);
            }
        }

        private void Streams(Dice dice)
        {
            RemoteTrack track = AnyTrack(dice);
            if (track != null)
            {
                OpenStream(dice, track);
            }
        }

        private void OpenStream(Dice dice, RemoteTrack track)
        {
            if (track.Kind == TrackKind.Audio)
            {
                AudioStream stream = track.NewAudioStream();
                stream.FrameReceived += delegate(AudioStream sender, in AudioStreamFrameReceivedEventArgs e)
                {
                    Heard(dice, sender);
                    if (dice.OneIn(6))
                    {
                        AudioFrame frame = e.AudioFrame;
                        frame.Keep();
                        KeepUntilTheEnd(frame.Dispose);
                    }
                };
            }
            else
            {
                VideoStream stream = track.NewVideoStream();
                stream.FrameReceived += delegate(VideoStream sender, in VideoStreamFrameReceivedEventArgs e)
                {
                    Heard(dice, sender);
                    if (dice.OneIn(6))
                    {
                        VideoFrame frame = e.VideoFrame;
                        frame.Keep();
                        KeepUntilTheEnd(frame.Dispose);
                    }
                };
            }
        }

        private void Heard(Dice dice, NativeObject stream)
        {
            Saw("frame");
            if (dice.OneIn(30))
            {
                stream.Dispose();
            }
            else if (dice.OneIn(60))
            {
                throw new InvalidOperationException(Own);
            }
        }

        private void Frames(Dice dice)
        {
            if (RemoteTracks().Count == 0)
            {
                Join(dice);
                Poll(delegate { return RemoteTracks().Count > 0; }, 10);
            }

            RemoteTrack track = AnyTrack(dice);
            if (track == null)
            {
                return;
            }

            if (track.AudioStreams.Count + track.VideoStreams.Count == 0)
            {
                OpenStream(dice, track);
            }

            string[] where = Where(track);
            if (where != null)
            {
                _client.ControlEmitFrames(where[0], where[1], (uint)(1 + dice.Below(10)));
            }
        }

        /// <summary>The room and the sid of a track; nothing when it has just been released.</summary>
        private static string[] Where(RemoteTrack track)
        {
            TrackPublication publication = track.TrackPublication;
            Participant participant = publication == null ? null : publication.Participant;
            Room room = participant == null ? null : participant.Room;
            return room == null ? null : new[] { room.Name, publication.Sid };
        }

        /// <summary>Requests that are answered later.</summary>
        private void Ask(Dice dice)
        {
            Room room = AnyRoom(dice);
            LocalParticipant me = room == null ? null : room.LocalParticipant;
            if (me == null)
            {
                return;
            }

            switch (dice.Below(6))
            {
                case 0:
                    Keep(me.SetLocalNameAsync(NewName("name")));
                    break;
                case 1:
                    Keep(me.SetLocalMetadataAsync(NewName("metadata")));
                    break;
                case 2:
                    Keep(me.SetLocalAttributesAsync(new[] { new AttributesEntry { Key = "key", Value = NewName("value") } }));
                    break;
                case 3:
                    Keep(room.GetSessionStatsAsync());
                    break;
                case 4:
                    Keep(me.SendTextAsync(new StreamTextOptions { Topic = "topic" }, "all at once"));
                    break;
                default:
                    RemoteTrack track = AnyTrack(dice);
                    if (track != null)
                    {
                        Keep(track.GetStatsAsync());
                    }

                    break;
            }
        }

        private void Switch(Dice dice)
        {
            RemoteTrack track = AnyTrack(dice);
            LocalTrackPublication own = dice.Pick(Publications());
            switch (dice.Below(4))
            {
                case 0:
                    if (track != null)
                    {
                        track.SetEnabled(dice.OneIn(2));
                    }

                    break;
                case 1:
                    RemoteTrackPublication publication = track == null ? null : track.TrackPublication as RemoteTrackPublication;
                    if (publication != null)
                    {
                        publication.SetSubscribed(dice.OneIn(2));
                    }

                    break;
                case 2:
                    LocalTrack mine = own == null ? null : own.LocalTrack;
                    if (mine != null)
                    {
                        mine.Mute(dice.OneIn(2));
                    }

                    break;
                default:
                    string[] where = track == null ? null : Where(track);
                    if (where != null)
                    {
                        _client.ControlUnpublish(where[0], where[1]);
                    }

                    break;
            }
        }

        private void Cancel(Dice dice)
        {
            Operation operation = PickOf(dice, _operations);
            if (operation != null)
            {
                operation.Cancel();
            }
        }

        private void Await(Dice dice)
        {
            Operation operation = PickOf(dice, _operations);
            if (operation != null)
            {
                Poll(delegate { return operation.IsCompleted; }, 10);
            }
        }

        /// <summary>Anything that is alive, wherever it stands.</summary>
        private void DisposeObject(Dice dice)
        {
            List<NativeObject> all = Roots(_client).Where(o => !(o is Room)).ToList();
            foreach (Participant participant in _client.Rooms.SelectMany(r => r.Participants))
            {
                all.Add(participant);
                all.AddRange(participant.TrackPublications);
                all.AddRange(participant.TrackPublications.Select(p => p.Track).Where(t => t != null));
                all.AddRange(participant.TextStreamReaders);
                all.AddRange(participant.ByteStreamReaders);
                all.AddRange(participant.DataBuffers);
            }

            NativeObject victim = dice.Pick(all);
            if (victim != null)
            {
                victim.Dispose();
            }
        }
    }
}
