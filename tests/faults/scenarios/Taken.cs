// Handles that requests take over, numbers that hand one over, and handles that nobody is told of.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    public static class Taken
    {
        /// <summary>A reader is disposed by another thread while the request that takes it is under way.</summary>
        public static string DisposedMeanwhile(string arguments)
        {
            using (Lab lab = new Lab())
            {
                List<TextStreamReader> readers = new List<TextStreamReader>();
                lab.Connect(delegate(Room room)
                {
                    room.TextStreamOpened += delegate(object sender, TextStreamOpenedEventArgs e)
                    {
                        e.Reader.Keep();
                        lock (readers)
                        {
                            readers.Add(e.Reader);
                        }
                    };
                });
                lab.Client.ControlJoin(lab.RoomName, "other");
                for (int i = 0; i < 50; i++)
                {
                    lab.Client.ControlSendText(lab.RoomName, "other", "t", new[] { "x" });
                }

                Check.Soon("L9", delegate { lock (readers) { return readers.Count == 50; } }, "not every reader arrived");
                foreach (TextStreamReader reader in readers)
                {
                    Barrier start = new Barrier(2);
                    Thread disposing = new Thread(delegate()
                    {
                        start.SignalAndWait();
                        reader.Dispose();
                    });
                    disposing.Start();
                    start.SignalAndWait();
                    Operation<string> reading = null;
                    try
                    {
                        reading = reader.ReadAllAsync();
                    }
                    catch (ObjectDisposedException)
                    {
                    }

                    disposing.Join();
                    if (reading != null)
                    {
                        Check.Equal("L9", "x", Check.Ends("L9", reading, "text_read_all"), "the text");
                    }

                    Check.Throws<ObjectDisposedException>("L9", delegate { reader.ReadAllAsync(); }, "a reader that a request took");
                }

                Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
                lab.NothingLeft("L9");
                lab.NothingReported("L9");
                return "null";
            }
        }

        /// <summary>A number comes again before the message that handed it over was dealt with.</summary>
        public static string NumberTwiceInTheQueue(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Client.ControlSetFaults(new Faults { RepublishedHandleIsNew = true }, lab.RoomName);
                int republished = 0;
                lab.Connect(delegate(Room room) { room.LocalTrackRepublished += delegate { republished++; }; });
                lab.Publish();
                lab.Join();
                ManualResetEvent go = lab.KeepBusy();
                lab.Client.ControlReconnect(lab.RoomName);
                Check.Soon("L10", delegate { return lab.Client.ControlDiagnostics().Handles.Publications >= 6; }, "the first reconnect brought no handles");
                lab.Client.ControlReconnect(lab.RoomName);
                lab.Client.ControlReconnect(lab.RoomName);
                go.Set();
                Check.Soon("L10", delegate { return republished == 6; }, "the tracks were not published three times");
                lab.Subscribed();
                lab.Alive(rooms: 1, participants: 2, publications: 4, tracks: 4, audioSources: 1, videoSources: 1, rule: "L10");
                Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
                lab.Microphone.Dispose();
                lab.Camera.Dispose();
                lab.NothingLeft("L10");
                lab.NothingReported("L10");
                return "null";
            }
        }

        /// <summary>A handle that no message names: the client's own account is clean, and the server's shows it.</summary>
        public static string NeverNamed(string arguments)
        {
            Lab lab = new Lab();
            lab.Client.ControlSetFaults(new Faults { PublicationNeverNamed = true }, lab.RoomName);
            lab.Connect();
            lab.Publish();
            Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
            lab.Microphone.Dispose();
            lab.Camera.Dispose();
            Check.Equal("L24", 0, LiveHandles.Total, "handles that the client owns");
            Check.Equal("L24", 2u, lab.Client.ControlDiagnostics().Handles.Publications, "publications that only the library knows");
            lab.NothingReported();
            lab.Dispose();
            return "null";
        }
    }
}
