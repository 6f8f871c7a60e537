using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using LiveKit.Proto;
using Handle = System.UInt64;

namespace Plain
{
    /// <summary>A binding without SafeHandle: ids are numbers, and one object releases what it kept.</summary>
    internal static class Lib
    {
        private const string Name = "livekit" + "_ffi";

        [DllImport(Name, EntryPoint = "livekit_ffi_drop_handle", CallingConvention = CallingConvention.Cdecl)]
        private static extern byte DropHandle(Handle id);

        [DllImport(Name, EntryPoint = nameof(livekit_ffi_request), CallingConvention = CallingConvention.Cdecl)]
        internal static extern unsafe Handle livekit_ffi_request(byte* data, UIntPtr len, byte** reply, UIntPtr* replyLen);

        internal static void Free(ref Handle id)
        {
            Handle old = id;
            id = 0;
            if (old != 0)
            {
                DropHandle(old);
            }
        }

        internal static void FreeNow(Handle id)
        {
            DropHandle(id);
        }

        internal static FfiResponse Ask(FfiRequest request)
        {
            throw new NotSupportedException(request.ToString());
        }
    }

    public sealed class Session : IDisposable
    {
        private readonly Dictionary<string, Handle> _people = new Dictionary<string, Handle>();
        private readonly Queue<OwnedTrack> _tracks = new Queue<OwnedTrack>();
        private readonly Dictionary<Handle, TaskCompletionSource<ConnectCallback>> _waiting =
            new Dictionary<Handle, TaskCompletionSource<ConnectCallback>>();
        private Handle _room;
        private Handle _me;
        private bool _closed;

        public async Task Open(string url)
        {
            var source = new TaskCompletionSource<ConnectCallback>();
            var response = Lib.Ask(new FfiRequest { Connect = new ConnectRequest { Url = url } });
            _waiting[response.Connect.AsyncId] = source;
            ConnectCallback callback = await source.Task;
            if (callback.HasError)
            {
                throw new InvalidOperationException(callback.Error);
            }

            _room = callback.Result.Room.Handle.Id;
            _me = callback.Result.LocalParticipant.Handle.Id;
            foreach (var person in callback.Result.Participants)
            {
                Keep(person.Participant);
                foreach (var publication in person.Publications)
                {
                    Lib.FreeNow(publication.Handle.Id);
                }
            }
        }

        public void OnEvent(FfiEvent message)
        {
            if (message.MessageCase == FfiEvent.MessageOneofCase.Connect)
            {
                if (_waiting.TryGetValue(message.Connect.AsyncId, out var source))
                {
                    source.TrySetResult(message.Connect);
                }
            }
            else if (message.MessageCase == FfiEvent.MessageOneofCase.RoomEvent)
            {
                OnRoomEvent(message.RoomEvent);
            }
            else if (message.MessageCase == FfiEvent.MessageOneofCase.Panic)
            {
                Dispose();
            }
        }

        private void OnRoomEvent(RoomEvent e)
        {
            switch (e.MessageCase)
            {
                case RoomEvent.MessageOneofCase.ParticipantConnected:
                    Keep(e.ParticipantConnected.Info);
                    break;
                case RoomEvent.MessageOneofCase.TrackSubscribed:
                    _tracks.Enqueue(e.TrackSubscribed.Track);
                    break;
                case RoomEvent.MessageOneofCase.TrackPublished:
                    Lib.FreeNow(e.TrackPublished.Publication.Handle.Id);
                    break;
                case RoomEvent.MessageOneofCase.DataPacketReceived when e.DataPacketReceived.User != null:
                    Lib.FreeNow(e.DataPacketReceived.User.Data.Handle.Id);
                    break;
                case RoomEvent.MessageOneofCase.ByteStreamOpened:
                    Lib.FreeNow(e.ByteStreamOpened.Reader.Handle.Id);
                    break;
                case RoomEvent.MessageOneofCase.TextStreamOpened:
                    Lib.FreeNow(e.TextStreamOpened.Reader.Handle.Id);
                    break;
                case RoomEvent.MessageOneofCase.DataTrackPublished:
                    Lib.FreeNow(e.DataTrackPublished.Track.Handle.Id);
                    break;
                case RoomEvent.MessageOneofCase.LocalTrackRepublished:
                    Lib.FreeNow(e.LocalTrackRepublished.PublicationHandle);
                    break;
                case RoomEvent.MessageOneofCase.Eos:
                    Dispose();
                    break;
            }
        }

        private void Keep(OwnedParticipant person)
        {
            _people[person.Info.Identity] = person.Handle.Id;
        }

        public void Dispose()
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            while (_tracks.Count > 0)
            {
                Lib.FreeNow(_tracks.Dequeue().Handle.Id);
            }

            foreach (var entry in _people)
            {
                Lib.FreeNow(entry.Value);
            }

            _people.Clear();
            Lib.Free(ref _me);
            Lib.Free(ref _room);
        }
    }
}
