// Operations for which nobody waits any more, with each fate of their callbacks.
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
    public static class GivenUp
    {
        private delegate void Way(Lab lab, List<Operation> started, CancellationTokenSource source);

        /// <summary>The callback comes after the operation was cancelled, had timed out, or its room or client had ended.</summary>
        public static string ThenAnsweredLate(string arguments)
        {
            return Every(CallbackFate.Normal);
        }

        /// <summary>It comes then, and comes again.</summary>
        public static string ThenAnsweredTwice(string arguments)
        {
            return Every(CallbackFate.Twice);
        }

        /// <summary>It never comes.</summary>
        public static string ThenNeverAnswered(string arguments)
        {
            return Every(CallbackFate.Never);
        }

        /// <summary>Operations that their caller forgot: a room that one brings is kept by the client until it ends.</summary>
        public static string Forgotten(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Connect();
                lab.Client.ControlHoldCallbacks(lab.RoomName);
                lab.Client.ControlHoldCallbacks("elsewhere");
                Thread forgetting = new Thread(delegate() { Forget(lab); });
                forgetting.Start();
                forgetting.Join();
                Check.Soon("L8", delegate { return lab.Client.ControlDiagnostics().HeldCallbacks == 3; }, "not every callback is held");
                lab.Client.ControlReleaseCallbacks(lab.RoomName);
                lab.Client.ControlReleaseCallbacks("elsewhere");
                Check.Soon("L8", delegate { return LiveHandles.Count(HandleKind.Room) == 2; }, "the second room did not come");
                Scenario.CollectGarbage();
                lab.Alive(rooms: 2, participants: 2, other: 2, rule: "L12");
                lab.Client.ControlEndRoom("elsewhere");
                Check.Soon("L5", delegate { return LiveHandles.Count(HandleKind.Room) == 1; }, "the second room did not end");
                Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
                lab.NothingLeft("L8");
                return "null";
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void Forget(Lab lab)
        {
            Check.That("L8", !lab.Client.ConnectAsync("ref://local/elsewhere", "me", new RoomOptions()).Wait(1), "a connect whose callback is held has ended");
            lab.Room.LocalParticipant.OpenByteStreamAsync(new StreamByteOptions { Topic = "t" });
            lab.Room.LocalParticipant.OpenTextStreamAsync(new StreamTextOptions { Topic = "t" });
        }

        private static string Every(CallbackFate fate)
        {
            Scenario.Stage("cancelled");
            Stays(fate, delegate(Lab lab, List<Operation> started, CancellationTokenSource source)
            {
                foreach (Operation operation in started)
                {
                    operation.Cancel();
                }
            });
            Scenario.Stage("cancelled by their token");
            Stays(fate, delegate(Lab lab, List<Operation> started, CancellationTokenSource source) { source.Cancel(); });
            Scenario.Stage("timed out by their token");
            Stays(fate, delegate(Lab lab, List<Operation> started, CancellationTokenSource source) { source.CancelAfter(1); });
            Scenario.Stage("timed out while somebody waited");
            Stays(fate, delegate(Lab lab, List<Operation> started, CancellationTokenSource source)
            {
                foreach (Operation operation in started)
                {
                    Check.That("L8", !operation.Wait(1), "an operation that is not answered has ended");
                    operation.Cancel();
                }
            });
            Scenario.Stage("the room ends");
            RoomEnds(fate);
            Scenario.Stage("the client ends");
            ClientEnds(fate);
            return "null";
        }

        /// <summary>The room goes on, and is as it was.</summary>
        private static void Stays(CallbackFate fate, Way giveUp)
        {
            using (Lab lab = new Lab())
            using (Flight flight = new Flight(lab, fate))
            {
                giveUp(lab, flight.Started, flight.Source);
                foreach (Operation operation in flight.Started)
                {
                    Check.Throws<OperationCanceledException>("L8", delegate { operation.Wait(Lab.DeadlineMilliseconds); }, "an operation that was given up");
                    Check.That("L8", operation.IsCanceled, "its state");
                }

                flight.Land();
                Check.Soon("L8", delegate { return lab.Client.ControlDiagnostics().Sessions == 1; }, "a connect that nobody waits for stays connected");
                lab.Alive(rooms: 1, participants: 1, tracks: 1, audioSources: 1, rule: "L8");
                Check.Ends("L8", lab.Room.LocalParticipant.SetLocalNameAsync("n"), "set_local_name afterwards");
                Check.Ends("L8", lab.Room.DisconnectAsync(), "disconnect");
                flight.Gone();
                lab.NothingLeft("L8");
                lab.NothingReported("L8");
            }
        }

        /// <summary>What belongs to the room ends with it; the connect does not.</summary>
        private static void RoomEnds(CallbackFate fate)
        {
            using (Lab lab = new Lab())
            using (Flight flight = new Flight(lab, fate))
            {
                Check.Ends("L8", lab.Room.DisconnectAsync(), "disconnect");
                foreach (Operation operation in flight.Started.Skip(1))
                {
                    Check.Throws<ObjectDisposedException>("L8", delegate { operation.Wait(Lab.DeadlineMilliseconds); }, "an operation whose room has ended");
                }

                Check.That("L8", !flight.Started[0].IsCompleted, "a connect ended with another room");
                flight.Started[0].Cancel();
                Check.Throws<OperationCanceledException>("L8", delegate { flight.Started[0].Wait(Lab.DeadlineMilliseconds); }, "a connect that was cancelled");
                flight.Land();
                flight.Gone();
                lab.NothingLeft("L8");
                lab.NothingReported("L8");
            }
        }

        /// <summary>Every waiter is released, and the next client finds nothing.</summary>
        private static void ClientEnds(CallbackFate fate)
        {
            Lab lab = new Lab();
            Flight flight = new Flight(lab, fate);
            lab.Client.Dispose();
            foreach (Operation operation in flight.Started)
            {
                Check.Throws<ObjectDisposedException>("L8", delegate { operation.Wait(Lab.DeadlineMilliseconds); }, "an operation whose client has ended");
            }

            Check.Equal("L8", 0, LiveHandles.Total, "handles that are alive after the client: " + LiveHandles.Line());
            Check.Equal("L5", 1, lab.Ends.Count, "how often Disconnected was raised");
            lab.NothingReported("L8");
            lab.Dispose();
            using (ReferenceClient next = ReferenceClient.Initialize())
            {
                ControlDiagnosticsResponse now = null;
                Check.Soon(
                    "L8",
                    delegate
                    {
                        now = next.ControlDiagnostics();
                        return now.Handles.Total == 0 && now.Sessions == 0;
                    },
                    delegate { return "of the client remain " + now.Sessions + " sessions and " + now.Line; });
            }
        }

        /// <summary>A connect, a publication and two streams whose requests are sent and that nobody has answered.</summary>
        private sealed class Flight : IDisposable
        {
            private readonly Lab _lab;
            private readonly AudioSource _source;
            private readonly LocalTrack _track;

            internal Flight(Lab lab, CallbackFate fate)
            {
                _lab = lab;
                lab.Connect();
                _source = lab.Client.NewAudioSource(sampleRate: 48000, numChannels: 1);
                _track = lab.Client.CreateAudioTrack("late", _source);
                lab.Client.ControlHoldCallbacks(lab.RoomName);
                lab.Client.ControlHoldCallbacks("elsewhere");
                lab.Client.ControlSetFaults(new Faults { CallbackFate = fate });
                LocalParticipant me = lab.Room.LocalParticipant;
                Source = new CancellationTokenSource();
                Started = new List<Operation>
                {
                    lab.Client.ConnectAsync("ref://local/elsewhere", "me", new RoomOptions(), null, Source.Token),
                    me.PublishTrackAsync(_track, new TrackPublishOptions { Source = TrackSource.Microphone }, false, Source.Token),
                    me.OpenByteStreamAsync(new StreamByteOptions { Topic = "t" }, Source.Token),
                    me.OpenTextStreamAsync(new StreamTextOptions { Topic = "t" }, Source.Token),
                };
                Check.Soon("L8", delegate { return lab.Client.ControlDiagnostics().HeldCallbacks == Started.Count; }, "not every callback is held");
            }

            internal CancellationTokenSource Source { get; private set; }

            internal List<Operation> Started { get; private set; }

            /// <summary>Lets the callbacks through, to their fate; later ones are as usual.</summary>
            internal void Land()
            {
                _lab.Client.ControlReleaseCallbacks(_lab.RoomName);
                _lab.Client.ControlReleaseCallbacks("elsewhere");
                Check.Soon("L8", delegate { return _lab.Client.ControlDiagnostics().Tasks.All(t => t.Name != "operation"); }, "operations of the library go on");
                _lab.Client.ControlSetFaults(new Faults());
            }

            internal void Gone()
            {
                _track.Dispose();
                _source.Dispose();
            }

            public void Dispose()
            {
                Source.Dispose();
            }
        }
    }
}
