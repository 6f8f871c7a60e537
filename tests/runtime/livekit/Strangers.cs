// Objects behind handles that the library never gave: what a binding looks like to a library that knows nothing of them.
using System;
using System.Collections.Generic;
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;

namespace LiveKitLab
{
    /// <summary>Makes the objects as if they had been delivered, and forgets their handles in the end, undropped.</summary>
    internal sealed class Strangers : IDisposable
    {
        /// <summary>Needs more than 32 bits, and is far above every id that the library gives.</summary>
        internal const ulong First = 1UL << 40;

        private readonly LiveKitClient _client;
        private readonly List<NativeObject> _all = new List<NativeObject>();
        private ulong _next = First;

        internal Strangers(LiveKitClient client)
        {
            _client = client;
            Room = Make(HandleKind.Room, (handle, bag) => Room.Receive(client, new OwnedRoom { Handle = handle, Info = new RoomInfo() }, bag, null));
            Local = Make(HandleKind.Participant, (handle, bag) => LocalParticipant.Receive(
                client, new OwnedParticipant { Handle = handle, Info = new ParticipantInfo { Identity = "me" } }, bag, Room));
            Remote = Make(HandleKind.Participant, (handle, bag) => RemoteParticipant.Receive(
                client, new OwnedParticipant { Handle = handle, Info = new ParticipantInfo { Identity = "them" } }, bag, Room));
        }

        internal Room Room { get; private set; }

        internal LocalParticipant Local { get; private set; }

        internal RemoteParticipant Remote { get; private set; }

        internal LocalTrackPublication LocalPublication(string sid)
        {
            return Make(HandleKind.TrackPublication, (handle, bag) => LocalTrackPublication.Receive(
                _client, new OwnedTrackPublication { Handle = handle, Info = new TrackPublicationInfo { Sid = sid } }, bag, Local));
        }

        internal RemoteTrackPublication RemotePublication(string sid)
        {
            return Make(HandleKind.TrackPublication, (handle, bag) => RemoteTrackPublication.Receive(
                _client, new OwnedTrackPublication { Handle = handle, Info = new TrackPublicationInfo { Sid = sid } }, bag, Remote));
        }

        internal RemoteTrack Track(RemoteTrackPublication publication)
        {
            return Make(HandleKind.Track, (handle, bag) => RemoteTrack.Receive(
                _client, new OwnedTrack { Handle = handle, Info = new TrackInfo { Sid = publication.Sid } }, bag, publication));
        }

        internal ByteStreamReader ByteReader()
        {
            return Make(HandleKind.ByteStreamReader, (handle, bag) => ByteStreamReader.Receive(
                _client, new OwnedByteStreamReader { Handle = handle, Info = new ByteStreamInfo() }, bag, Remote));
        }

        internal TextStreamReader TextReader()
        {
            return Make(HandleKind.TextStreamReader, (handle, bag) => TextStreamReader.Receive(
                _client, new OwnedTextStreamReader { Handle = handle, Info = new TextStreamInfo() }, bag, Remote));
        }

        internal ByteStreamWriter ByteWriter()
        {
            return Make(HandleKind.ByteStreamWriter, (handle, bag) => ByteStreamWriter.Receive(
                _client, new OwnedByteStreamWriter { Handle = handle, Info = new ByteStreamInfo() }, bag, Local));
        }

        internal TextStreamWriter TextWriter()
        {
            return Make(HandleKind.TextStreamWriter, (handle, bag) => TextStreamWriter.Receive(
                _client, new OwnedTextStreamWriter { Handle = handle, Info = new TextStreamInfo() }, bag, Local));
        }

        internal LocalDataTrack LocalData()
        {
            return Make(HandleKind.LocalDataTrack, (handle, bag) => LocalDataTrack.Receive(
                _client, new OwnedLocalDataTrack { Handle = handle, Info = new DataTrackInfo() }, bag, Local));
        }

        internal RemoteDataTrack RemoteData()
        {
            return Make(HandleKind.RemoteDataTrack, (handle, bag) => RemoteDataTrack.Receive(
                _client, new OwnedRemoteDataTrack { Handle = handle, Info = new DataTrackInfo(), PublisherIdentity = "them" }, bag, Remote));
        }

        internal DataTrackStream DataStream(RemoteDataTrack track)
        {
            return Make(HandleKind.DataTrackStream, (handle, bag) => DataTrackStream.Receive(
                _client, new OwnedDataTrackStream { Handle = handle }, bag, track));
        }

        internal PlatformAudio Platform()
        {
            return Make(HandleKind.PlatformAudio, (handle, bag) => PlatformAudio.Receive(
                _client, new OwnedPlatformAudio { Handle = handle, Info = new PlatformAudioInfo() }, bag, null));
        }

        internal CaptureSource Capture()
        {
            return Make(HandleKind.CaptureSource, (handle, bag) => CaptureSource.Receive(
                _client, new OwnedCaptureSource { Handle = handle, Info = new CaptureSourceInfo() }, bag, null));
        }

        /// <summary>Takes all handles but the room's away from the objects, so that nothing drops them.</summary>
        internal void ForgetAllButRoom()
        {
            foreach (NativeObject one in _all)
            {
                if (one != Room)
                {
                    one.Core.Handle.MarkTaken();
                }
            }
        }

        public void Dispose()
        {
            ForgetAllButRoom();
            Room.Core.Handle.MarkTaken();
            Room.Core.Session.End();
            foreach (NativeObject one in _all)
            {
                if (one != Room)
                {
                    one.Dispose();
                }
            }
        }

        private T Make<T>(HandleKind kind, Func<FfiOwnedHandle, HandleBag, T> receive)
            where T : NativeObject
        {
            ulong id = _next++;
            using (var bag = new HandleBag(_client.Tree))
            {
                bag.Add(kind, id);
                T made = receive(new FfiOwnedHandle { Id = id }, bag);
                _all.Add(made);
                return made;
            }
        }
    }
}
