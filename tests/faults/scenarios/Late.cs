// Operations that are given up, with callbacks that come later, twice or never.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    public static class Late
    {
        /// <summary>Cancelled, and given up after a wait, before the callback comes.</summary>
        public static string CallbackComesLater(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Connect();
                AudioSource source = lab.Client.NewAudioSource(sampleRate: 48000, numChannels: 1);
                LocalTrack track = lab.Client.CreateAudioTrack("late", source);
                lab.Client.ControlHoldCallbacks(lab.RoomName);
                lab.Client.ControlHoldCallbacks("elsewhere");
                List<Operation> started = Start(lab, track);
                CancellationTokenSource cancellation = new CancellationTokenSource();
                started.Add(lab.Client.ConnectAsync("ref://local/elsewhere", "by token", new RoomOptions(), null, cancellation.Token));
                Check.Soon("L8", delegate { return lab.Client.ControlDiagnostics().HeldCallbacks == started.Count; }, "not every callback is held");
                Check.That("L8", !started[0].Wait(0), "an operation whose callback is held has ended");
                cancellation.Cancel();
                foreach (Operation operation in started)
                {
                    operation.Cancel();
                    Check.Throws<OperationCanceledException>("L8", delegate { operation.Wait(Lab.DeadlineMilliseconds); }, "an operation that was cancelled");
                }

                lab.Client.ControlReleaseCallbacks(lab.RoomName);
                lab.Client.ControlReleaseCallbacks("elsewhere");
                lab.Alive(rooms: 1, participants: 1, tracks: 1, audioSources: 1, rule: "L8");
                Check.Equal("L8", 1u, lab.Client.ControlDiagnostics().Sessions, "sessions after a connect that nobody waits for");
                Check.Ends("L8", lab.Room.DisconnectAsync(), "disconnect");
                track.Dispose();
                source.Dispose();
                lab.NothingLeft("L8");
                lab.NothingReported("L8");
                return "null";
            }
        }

        /// <summary>Callbacks that come twice bring what they bring once.</summary>
        public static string CallbackComesTwice(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Client.ControlSetFaults(new Faults { CallbackFate = CallbackFate.Twice });
                lab.Connect();
                lab.Publish();
                lab.Join();
                ByteStreamWriter writer = Check.Ends(
                    "L8", lab.Room.LocalParticipant.OpenByteStreamAsync(new StreamByteOptions { Topic = "t" }), "byte_stream_open");
                lab.Alive(rooms: 1, participants: 2, publications: 4, tracks: 4, audioSources: 1, videoSources: 1, other: 1, rule: "L8");
                // The second callback of each is there before the first was dealt with.
                ManualResetEvent go = lab.KeepBusy();
                Operation<ByteStreamWriter> another = lab.Room.LocalParticipant.OpenByteStreamAsync(new StreamByteOptions { Topic = "t" });
                Operation<Room> second = lab.Client.ConnectAsync("ref://local/" + lab.RoomName, "second", new RoomOptions());
                Operation<Room> third = lab.Client.ConnectAsync("ref://local/" + lab.RoomName, "third", new RoomOptions());
                Check.Soon("L8", delegate { return lab.Client.ControlDiagnostics().Handles.Rooms == 3; }, "the answers did not come");
                third.Cancel();
                go.Set();
                Check.Ends("L8", another, "byte_stream_open");
                Check.Ends("L8", Check.Ends("L8", second, "connect").DisconnectAsync(), "disconnect");
                Check.Throws<OperationCanceledException>("L8", delegate { third.Wait(Lab.DeadlineMilliseconds); }, "an operation that was cancelled");
                lab.Alive(rooms: 1, participants: 2, publications: 4, tracks: 4, audioSources: 1, videoSources: 1, other: 2, rule: "L8");
                Check.Ends("L8", lab.Room.DisconnectAsync(), "disconnect");
                lab.Microphone.Dispose();
                lab.Camera.Dispose();
                lab.NothingLeft("L8");
                lab.NothingReported("L8");
                return Json.Text(writer.IsDisposed);
            }
        }

        /// <summary>Callbacks never come: who waits is released by the cancellation, the end of the room, or of the client.</summary>
        public static string CallbackNeverComes(string arguments)
        {
            Lab lab = new Lab();
            lab.Connect();
            AudioSource source = lab.Client.NewAudioSource(sampleRate: 48000, numChannels: 1);
            LocalTrack track = lab.Client.CreateAudioTrack("late", source);
            lab.Client.ControlSetFaults(new Faults { CallbackFate = CallbackFate.Never });
            List<Operation> started = Start(lab, track);
            Operation cancelled = lab.Room.LocalParticipant.SetLocalNameAsync("n");
            cancelled.Cancel();
            Check.Throws<OperationCanceledException>("L8", delegate { cancelled.Wait(Lab.DeadlineMilliseconds); }, "an operation that was cancelled");
            Check.Ends("L8", lab.Room.DisconnectAsync(), "disconnect");
            foreach (Operation operation in started.Skip(1))
            {
                Check.Throws<ObjectDisposedException>("L8", delegate { operation.Wait(Lab.DeadlineMilliseconds); }, "an operation whose room has ended");
            }

            track.Dispose();
            source.Dispose();
            lab.NothingLeft("L8");
            Check.That("L8", !started[0].IsCompleted, "a connect without an answer has ended");
            lab.Client.Dispose();
            Check.Throws<ObjectDisposedException>("L8", delegate { started[0].Wait(Lab.DeadlineMilliseconds); }, "a connect whose client has ended");
            lab.NothingReported("L8");
            lab.Dispose();
            return "null";
        }

        /// <summary>A connect whose callback is there, and not dealt with yet, when the client ends.</summary>
        public static string ConnectedWhileTheClientEnds(string arguments)
        {
            for (int way = 0; way < 2; way++)
            {
                Lab lab = new Lab();
                lab.Connect();
                lab.Client.ControlJoin(lab.RoomName, "other");
                ManualResetEvent go = lab.KeepBusy();
                Operation<Room> second = lab.Client.ConnectAsync("ref://local/second", "me", new RoomOptions());
                Check.Soon("L8", delegate { return lab.Client.ControlDiagnostics().Handles.Rooms == 2; }, "the answer did not come");
                if (way == 1)
                {
                    second.Cancel();
                }

                Thread disposing = new Thread(lab.Client.Dispose);
                disposing.Start();
                Check.Soon("L16", delegate { return lab.Client.IsDisposed; }, "the client is not disposed");
                go.Set();
                Check.That("L8", disposing.Join(Lab.DeadlineMilliseconds), "Dispose of the client hangs");
                Check.Soon("L8", delegate { return second.IsCompleted; }, "who waits for the connect waits for ever");
                Check.Equal("L8", 0, LiveHandles.Total, "handles that are alive after the client");
                lab.NothingReported("L8");
                lab.Dispose();
                using (ReferenceClient next = ReferenceClient.Initialize())
                {
                    Check.Equal("L8", 0u, next.ControlDiagnostics().Sessions, "sessions after the client");
                    lab.DropsAreRight(next.ControlDiagnostics(true).Drops);
                }
            }

            return "null";
        }

        /// <summary>A connect, a publication and a stream, none of which has ended.</summary>
        private static List<Operation> Start(Lab lab, LocalTrack track)
        {
            return new List<Operation>
            {
                lab.Client.ConnectAsync("ref://local/elsewhere", "me", new RoomOptions()),
                lab.Room.LocalParticipant.PublishTrackAsync(track, new TrackPublishOptions { Source = TrackSource.Microphone }),
                lab.Room.LocalParticipant.OpenByteStreamAsync(new StreamByteOptions { Topic = "t" }),
                lab.Room.LocalParticipant.OpenTextStreamAsync(new StreamTextOptions { Topic = "t" }),
            };
        }
    }
}
