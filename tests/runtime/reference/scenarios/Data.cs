// What a handler may claim, what a request takes, and writers.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    public static class Data
    {
        /// <summary>The memory of a packet ends with its dispatch, unless a handler keeps it.</summary>
        public static string Packets(string arguments)
        {
            using (Lab lab = new Lab())
            {
                List<string> texts = new List<string>();
                List<DataBuffer> buffers = new List<DataBuffer>();
                lab.Connect(delegate(Room room)
                {
                    room.DataPacketReceived += delegate(object sender, DataPacketReceivedEventArgs e)
                    {
                        if (e.Data == null)
                        {
                            texts.Add("key " + e.SipDtmf.Code);
                            return;
                        }

                        texts.Add(e.Participant.Identity + ": " + Encoding.UTF8.GetString(e.Data.Data.ToArray()));
                        if (texts.Last().EndsWith("keep"))
                        {
                            e.Data.Keep();
                        }

                        buffers.Add(e.Data);
                    };
                });
                RemoteParticipant other = lab.Join();
                lab.NoteTree();
                Send(lab, "let go");
                Send(lab, "keep");
                lab.Client.ControlSendDtmf(lab.RoomName, "other", 5);
                Check.Soon("L2", delegate { return texts.Count == 3; }, "two packets and a key did not arrive");
                Check.Same("L22", new[] { "other: let go", "other: keep", "key 5" }, texts, "what arrived");
                lab.Alive(rooms: 1, participants: 2, publications: 2, tracks: 2, dataBuffers: 1, rule: "L2");
                Check.That("L2", buffers[0].IsDisposed && !buffers[1].IsDisposed, "which packets are alive");
                Check.Throws<ObjectDisposedException>("L22", delegate { buffers[0].Data.ToArray(); }, "memory of a packet that is over");
                Check.Equal("L2", "keep", Encoding.UTF8.GetString(buffers[1].Data.ToArray()), "the packet that was kept");
                Check.Equal("L4", other, buffers[1].Participant, "whose the packet is");
                buffers[1].Dispose();
                lab.Alive(rooms: 1, participants: 2, publications: 2, tracks: 2, rule: "L2");

                Scenario.Stage("a packet that is kept until its sender leaves");
                Send(lab, "again keep");
                Check.Soon("L2", delegate { return buffers.Count == 3; }, "the packet did not arrive");
                lab.NoteTree();
                lab.Client.ControlLeave(lab.RoomName, "other");
                lab.Alive(rooms: 1, participants: 1, rule: "L7");
                Check.That("L7", buffers[2].IsDisposed, "a packet outlives its sender");
                Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
                lab.NothingLeft("L2");
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>A packet from somebody whom the tree does not know is released too.</summary>
        public static string PacketsAtTheEnd(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Connect();
                lab.Join();
                for (int i = 0; i < 200; i++)
                {
                    Send(lab, "packet " + i);
                }

                lab.Client.ControlLeave(lab.RoomName, "other");
                for (int i = 0; i < 5; i++)
                {
                    lab.Join("late " + i);
                }

                Operation leaving = lab.Room.DisconnectAsync();
                Check.Ends("L6", leaving, "disconnect");
                lab.NothingLeft("L6");
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>A request takes a reader: no second release, and use of it is an error that names it.</summary>
        public static string Readers(string arguments)
        {
            using (Lab lab = new Lab())
            {
                Operation<string> text = null;
                Operation<byte[]> bytes = null;
                TextStreamReader all = null;
                ulong taken = 0;
                List<string> chunks = new List<string>();
                int ignored = 0;
                bool ended = false;
                lab.Connect(delegate(Room room)
                {
                    room.TextStreamOpened += delegate(object sender, TextStreamOpenedEventArgs e)
                    {
                        if (e.Reader.Topic == "all")
                        {
                            all = e.Reader;
                            taken = lab.IdOf(all);
                            text = e.Reader.ReadAllAsync();
                        }
                        else if (e.Reader.Topic == "pieces")
                        {
                            e.Reader.ChunkReceived += delegate(object reader, TextStreamReaderChunkReceivedEventArgs chunk)
                            {
                                chunks.Add(chunk.Content);
                            };
                            e.Reader.Ended += delegate { ended = true; };
                            e.Reader.Keep();
                            e.Reader.ReadIncremental();
                        }
                        else
                        {
                            ignored++;
                        }
                    };
                    room.ByteStreamOpened += delegate(object sender, ByteStreamOpenedEventArgs e)
                    {
                        bytes = e.Reader.ReadAllAsync();
                    };
                });
                lab.Join();
                lab.NoteTree();
                Scenario.Stage("text");
                lab.Client.ControlSendText(lab.RoomName, "other", "all", new[] { "one ", "two" });
                Check.Soon("L9", delegate { return text != null; }, "the reader did not arrive");
                Check.Equal("L9", "one two", Check.Ends("L9", text, "text_read_all"), "the text");
                ObjectDisposedException error = Check.Throws<ObjectDisposedException>(
                    "L9", delegate { all.ReadAllAsync(); }, "a reader that a request took");
                Check.That("L9", error.Message.Contains("TextStreamReader"), "the error does not name the reader: " + error.Message);
                all.Dispose();
                lab.Alive(rooms: 1, participants: 2, publications: 2, tracks: 2, rule: "L9");

                Scenario.Stage("text in pieces");
                lab.Client.ControlSendText(lab.RoomName, "other", "pieces", new[] { "a", "b", "c" });
                Check.Soon("L9", delegate { return ended; }, "the stream did not end");
                Check.Same("L9", new[] { "a", "b", "c" }, chunks, "the pieces");
                lab.Alive(rooms: 1, participants: 2, publications: 2, tracks: 2, rule: "L9");

                Scenario.Stage("bytes");
                lab.Client.ControlSendBytes(lab.RoomName, "other", "file", "name", new[] { new byte[] { 1, 2 }, new byte[] { 3 } });
                Check.Soon("L9", delegate { return bytes != null; }, "the reader of bytes did not arrive");
                Check.Same("L9", new byte[] { 1, 2, 3 }, Check.Ends("L9", bytes, "byte_read_all"), "the bytes");

                Scenario.Stage("a reader that nobody claims");
                lab.Client.ControlSendText(lab.RoomName, "other", "ignored", new[] { "x" });
                Check.Soon("L2", delegate { return ignored == 1; }, "the reader did not arrive");
                lab.Alive(rooms: 1, participants: 2, publications: 2, tracks: 2, rule: "L2");
                List<DropRecord> drops = lab.Client.ControlDiagnostics().Drops.ToList();
                Check.That("L9", drops.All(d => d.Id != taken), "a handle that a request took was dropped all the same");
                Check.Same("L2", new[] { "text_stream_reader" }, drops.Select(d => d.Kind), "what was dropped so far");
                Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
                lab.NothingLeft("L9");
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>What a client sends: text, bytes, packets, and streams with a writer that the close takes.</summary>
        public static string Writers(string arguments)
        {
            using (Lab lab = new Lab())
            {
                List<string> received = new List<string>();
                List<Operation<string>> reading = new List<Operation<string>>();
                Room sender = lab.Connect();
                Room receiver = lab.Connect(
                    delegate(Room room)
                    {
                        room.TextStreamOpened += delegate(object s, TextStreamOpenedEventArgs e)
                        {
                            lock (reading)
                            {
                                reading.Add(e.Reader.ReadAllAsync());
                            }
                        };
                        room.DataPacketReceived += delegate(object s, DataPacketReceivedEventArgs e)
                        {
                            lock (received)
                            {
                                received.Add(string.Join(",", e.Data.Data.ToArray()));
                            }
                        };
                    },
                    null,
                    "receiver");
                LocalParticipant me = sender.LocalParticipant;
                Scenario.Stage("text");
                Check.Ends("L3", me.SendTextAsync(new StreamTextOptions { Topic = "t" }, "all at once"), "send_text");
                Check.Ends("L3", me.PublishDataAsync(new byte[] { 7, 8, 9 }, true), "publish_data");
                Scenario.Stage("a stream");
                TextStreamWriter writer = Check.Ends("L1", me.OpenTextStreamAsync(new StreamTextOptions { Topic = "t" }), "text_stream_open");
                lab.Alive(rooms: 2, participants: 4, other: 1);
                ulong taken = lab.IdOf(writer);
                Check.Ends("L3", writer.WriteAsync("piece by "), "write");
                Check.Ends("L3", writer.WriteAsync("piece"), "write");
                Check.Ends("L9", writer.CloseAsync(), "close");
                Check.Throws<ObjectDisposedException>("L9", delegate { writer.WriteAsync("more"); }, "a writer that was closed");
                writer.Dispose();
                lab.Alive(rooms: 2, participants: 4, rule: "L9");
                Check.Soon("L21", delegate { lock (reading) { return reading.Count == 2; } }, "two streams did not arrive");
                Check.Same(
                    "L9",
                    new[] { "all at once", "piece by piece" },
                    reading.Select(r => Check.Ends("L9", r, "text_read_all")),
                    "what the receiver read");
                Check.Soon("L2", delegate { lock (received) { return received.Count == 1; } }, "the packet did not arrive");
                Check.Same("L22", new[] { "7,8,9" }, received, "the packet");
                Check.Ends("L5", sender.DisconnectAsync(), "disconnect");
                Check.Ends("L5", receiver.DisconnectAsync(), "disconnect");
                Check.That(
                    "L9",
                    lab.Client.ControlDiagnostics().Drops.All(d => d.Id != taken),
                    "a writer that the close took was dropped all the same");
                lab.NothingLeft("L9");
                lab.NothingReported();
                return "null";
            }
        }

        private static void Send(Lab lab, string text)
        {
            lab.Client.ControlSendData(lab.RoomName, "other", Encoding.UTF8.GetBytes(text));
        }
    }
}
