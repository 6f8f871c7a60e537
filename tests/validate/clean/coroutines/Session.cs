using System;
using System.Collections;
using System.Collections.Generic;
using LiveKit.Proto;
using UnityEngine;

namespace Meet
{
    public sealed class JoinAnswer : Answer
    {
        private readonly Session _session;

        internal JoinAnswer(Session session)
        {
            _session = session;
        }

        internal override void Complete(FfiEvent message)
        {
            Error = message.Connect.HasError ? message.Connect.Error : null;
            if (Error == null)
            {
                _session.OnJoined(message.Connect.Result);
            }

            IsDone = true;
        }
    }

    public sealed class LeaveAnswer : Answer
    {
        internal override void Complete(FfiEvent message)
        {
            IsDone = true;
        }
    }

    public sealed class Session : IDisposable
    {
        private readonly Hub _hub;
        private readonly List<Person> _people = new List<Person>();
        private NativeId _room;
        private Me _me;
        private bool _ended;

        internal Session(Hub hub, string url, string token)
        {
            _hub = hub;
            Joined = new JoinAnswer(this);
            Native.Call(new ConnectRequest { Url = url, Token = token, RequestAsyncId = hub.Expect(Joined) });
        }

        public event Action Ended;

        public JoinAnswer Joined { get; }

        public Me Me => _me;

        internal void OnJoined(ConnectCallback.Types.Result result)
        {
            if (_ended)
            {
                ReleaseAll(result);
                return;
            }

            _room = NativeId.Own(result.Room.Handle.Id);
            _me = new Me(_hub, result.LocalParticipant);
            for (int i = 0; i < result.Participants.Count; i++)
            {
                var entry = result.Participants[i];
                var person = new Person(entry.Participant);
                _people.Add(person);
                for (int j = 0; j < entry.Publications.Count; j++)
                {
                    person.Announce(entry.Publications[j]);
                }
            }
        }

        private static void ReleaseAll(ConnectCallback.Types.Result result)
        {
            foreach (var entry in result.Participants)
            {
                foreach (var publication in entry.Publications)
                {
                    Native.Drop(publication.Handle.Id);
                }

                Native.Drop(entry.Participant.Handle.Id);
            }

            Native.Drop(result.LocalParticipant.Handle.Id);
            Native.Drop(result.Room.Handle.Id);
        }

        internal void OnRoomEvent(RoomEvent e)
        {
            if (_room == null || e.RoomHandle != _room.Value)
            {
                return;
            }

            switch (e.MessageCase)
            {
                case RoomEvent.MessageOneofCase.ParticipantConnected:
                    _people.Add(new Person(e.ParticipantConnected.Info));
                    break;
                case RoomEvent.MessageOneofCase.ParticipantDisconnected:
                {
                    int at = _people.FindIndex(p => p.Identity == e.ParticipantDisconnected.ParticipantIdentity);
                    if (at >= 0)
                    {
                        _people[at].Dispose();
                        _people.RemoveAt(at);
                    }

                    break;
                }

                case RoomEvent.MessageOneofCase.TrackPublished:
                    With(e.TrackPublished.ParticipantIdentity, e.TrackPublished.Publication);
                    break;
                case RoomEvent.MessageOneofCase.TrackSubscribed:
                {
                    var heard = new Heard(e.TrackSubscribed.Track);
                    var person = Find(e.TrackSubscribed.ParticipantIdentity);
                    if (person != null)
                    {
                        person.Add(heard);
                    }
                    else
                    {
                        heard.Dispose();
                    }

                    break;
                }

                case RoomEvent.MessageOneofCase.DataPacketReceived:
                    if (e.DataPacketReceived.User != null)
                    {
                        NativeId.Own(e.DataPacketReceived.User.Data.Handle.Id).Dispose();
                    }

                    break;
                case RoomEvent.MessageOneofCase.ByteStreamOpened:
                    Native.Drop(e.ByteStreamOpened.Reader.Handle.Id);
                    break;
                case RoomEvent.MessageOneofCase.TextStreamOpened:
                    Native.Drop(e.TextStreamOpened.Reader.Handle.Id);
                    break;
                case RoomEvent.MessageOneofCase.DataTrackPublished:
                    Native.Drop(e.DataTrackPublished.Track.Handle.Id);
                    break;
                case RoomEvent.MessageOneofCase.LocalTrackRepublished:
                    Native.Drop(e.LocalTrackRepublished.PublicationHandle);
                    break;
                case RoomEvent.MessageOneofCase.Eos:
                case RoomEvent.MessageOneofCase.Disconnected:
                    End();
                    break;
            }
        }

        internal void OnAudio(AudioStreamEvent e)
        {
            if (e.MessageCase != AudioStreamEvent.MessageOneofCase.FrameReceived)
            {
                return;
            }

            using (var frame = NativeId.Own(e.FrameReceived.Frame.Handle.Id))
            {
                foreach (var person in _people)
                {
                    person.Play(e.StreamHandle, frame);
                }
            }
        }

        private Person Find(string identity) => _people.Find(p => p.Identity == identity);

        private void With(string identity, OwnedTrackPublication publication)
        {
            var person = Find(identity);
            if (person == null)
            {
                Native.Drop(publication.Handle.Id);
            }
            else
            {
                person.Announce(publication);
            }
        }

        public IEnumerator Leave()
        {
            var answer = new LeaveAnswer();
            Native.Call(new DisconnectRequest { RoomHandle = _room.Value, RequestAsyncId = _hub.Expect(answer) });
            yield return answer;
            End();
        }

        private void End()
        {
            if (_ended)
            {
                return;
            }

            _ended = true;
            for (int i = _people.Count - 1; i >= 0; i--)
            {
                _people[i].Dispose();
            }

            _people.Clear();
            _me?.Dispose();
            _room?.Dispose();
            _hub.Forget(this);
            var ended = Ended;
            if (ended != null)
            {
                ended();
            }
        }

        public void Dispose() => End();
    }
}
