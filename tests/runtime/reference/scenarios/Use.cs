// How the objects may be used: from any thread, after their end, with handlers that throw; and on which thread user
// code runs.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    public static class Use
    {
        /// <summary>Eight threads dispose everything at once, more than once.</summary>
        public static string DisposeFromManyThreads(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Connect();
                lab.Publish();
                RemoteParticipant other = lab.Join();
                List<NativeObject> all = new List<NativeObject> { lab.Room, lab.Microphone, lab.Camera, other };
                all.AddRange(other.RemoteTrackPublications);
                all.AddRange(other.RemoteTrackPublications.Select(p => p.RemoteTrack));
                all.Add(lab.MicrophonePublication);
                lab.NoteTree();
                Scenario.Stage("dispose on eight threads");
                List<Exception> thrown = new List<Exception>();
                Barrier start = new Barrier(8);
                Thread[] threads = new Thread[8];
                for (int i = 0; i < threads.Length; i++)
                {
                    int offset = i;
                    threads[i] = new Thread(delegate()
                    {
                        start.SignalAndWait();
                        for (int round = 0; round < 2; round++)
                        {
                            for (int k = 0; k < all.Count; k++)
                            {
                                try
                                {
                                    all[(k + offset) % all.Count].Dispose();
                                }
                                catch (Exception error)
                                {
                                    lock (thrown)
                                    {
                                        thrown.Add(error);
                                    }
                                }
                            }
                        }
                    });
                    threads[i].Start();
                }

                foreach (Thread thread in threads)
                {
                    Check.That("L11", thread.Join(Lab.DeadlineMilliseconds), "a thread hangs in Dispose");
                }

                Check.Same("L11", new Exception[0], thrown, "what Dispose threw");
                lab.EndedOnce(DisconnectReason.ClientInitiated);
                lab.NothingLeft("L11");
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>Handlers that throw stop neither each other's events nor the cascade; their errors surface.</summary>
        public static string HandlersThrow(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Connect(delegate(Room room)
                {
                    room.ParticipantConnected += delegate { throw new InvalidOperationException("connected"); };
                    room.ParticipantDisconnected += delegate { throw new InvalidOperationException("disconnected"); };
                    room.TrackUnpublished += delegate { throw new InvalidOperationException("unpublished"); };
                    room.DataPacketReceived += delegate { throw new InvalidOperationException("packet"); };
                });
                lab.Room.Disconnected += delegate { throw new InvalidOperationException("ended"); };
                RemoteParticipant other = lab.Join();
                AudioStream stream = other.RemoteTrackPublications.Single(p => p.Kind == TrackKind.Audio).RemoteTrack.NewAudioStream();
                int frames = 0;
                stream.FrameReceived += delegate(AudioStream sender, in AudioStreamFrameReceivedEventArgs e)
                {
                    Interlocked.Increment(ref frames);
                    throw new InvalidOperationException("frame");
                };
                lab.NoteTree();
                Scenario.Stage("events whose handlers throw");
                lab.Client.ControlEmitFrames(lab.RoomName, stream.Track.TrackPublication.Sid, 2);
                Check.Soon("L15", delegate { return Volatile.Read(ref frames) == 2; }, "no second frame after a handler that threw");
                lab.Client.ControlSendData(lab.RoomName, "other", new byte[] { 1 });
                lab.Client.ControlLeave(lab.RoomName, "other");
                lab.Alive(rooms: 1, participants: 1, rule: "L11");
                Operation leaving = lab.Room.DisconnectAsync();
                Check.Ends("L11", leaving, "disconnect");
                lab.NothingLeft("L11");
                string[] expected = { "connected", "disconnected", "ended", "frame", "frame", "packet", "unpublished", "unpublished" };
                Check.Soon("L11", delegate { return lab.Reports.Count >= expected.Length; }, "not every error surfaced");
                Check.Same("L11", expected, lab.Reports.Select(r => r.Exception.Message).OrderBy(m => m), "errors that surfaced");
                return "null";
            }
        }

        /// <summary>Use after the end is an error that names what was used.</summary>
        public static string AfterDispose(string arguments)
        {
            Lab lab = new Lab();
            lab.Connect();
            lab.Publish();
            RemoteParticipant other = lab.Join();
            RemoteTrackPublication publication = other.RemoteTrackPublications[0];
            RemoteTrack track = publication.RemoteTrack;
            LocalParticipant me = lab.Room.LocalParticipant;
            LocalTrack own = lab.MicrophonePublication.LocalTrack;
            Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
            lab.Microphone.Dispose();
            lab.Camera.Dispose();
            lab.Microphone.Dispose();
            Gone("Room", delegate { lab.Room.GetSessionStatsAsync(); });
            Gone("LocalParticipant", delegate { me.SetLocalNameAsync("n"); });
            Gone("LocalParticipant", delegate { me.PublishTrackAsync(own, new TrackPublishOptions()); });
            Gone("RemoteTrackPublication", delegate { publication.SetSubscribed(true); });
            Gone("RemoteTrack", delegate { track.SetEnabled(true); });
            Gone("RemoteTrack", delegate { track.NewAudioStream(); });
            Gone("LocalTrack", delegate { own.Mute(true); });
            Gone("AudioSource", delegate { lab.Microphone.ClearAudioBuffer(); });
            Gone("AudioSource", delegate { lab.Microphone.CaptureFrame(new short[480]); });
            Gone("AudioSource", delegate { lab.Client.CreateAudioTrack("t", lab.Microphone); });
            lab.Room.Dispose();
            Check.Ends("L11", lab.Room.DisconnectAsync(), "disconnect of a room that has ended");
            lab.NothingLeft("L13");
            lab.NothingReported();
            ReferenceClient client = lab.Client;
            lab.Dispose();
            client.Dispose();
            Gone("ReferenceClient", delegate { client.NewAudioResampler(); });
            Gone("ReferenceClient", delegate { client.ConnectAsync("ref://local/x", "me", new RoomOptions()); });
            Gone("ReferenceClient", delegate { client.ControlDiagnostics(); });
            return "null";
        }

        /// <summary>A handle that is given to a request stays until its callback, whoever disposes the object meanwhile.</summary>
        public static string DisposeDuringCalls(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Connect();
                AudioSource source = lab.Client.NewAudioSource(sampleRate: 48000, numChannels: 1);
                for (int i = 0; i < 50; i++)
                {
                    LocalTrack track = lab.Client.CreateAudioTrack("track", source);
                    Operation<LocalTrackPublication> publishing = lab.Room.LocalParticipant.PublishTrackAsync(
                        track, new TrackPublishOptions { Source = TrackSource.Microphone }, true);
                    // The library looks the track up after its response.
                    track.Dispose();
                    LocalTrackPublication publication = Check.Ends("L13", Named("L13", publishing), "publish_track");
                    Check.Ends("L13", lab.Room.LocalParticipant.UnpublishTrackAsync(publication, false), "unpublish_track");
                    Check.Soon("L7", delegate { return publication.IsDisposed; }, "the publication is still alive");
                }

                source.Dispose();
                lab.Alive(rooms: 1, participants: 1, rule: "L13");
                Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
                lab.NothingLeft("L13");
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>The callback of every operation comes before its response.</summary>
        public static string CallbackFirst(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Client.ControlSetFaults(new Faults { CallbackBeforeResponse = true });
                lab.Connect();
                lab.Publish();
                lab.Join();
                Check.Ends("L14", lab.Room.LocalParticipant.SetLocalNameAsync("name"), "set_local_name");
                Check.Ends("L14", lab.Room.GetSessionStatsAsync(), "get_session_stats");
                Check.Ends("L14", lab.Microphone.CaptureFrameAsync(new short[480]), "capture_audio_frame");
                Check.Ends("L14", lab.Room.LocalParticipant.UnpublishTrackAsync(lab.CameraPublication, true), "unpublish_track");
                Operation<Room> refused = lab.Client.ConnectAsync("refuse://local/x", "me", new RoomOptions());
                Check.Throws<ReferenceException>("L14", delegate { refused.Wait(Lab.DeadlineMilliseconds); }, "a connect that is refused");
                lab.Alive(rooms: 1, participants: 2, publications: 3, tracks: 3, audioSources: 1, videoSources: 1);
                lab.NoteTree();
                Check.Ends("L14", lab.Room.DisconnectAsync(), "disconnect");
                lab.Microphone.Dispose();
                lab.Camera.Dispose();
                lab.EndedOnce(DisconnectReason.ClientInitiated);
                lab.NothingLeft("L14");
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>A refused request is an exception that names it; no response buffer is left by any request.</summary>
        public static string Refusals(string arguments)
        {
            using (Lab lab = new Lab())
            {
                ReferenceException error = Check.Throws<ReferenceException>(
                    "L3", delegate { lab.Client.ControlEndRoom("no such room"); }, "a request that the library refuses");
                Check.Equal("L3", "control_end_room", error.Operation, "the operation of the error");
                Check.That("L3", error.Message.StartsWith("control_end_room"), "the message does not name the request: " + error.Message);
                error = Check.Throws<ReferenceException>(
                    "L3", delegate { lab.Client.ControlMute("no such room", "TR_x", true); }, "a request without an answer that the library refuses");
                Check.Equal("L3", "control_mute", error.Operation, "the operation of the error");
                ulong droppedBefore = lab.Client.ControlDiagnostics().ResponseBuffersDropped;
                byte[] raw = lab.Client.Request(new FfiRequest { ControlDiagnostics = new ControlDiagnosticsRequest() }.ToByteArray());
                Check.That("L3", FfiResponse.Parse(raw).ControlDiagnostics != null, "the raw layer brought something else");
                Check.Throws<ReferenceException>("L3", delegate { lab.Client.Request(new byte[] { 255 }); }, "a raw request that is no message");
                lab.Client.ControlJoin(lab.RoomName, "x");
                lab.Client.ControlLeave(lab.RoomName, "x");
                Check.Equal("L3", droppedBefore + 4, lab.Client.ControlDiagnostics().ResponseBuffersDropped, "response buffers that were released");
                Check.Equal("L3", 0, lab.Client.ControlDiagnostics().Kinds.Count, "kinds of what is alive");
                lab.NothingLeft("L3");
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>An operation can be awaited, waited for, cancelled, and yielded from a coroutine.</summary>
        public static string Operations(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Connect();
                LocalParticipant me = lab.Room.LocalParticipant;
                Scenario.Stage("as a coroutine");
                IEnumerator coroutine = me.SetLocalNameAsync("a");
                Check.That("L21", Scenario.Until(delegate { return !coroutine.MoveNext(); }, Lab.DeadlineMilliseconds), "a coroutine that yields it never goes on");
                Check.That("L21", coroutine.Current == null, "it yields something");

                Scenario.Stage("await");
                Awaiting awaiting = new Awaiting(lab.Client);
                awaiting.Run(lab.Room);
                Check.Soon("L21", delegate { return awaiting.Done; }, "an awaited operation never went on");
                Check.Same("L21", new string[0], awaiting.Wrong, "what went wrong while awaiting");

                Scenario.Stage("wait on the wrong thread");
                Exception waited = null;
                bool ran = false;
                lab.Room.ParticipantNameChanged += delegate
                {
                    if (ran)
                    {
                        return;
                    }

                    try
                    {
                        me.SetLocalMetadataAsync("m").Wait();
                    }
                    catch (InvalidOperationException error)
                    {
                        waited = error;
                    }

                    ran = true;
                };
                lab.Client.ControlJoin(lab.RoomName, "other");
                lab.Client.ControlUpdate(lab.RoomName, "other", name: "new");
                Check.Soon("L21", delegate { return ran; }, "waiting on the dispatch thread never ended");
                Check.That("L21", waited != null && waited.Message.Contains("set_local_metadata"), "waiting on the dispatch thread is no error: " + waited);

                Scenario.Stage("cancel");
                // Both answers come while the dispatcher is busy, so each finds its operation given up.
                ManualResetEvent go = lab.KeepBusy();
                Operation cancelled = lab.Client.ConnectAsync("ref://local/other room", "me", new RoomOptions());
                CancellationTokenSource source = new CancellationTokenSource();
                source.Cancel();
                Operation never = lab.Client.ConnectAsync("ref://local/other room", "me too", new RoomOptions(), null, source.Token);
                Check.Soon("L8", delegate { return lab.Client.ControlDiagnostics().Handles.Rooms == 3; }, "the answers did not come");
                cancelled.Cancel();
                go.Set();
                Check.Throws<OperationCanceledException>("L8", delegate { cancelled.Wait(Lab.DeadlineMilliseconds); }, "an operation that was cancelled");
                Check.That("L8", cancelled.IsCompleted && cancelled.IsCanceled && cancelled.Error is OperationCanceledException, "its state");
                Check.Throws<OperationCanceledException>("L8", delegate { never.Wait(Lab.DeadlineMilliseconds); }, "an operation whose token was cancelled");
                lab.Alive(rooms: 1, participants: 2, rule: "L8");
                Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
                lab.NothingLeft("L8");
                lab.NothingReported("L8");
                return "null";
            }
        }

        /// <summary>What the callback of an operation brings for which nobody waits any more is released.</summary>
        public static string LateCallback(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Connect();
                lab.Client.ControlJoin(lab.RoomName, "other");
                AudioSource source = lab.Client.NewAudioSource(sampleRate: 48000, numChannels: 1);
                LocalTrack track = lab.Client.CreateAudioTrack("late", source);
                lab.Alive(rooms: 1, participants: 2, tracks: 1, audioSources: 1);
                ManualResetEvent go = lab.KeepBusy();
                Operation<LocalTrackPublication> publishing = lab.Room.LocalParticipant.PublishTrackAsync(
                    track, new TrackPublishOptions { Source = TrackSource.Microphone });
                Check.Soon("L8", delegate { return lab.Client.ControlDiagnostics().Handles.Publications == 1; }, "the answer did not come");
                publishing.Cancel();
                go.Set();
                Check.Throws<OperationCanceledException>("L8", delegate { publishing.Wait(Lab.DeadlineMilliseconds); }, "an operation that was cancelled");
                lab.Alive(rooms: 1, participants: 2, tracks: 1, audioSources: 1, rule: "L8");
                Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
                track.Dispose();
                source.Dispose();
                lab.NothingLeft("L8");
                lab.NothingReported("L8");
                return "null";
            }
        }

        /// <summary>With a synchronization context, handlers and continuations run there, and nowhere else.</summary>
        public static string CapturedContext(string arguments)
        {
            SynchronizationContext before = SynchronizationContext.Current;
            Pump pump = new Pump();
            SynchronizationContext.SetSynchronizationContext(pump);
            try
            {
                List<string> elsewhere = new List<string>();
                Thread here = Thread.CurrentThread;
                Lab lab = null;
                Awaiting awaiting = null;
                lab = new Lab();
                Room room = null;
                int events = 0;
                Operation<Room> connecting = lab.Client.ConnectAsync("ref://local/" + lab.RoomName, "me", new RoomOptions(), delegate(Room r)
                {
                    if (Thread.CurrentThread != here)
                    {
                        elsewhere.Add("configure");
                    }

                    r.ParticipantConnected += delegate
                    {
                        if (Thread.CurrentThread != here)
                        {
                            elsewhere.Add("an event");
                        }

                        events++;
                    };
                    r.Disconnected += delegate
                    {
                        if (Thread.CurrentThread != here)
                        {
                            elsewhere.Add("the end");
                        }
                    };
                });
                Check.That("L21", pump.Until(delegate { return connecting.IsCompleted; }), "connect never ended");
                room = connecting.Result;
                awaiting = new Awaiting(lab.Client);
                awaiting.Run(room);
                lab.Client.ControlJoin(lab.RoomName, "other");
                Check.That("L21", pump.Until(delegate { return awaiting.Done && events == 1; }), "the context was not asked to run everything");
                Check.Same("L21", new string[0], awaiting.Wrong, "what went wrong while awaiting");
                Operation leaving = room.DisconnectAsync();
                Check.That("L21", pump.Until(delegate { return leaving.IsCompleted; }), "disconnect never ended");
                Check.Same("L21", new string[0], elsewhere, "what ran on another thread");
                lab.NothingLeft("L21");
                lab.NothingReported();
                lab.Dispose();
                return "null";
            }
            finally
            {
                SynchronizationContext.SetSynchronizationContext(before);
            }
        }

        /// <summary>Without a context, handlers and continuations run on one thread, which is not the library's.</summary>
        public static string DispatchThread(string arguments)
        {
            using (Lab lab = new Lab())
            {
                HashSet<string> threads = new HashSet<string>();
                Action note = delegate
                {
                    lock (threads)
                    {
                        threads.Add(Thread.CurrentThread.ManagedThreadId + " " + Thread.CurrentThread.Name + " " + ReferenceClient.IsInsideCallback);
                    }
                };
                lab.Connect(delegate(Room room)
                {
                    note();
                    room.ParticipantConnected += delegate { note(); };
                    room.TrackSubscribed += delegate { note(); };
                    room.Disconnected += delegate { note(); };
                });
                lab.Join();
                lab.Join("another");
                Awaiting awaiting = new Awaiting(lab.Client);
                awaiting.Run(lab.Room);
                Check.Soon("L21", delegate { return awaiting.Done; }, "an awaited operation never went on");
                Check.Same("L21", new string[0], awaiting.Wrong, "what went wrong while awaiting");
                Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
                Check.Equal("L21", 1, threads.Count, "threads on which user code ran: " + string.Join("; ", threads));
                Check.That("L21", threads.Single().EndsWith(" ReferenceClient dispatch False"), "the thread: " + threads.Single());
                lab.NothingLeft("L21");
                lab.NothingReported();
                return "null";
            }
        }

        /// <summary>The native side's pointer to the callback stays good when everything else was collected.</summary>
        public static string CallbackIsRooted(string arguments)
        {
            using (Lab lab = new Lab())
            {
                for (int i = 0; i < 5; i++)
                {
                    byte[][] garbage = new byte[200][];
                    for (int k = 0; k < garbage.Length; k++)
                    {
                        garbage[k] = new byte[10000];
                    }

                    Scenario.CollectGarbage();
                }

                Scenario.Stage("events after a collection");
                lab.Connect();
                lab.Join();
                Check.Ends("L15", lab.Room.DisconnectAsync(), "disconnect");
                lab.NothingLeft("L15");
                lab.NothingReported();
                return "null";
            }
        }

        private static Operation<T> Named<T>(string rule, Operation<T> operation)
        {
            try
            {
                operation.Wait(Lab.DeadlineMilliseconds);
            }
            catch (ReferenceException error)
            {
                throw new RuleBrokenException(rule, "an operation failed: " + error.Message);
            }

            return operation;
        }

        private static void Gone(string name, Action use)
        {
            ObjectDisposedException error = Check.Throws<ObjectDisposedException>("L13", use, "use of a " + name + " after its end");
            Check.Equal("L13", name, error.ObjectName, "what the error names");
        }

        /// <summary>Awaits operations and writes down where it went on elsewhere than user code runs.</summary>
        private sealed class Awaiting
        {
            private readonly ReferenceClient _client;

            public Awaiting(ReferenceClient client)
            {
                _client = client;
                Wrong = new List<string>();
            }

            public List<string> Wrong { get; private set; }

            public bool Done { get; private set; }

            public async void Run(Room room)
            {
                try
                {
                    await room.LocalParticipant.SetLocalNameAsync("b");
                    Here("after an operation");
                    GetSessionStatsCallback.ResultType stats = await room.GetSessionStatsAsync();
                    Here("after an operation with a result");
                    if (stats == null)
                    {
                        Wrong.Add("the result is missing");
                    }

                    Operation completed = room.LocalParticipant.SetLocalMetadataAsync("c");
                    while (!completed.IsCompleted)
                    {
                        await room.LocalParticipant.SetLocalNameAsync("d");
                    }

                    await completed;
                    Here("after an operation that had ended");
                    try
                    {
                        await _client.ConnectAsync("refuse://local/x", "me", new RoomOptions());
                        Wrong.Add("a connect that is refused succeeded");
                    }
                    catch (ReferenceException)
                    {
                        Here("after an operation that failed");
                    }
                }
                catch (Exception error)
                {
                    Wrong.Add(error.ToString());
                }

                Done = true;
            }

            private void Here(string when)
            {
                if (!_client.Dispatcher.IsCurrent || ReferenceClient.IsInsideCallback)
                {
                    Wrong.Add(when + " on thread " + Thread.CurrentThread.Name);
                }
            }
        }

        /// <summary>A main thread's loop, as Unity has one.</summary>
    }
}
