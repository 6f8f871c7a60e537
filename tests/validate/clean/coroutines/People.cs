using System;
using System.Collections;
using System.Collections.Generic;
using LiveKit.Proto;
using UnityEngine;

namespace Meet
{
    public class Person : IDisposable
    {
        private readonly NativeId _id;
        private readonly Dictionary<string, NativeId> _publications = new Dictionary<string, NativeId>();
        private readonly List<Heard> _heard = new List<Heard>();
        private bool _gone;

        internal Person(OwnedParticipant owned)
        {
            _id = NativeId.Own(owned.Handle.Id);
            Identity = owned.Info.Identity;
        }

        public string Identity { get; }

        internal void Announce(OwnedTrackPublication publication)
        {
            NativeId before;
            if (_publications.TryGetValue(publication.Info.Sid, out before))
            {
                before.Dispose();
            }

            _publications[publication.Info.Sid] = NativeId.Own(publication.Handle.Id);
        }

        internal void Add(Heard heard)
        {
            _heard.Add(heard);
        }

        internal void Play(ulong stream, NativeId frame)
        {
            foreach (var heard in _heard)
            {
                heard.Play(stream, frame);
            }
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (_gone || !disposing)
            {
                return;
            }

            _gone = true;
            _heard.ForEach(h => h.Dispose());
            _heard.Clear();
            foreach (var pair in _publications)
            {
                pair.Value.Dispose();
            }

            _publications.Clear();
            _id.Dispose();
        }
    }

    public sealed class Me : Person
    {
        private readonly Hub _hub;
        private readonly ulong _handle;
        private Voice _voice;

        internal Me(Hub hub, OwnedParticipant owned) : base(owned)
        {
            _hub = hub;
            _handle = owned.Handle.Id;
        }

        public IEnumerator Speak(MonoBehaviour host)
        {
            _voice?.Dispose();
            _voice = new Voice();
            var published = new PublishAnswer();
            Native.Call(new PublishTrackRequest
            {
                LocalParticipantHandle = _handle,
                TrackHandle = _voice.Track,
                RequestAsyncId = _hub.Expect(published)
            });
            yield return published;
            if (published.Error == null)
            {
                _voice.Published(published.Take());
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _voice?.Dispose();
                _voice = null;
            }

            base.Dispose(disposing);
        }
    }

    internal sealed class PublishAnswer : Answer
    {
        private NativeId _publication;

        internal override void Complete(FfiEvent message)
        {
            var callback = message.PublishTrack;
            if (callback.HasError)
            {
                Error = callback.Error;
            }
            else
            {
                _publication = NativeId.Own(callback.Publication.Handle.Id);
            }

            IsDone = true;
        }

        internal NativeId Take()
        {
            var taken = _publication;
            _publication = null;
            return taken;
        }
    }

    /// <summary>What is said: the source, its track and the publication, released from the outside in.</summary>
    internal sealed class Voice : IDisposable
    {
        private readonly NativeId _source;
        private readonly NativeId _track;
        private NativeId _publication;

        internal Voice()
        {
            var source = Native.Call(new NewAudioSourceRequest { SampleRate = 48000, NumChannels = 1 });
            _source = NativeId.Own(source.NewAudioSource.Source.Handle.Id);
            var track = Native.Call(new CreateAudioTrackRequest { Name = "voice", SourceHandle = _source.Value });
            _track = NativeId.Own(track.CreateAudioTrack.Track.Handle.Id);
        }

        internal ulong Track => _track.Value;

        internal void Published(NativeId publication)
        {
            _publication = publication;
        }

        public void Dispose()
        {
            _track.Dispose();
            _publication?.Dispose();
            _source.Dispose();
        }
    }

    internal sealed class Heard : IDisposable
    {
        private readonly NativeId _track;
        private NativeId _stream;
        private AudioSource _player;

        internal Heard(OwnedTrack owned)
        {
            _track = NativeId.Own(owned.Handle.Id);
            var response = Native.Call(new NewAudioStreamRequest { TrackHandle = owned.Handle.Id });
            _stream = NativeId.Own(response.NewAudioStream.Stream.Handle.Id);
        }

        internal void Play(ulong stream, NativeId frame)
        {
            if (_stream == null || _stream.Value != stream || frame.IsInvalid)
            {
                return;
            }

            if (_player == null)
            {
                _player = new GameObject("voice").AddComponent<AudioSource>();
            }

            _player.Play();
        }

        public void Dispose()
        {
            _stream?.Dispose();
            _stream = null;
            _track.Dispose();
        }
    }
}
