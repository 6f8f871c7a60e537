// What participants tell each other: packets, text and byte streams, remote procedure calls.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using GenBindings.Harness;
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;

namespace LiveKitLab
{
    /// <summary>Scenarios of data, both ways.</summary>
    public static class Data
    {
        private const string Topic = "topic";

        /// <summary>Everything that is no media.</summary>
        public static object Exchange(LiveKitClient client, object arguments)
        {
            var director = new Director(arguments);
            director.Mark("before");
            director.Ask("join", "who", "python");
            Rooms rooms = Rooms.Connect(client, director);
            director.WaitUntil("python", "participants", 1);
            Packets(rooms);
            Texts(rooms);
            Bytes(rooms);
            Calls(rooms);
            director.Mark("during");
            rooms.Leave();
            director.Ask("leave", "who", "python");
            Lab.Same(0, LiveHandles.Count(HandleKind.Buffer), "live data buffers");
            director.Mark("after");
            return Lab.Facts();
        }

        private static void Packets(Rooms rooms)
        {
            var got = new List<string>();
            var kept = new List<DataBuffer>();
            rooms.Room.DataPacketReceived += delegate(object sender, DataPacketReceivedEventArgs e)
            {
                lock (got)
                {
                    got.Add(Encoding.UTF8.GetString(e.Data.Data.ToArray()) + " from " + e.ParticipantIdentity);
                    if (kept.Count == 0)
                    {
                        e.Data.Keep();
                        kept.Add(e.Data);
                    }
                }
            };
            foreach (string word in new[] { "one", "two", "three" })
            {
                rooms.Director.Ask("send_data", "who", "python", "text", word);
            }

            rooms.Until(() => Count(got) == 3, "three packets");
            Lab.Same("one from python, two from python, three from python", string.Join(", ", got.ToArray()), "packets");
            Lab.Same("one", Encoding.UTF8.GetString(kept[0].Data.ToArray()), "a packet that was kept");
            Lab.Same(1, LiveHandles.Count(HandleKind.Buffer), "live data buffers");
            kept[0].Dispose();

            Operation send = rooms.Room.LocalParticipant.PublishDataAsync(Encoding.UTF8.GetBytes("hello"), true, topic: Topic);
            Lab.Check(send.Wait(Rooms.Patience), "an answer to publish_data");
            rooms.Director.WaitFor("python", "data", 1);
            Lab.Same("hello", (string)rooms.Director.Seen("python", "data")[0], "the packet at the other side");
        }

        private static void Texts(Rooms rooms)
        {
            var got = new List<string>();
            int unread = 0;
            rooms.Room.TextStreamOpened += delegate(object sender, TextStreamOpenedEventArgs e)
            {
                if (e.Reader.Topic == "unread")
                {
                    unread++;
                    return;
                }

                e.Reader.Keep();
                Operation<string> read = e.Reader.ReadAllAsync();
                read.GetAwaiter().OnCompleted(delegate
                {
                    lock (got)
                    {
                        got.Add(read.Result);
                    }
                });
            };
            string text = new string('\u00e4', 40000);
            rooms.Director.Ask("send_text", "who", "python", "text", text);
            rooms.Until(() => Count(got) == 1, "a text");
            Lab.Check(got[0] == text, "the text as it was sent");
            rooms.Director.Ask("send_text", "who", "python", "text", "not read", "topic", "unread");
            rooms.Until(() => unread == 1, "a text that nobody reads");

            LocalParticipant local = rooms.Room.LocalParticipant;
            Operation<TextStreamInfo> send = local.SendTextAsync(new StreamTextOptions { Topic = Topic }, "short");
            Lab.Check(send.Wait(Rooms.Patience), "an answer to send_text");
            rooms.Director.WaitFor("python", "texts", 1);
            Operation<TextStreamWriter> open = local.OpenTextStreamAsync(new StreamTextOptions { Topic = Topic });
            Lab.Check(open.Wait(Rooms.Patience), "a text stream");
            foreach (string word in new[] { "word ", "by ", "word" })
            {
                Lab.Check(open.Result.WriteAsync(word).Wait(Rooms.Patience), "an answer to text_stream_write");
            }

            Lab.Check(open.Result.CloseAsync().Wait(Rooms.Patience), "an answer to text_stream_close");
            rooms.Director.WaitFor("python", "texts", 2);
            Lab.Same("short, word by word", string.Join(", ", rooms.Director.Seen("python", "texts").Select(each => (string)each).ToArray()), "texts at the other side");

            // Closed by the cascade, not by the client: the other side sees an end all the same.
            Operation<TextStreamWriter> left = local.OpenTextStreamAsync(new StreamTextOptions { Topic = Topic });
            Lab.Check(left.Wait(Rooms.Patience), "a text stream");
            Lab.Check(left.Result.WriteAsync("left").Wait(Rooms.Patience), "an answer to text_stream_write");
            left.Result.Dispose();
            rooms.Director.WaitFor("python", "texts", 3);
        }

        private static void Bytes(Rooms rooms)
        {
            const int Size = 100000;
            int received = 0;
            bool ended = false;
            bool ordered = true;
            ByteStreamReader reader = null;
            rooms.Room.ByteStreamOpened += delegate(object sender, ByteStreamOpenedEventArgs e)
            {
                reader = e.Reader;
                reader.Keep();
                reader.ChunkReceived += delegate(object stream, ByteStreamReaderChunkReceivedEventArgs chunk)
                {
                    foreach (byte each in chunk.Content)
                    {
                        ordered &= each == received % 251;
                        received++;
                    }
                };
                reader.Ended += (stream, end) => ended = true;
                reader.ReadIncremental();
            };
            rooms.Director.Ask("send_bytes", "who", "python", "size", Size);
            rooms.Until(() => ended, "the end of a byte stream");
            Lab.Same(Size, received, "bytes");
            Lab.Check(ordered, "the bytes as they were sent");
            Lab.Same("numbers", reader.Name, "name of the stream");

            LocalParticipant local = rooms.Room.LocalParticipant;
            Operation<ByteStreamInfo> send = local.SendBytesAsync(new StreamByteOptions { Topic = Topic, Name = "all" }, new byte[] { 1, 2, 3 });
            Lab.Check(send.Wait(Rooms.Patience), "an answer to send_bytes");
            rooms.Director.WaitFor("python", "bytes", 1);
            Operation<ByteStreamWriter> open = local.OpenByteStreamAsync(new StreamByteOptions { Topic = Topic, Name = "parts" });
            Lab.Check(open.Wait(Rooms.Patience), "a byte stream");
            Lab.Check(open.Result.WriteAsync(new byte[] { 4, 5 }).Wait(Rooms.Patience), "an answer to byte_stream_write");
            Lab.Check(open.Result.CloseAsync().Wait(Rooms.Patience), "an answer to byte_stream_close");
            rooms.Director.WaitFor("python", "bytes", 2);
            Lab.Same("010203, 0405", string.Join(", ", rooms.Director.Seen("python", "bytes").Select(each => (string)each).ToArray()), "bytes at the other side");
        }

        private static void Calls(Rooms rooms)
        {
            LocalParticipant local = rooms.Room.LocalParticipant;
            local.RpcMethodInvoked += delegate(object sender, RpcMethodInvokedEventArgs e)
            {
                if (e.Payload == "fail")
                {
                    local.RespondToRpc(e.InvocationId, error: new RpcError { Code = 77, Message = "no" });
                }
                else
                {
                    local.RespondToRpc(e.InvocationId, e.CallerIdentity + " said " + e.Payload);
                }
            };
            local.RegisterRpcMethod("echo");
            Lab.Same("python said x", (string)rooms.Director.Ask("call_rpc", "who", "python", "to", "unity", "method", "echo", "payload", "x"), "answer to a call");
            Lab.Same("77: no", (string)rooms.Director.Ask("call_rpc", "who", "python", "to", "unity", "method", "echo", "payload", "fail"), "answer to a call that fails");
            local.UnregisterRpcMethod("echo");

            RemoteParticipant other = rooms.Room.RemoteParticipants[0];
            rooms.Director.Ask("answer_rpc", "who", "python", "method", "upper");
            Operation<string> call = local.PerformRpcAsync(other, "upper", "abc");
            Lab.Check(call.Wait(Rooms.Patience), "an answer to a call");
            Lab.Same("ABC", call.Result, "answer of the other");
            LiveKitException error = Lab.Throws<LiveKitException>("a call that fails", () => local.PerformRpcAsync(other, "upper", "fail").Wait(Rooms.Patience));
            var detail = error.Detail as RpcError;
            Lab.Check(detail != null && detail.Code == 1234 && detail.Message == "as asked", "the other's own error, there was " + error.Message);
        }

        private static int Count(List<string> list)
        {
            lock (list)
            {
                return list.Count;
            }
        }
    }
}
