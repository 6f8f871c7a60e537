// What several threads do at once: operations that are ended while their request is still being sent, Dispose while a
// handler runs on a native thread, and the end of the client while user code waits elsewhere.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    public static class Concurrency
    {
        /// <summary>
        /// The session ends between the registration of an operation and the moment in which its request returns: the request
        /// still has its handle, and nothing is left of it afterwards, whether it was sent or not.
        /// </summary>
        public static string EndedWhileSending(string arguments)
        {
            foreach (bool sent in new[] { true, false })
            {
                using (Lab lab = new Lab())
                {
                    lab.Connect();
                    LocalParticipant me = lab.Room.LocalParticipant;
                    ulong id = lab.IdOf(me);
                    PendingCall<SetLocalMetadataCallback, object> call = new PendingCall<SetLocalMetadataCallback, object>(
                        lab.Client, me.Core, "set_local_metadata", SetLocalMetadataCallback.Read, (callback, bag) => null, null);
                    call.Hold(me);
                    ulong asyncId = call.Register();
                    Scenario.Stage("the session ends");
                    lab.Room.DisposeAtOnce();
                    Check.Soon("L5", delegate { return lab.Room.Core.Session.IsEnded && me.Core.Released; }, "the session did not end");
                    Check.That(
                        "L13",
                        !Scenario.Until(delegate { return lab.Dropped().Contains("participant"); }, 100),
                        "the handle was released while its request was being sent");
                    if (sent)
                    {
                        byte[] request = new FfiRequest
                        {
                            SetLocalMetadata = new SetLocalMetadataRequest { LocalParticipantHandle = id, Metadata = "x", RequestAsyncId = asyncId },
                        }.ToByteArray();
                        unsafe
                        {
                            fixed (byte* data = request)
                            {
                                call.Send(data, request.Length);
                            }
                        }
                    }

                    call.EndSending();
                    Operation<object> operation = call.Start(CancellationToken.None);
                    Check.Throws<ObjectDisposedException>("L8", delegate { Check.Ends("L8", operation, "the operation"); }, "an operation whose session ended");
                    lab.Alive(rule: "L8");
                    lab.EndedOnce(DisconnectReason.ClientInitiated);
                    lab.NothingLeft("L8");
                    lab.NothingReported("L8");
                }
            }

            return "null";
        }

        /// <summary>Dispose of a stream waits for its handler that runs on a native thread; so does Dispose of the client.</summary>
        public static string DisposeWaitsForHandlers(string arguments)
        {
            foreach (bool whole in new[] { false, true })
            {
                using (Lab lab = new Lab())
                using (ManualResetEvent inside = new ManualResetEvent(false))
                using (ManualResetEvent go = new ManualResetEvent(false))
                {
                    lab.Connect();
                    RemoteParticipant other = lab.Join();
                    VideoStream stream = other.RemoteTrackPublications.Single(p => p.Kind == TrackKind.Video).RemoteTrack.NewVideoStream();
                    bool returned = false;
                    stream.FrameReceived += delegate(VideoStream sender, in VideoStreamFrameReceivedEventArgs e)
                    {
                        inside.Set();
                        go.WaitOne(Lab.DeadlineMilliseconds);
                        Volatile.Write(ref returned, true);
                    };
                    lab.Client.ControlEmitFrames(lab.RoomName, stream.Track.TrackPublication.Sid, 1);
                    Check.That("L11", inside.WaitOne(Lab.DeadlineMilliseconds), "no frame came");
                    Scenario.Stage("dispose while the handler runs");
                    bool early = false;
                    Thread disposing = new Thread(delegate()
                    {
                        if (whole)
                        {
                            lab.Client.Dispose();
                        }
                        else
                        {
                            stream.Dispose();
                        }

                        early = !Volatile.Read(ref returned);
                    });
                    disposing.Start();
                    Check.Soon("L11", delegate { return stream.IsDisposed; }, "Dispose did not begin");
                    Check.That("L11", !disposing.Join(100), "Dispose returned while a handler was running");
                    go.Set();
                    Check.That("L11", disposing.Join(Lab.DeadlineMilliseconds), "Dispose never returned");
                    Check.That("L11", !early, "Dispose returned before the handler");
                    if (!whole)
                    {
                        lab.Room.Dispose();
                        lab.NothingLeft("L11");
                    }

                    Check.Equal("L11", 0, LiveHandles.Total, "handles that are left");
                    lab.NothingReported();
                }
            }

            return "null";
        }

        /// <summary>
        /// Another thread ends the client while the context that runs user code is blocked and an answer waits for it: Dispose
        /// does not wait for the context, nothing is released after the library is gone, whoever blocks goes on, and handlers
        /// and continuations still run in the context.
        /// </summary>
        public static string ClientEndedElsewhere(string arguments)
        {
            SynchronizationContext before = SynchronizationContext.Current;
            Pump pump = new Pump();
            SynchronizationContext.SetSynchronizationContext(pump);
            try
            {
                Lab lab = new Lab();
                int here = Thread.CurrentThread.ManagedThreadId;
                List<string> ran = new List<string>();
                Operation<Room> connecting = lab.Client.ConnectAsync("ref://local/" + lab.RoomName, "me", new RoomOptions(), delegate(Room r)
                {
                    r.Disconnected += (sender, e) => ran.Add("end " + e.Reason + " " + (Thread.CurrentThread.ManagedThreadId == here));
                });
                Check.That("L21", pump.Until(delegate { return connecting.IsCompleted; }), "connect never ended");
                Operation answered = connecting.Result.LocalParticipant.SetLocalMetadataAsync("x");
                answered.GetAwaiter().OnCompleted(() => ran.Add("continuation " + (Thread.CurrentThread.ManagedThreadId == here)));
                Check.Soon("L21", delegate { return pump.Count > 0; }, "no answer came");
                Exception blocked = null;
                Thread waiting = new Thread(delegate()
                {
                    try
                    {
                        answered.Wait();
                    }
                    catch (Exception error)
                    {
                        blocked = error;
                    }
                });
                waiting.Start();
                Scenario.Stage("dispose the client on another thread");
                Thread disposing = new Thread(lab.Dispose);
                disposing.Start();
                Check.That("L21", disposing.Join(4000), "Dispose waited for the context until a deadline passed");
                Check.That("L8", waiting.Join(Lab.DeadlineMilliseconds), "who waits for the answer still waits");
                Check.That("L8", blocked is ObjectDisposedException, "who waited got " + blocked);
                Check.Same("L21", new string[0], ran, "what ran while the context was blocked");
                Check.Equal("L16", 0, LiveHandles.Total, "handles that are left");
                lab.NothingReported("L16");
                Check.That("L21", pump.Until(delegate { return ran.Count == 2; }), "the context was not asked to run the end and the continuation");
                Check.Same("L21", new[] { "continuation True", "end ClientInitiated True" }, ran.OrderBy(r => r), "what ran, and whether in the context");
                return "null";
            }
            finally
            {
                SynchronizationContext.SetSynchronizationContext(before);
            }
        }

        /// <summary>A room that is connected lives until its end, whoever holds it; then it can be collected.</summary>
        public static string RoomThatNobodyHolds(string arguments)
        {
            using (Lab lab = new Lab())
            {
                const int count = 5;
                List<WeakReference> rooms = new List<WeakReference>();
                for (int ended = 0; ended < count; ended++)
                {
                    rooms.Add(ConnectAndForget(lab));
                    GC.Collect();
                    GC.WaitForPendingFinalizers();
                    GC.Collect();
                    lab.Alive(rooms: 1, participants: 1, rule: "L12");
                    Check.Equal("L12", ended, lab.Ends.Count, "ends that were raised");
                    lab.Client.ControlEndRoom(lab.RoomName);
                    Check.Soon("L12", delegate { return lab.Ends.Count == ended + 1; }, "the server ended the room and Disconnected was not raised");
                    lab.NothingLeft("L12");
                }

                lab.NothingReported("L12");

                // Mono scans stacks conservatively: what a thread did last may keep the last room.
                Check.Soon(
                    "L12",
                    delegate
                    {
                        GC.Collect();
                        GC.WaitForPendingFinalizers();
                        return rooms.Count(room => room.IsAlive) <= 1;
                    },
                    "rooms are still held after their end");
                return "null";
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static WeakReference ConnectAndForget(Lab lab)
        {
            WeakReference room = null;
            // On a thread of its own: no reference stays on a stack that is scanned conservatively.
            Thread connecting = new Thread(delegate()
            {
                Operation<Room> connected = lab.Client.ConnectAsync("ref://local/" + lab.RoomName, "me", new RoomOptions(), delegate(Room r)
                {
                    r.Disconnected += delegate(object sender, DisconnectedEventArgs e)
                    {
                        lock (lab.Ends)
                        {
                            lab.Ends.Add(e.Reason);
                        }
                    };
                });
                Check.Ends("L14", connected, "connect");
                room = new WeakReference(connected.Result);
            });
            connecting.Start();
            Check.That("L14", connecting.Join(Lab.DeadlineMilliseconds), "connect never ended");
            return room;
        }
    }
}
