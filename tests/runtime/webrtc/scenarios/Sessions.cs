// Lives of peer connections: how they meet, and every way in which they end.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;
using GenBindings.Harness;
using WebRtc.Ffi;
using WebRtc.Ffi.Messages;

namespace Scenarios
{
    public static class Sessions
    {
        /// <summary>A data channel with many messages and media, both ways; both peers close.</summary>
        public static string TwoPeers(string json)
        {
            Arguments arguments = new Arguments(json);
            using (Lab lab = new Lab())
            {
                Peer one = lab.NewPeer();
                Peer two = lab.NewPeer();
                LocalTrack picture = lab.Client.CreateLocalTrack("picture", "one", Codec.Vp8);
                LocalTrack sound = lab.Client.CreateLocalTrack("sound", "two", Codec.Opus);
                Transceiver sending = Check.Ends(one.Connection.AddTrackAsync(picture), "add_track");
                Check.That(ReferenceEquals(sending.LocalTrack, picture), "the transceiver has not taken its track");
                Check.Ends(one.Connection.AddTransceiverAsync(MediaKind.Audio, Direction.ReceiveOnly), "add_transceiver");
                DataChannel near = Check.Ends(one.Connection.CreateDataChannelAsync("chat", "lines"), "create_data_channel");
                Func<bool> opened = Lab.Opening(near);
                Inbox nearInbox = new Inbox(near);
                Inbox farInbox = null;
                two.Connection.DataChannelArrived += delegate(object sender, DataChannelArrivedEventArgs e)
                {
                    farInbox = new Inbox(e.Channel);
                };
                Check.Ends(two.Connection.AddTrackAsync(sound), "add_track");
                Scenario.Stage("negotiate");
                Lab.Negotiate(one, two);
                DataChannel far = Lab.Open(near, two, opened);
                Check.Equal("lines", far.Protocol, "protocol of the channel that arrived");

                Scenario.Stage("messages");
                int messages = arguments.Number("messages", 1000) / 2;
                List<string> expected = new List<string>();
                List<Operation> sent = new List<Operation>();
                for (int i = 0; i < messages; i++)
                {
                    if (i % 2 == 0)
                    {
                        string text = "message " + i + " ünï";
                        expected.Add(text);
                        sent.Add(near.SendTextAsync(text));
                        sent.Add(far.SendTextAsync(text));
                    }
                    else
                    {
                        byte[] bytes = new byte[1 + i];
                        bytes[0] = (byte)i;
                        expected.Add("bytes " + bytes.Length + " of " + bytes[0]);
                        sent.Add(near.SendBytesAsync(bytes));
                        sent.Add(far.SendBytesAsync(bytes));
                    }
                }

                foreach (Operation operation in sent)
                {
                    Check.Ends(operation, "a message");
                }

                Check.Soon(
                    delegate { return farInbox.Messages.Count == messages && nearInbox.Messages.Count == messages; },
                    delegate { return "of " + messages + " messages " + farInbox.Messages.Count + " and " + nearInbox.Messages.Count + " arrived"; });
                Check.That(expected.SequenceEqual(farInbox.Messages), "messages at the far end differ");
                Check.That(expected.SequenceEqual(nearInbox.Messages), "messages at the near end differ");

                Scenario.Stage("media");
                byte[] sample = new byte[3000];
                Check.Soon(
                    delegate
                    {
                        picture.WriteSample(sample, 33000);
                        sound.WriteSample(new ReadOnlySpan<byte>(sample, 0, 160), 20000);
                        return one.Packets >= 20 && two.Packets >= 20;
                    },
                    delegate { return "packets: " + one.Packets + " and " + two.Packets + ", tracks " + one.Tracks + " and " + two.Tracks; });
                Check.That(two.PayloadBytes > two.Packets * 500, "pictures arrived without their bytes: " + two.PayloadBytes);

                IList<StatsEntry> stats = Check.Ends(one.Connection.GetStatsAsync(), "get_stats");
                DataChannelStats counters = stats.Where(s => s.DataChannel != null).Select(s => s.DataChannel).Single();
                Check.Equal((ulong)messages, counters.MessagesSent, "messages that the statistics count");

                Scenario.Stage("close");
                Check.Ends(near.CloseAsync(), "close_data_channel");
                Check.Soon(delegate { return farInbox.Closed == 1; }, delegate { return "the far end of a closed channel did not close"; });
                one.CloseAndCheck();
                two.CloseAndCheck();
                Check.That(picture.IsDisposed && sound.IsDisposed, "tracks that connections took outlived them");
                return lab.Left();
            }
        }

        /// <summary>One peer closes; the other finds nobody there any more, and the library ends it.</summary>
        public static string ClosedByOneSide(string json)
        {
            using (Lab lab = new Lab())
            {
                Func<PeerConnectionOptions> quick = delegate
                {
                    return new PeerConnectionOptions { DisconnectedTimeoutMs = 1500, FailedTimeoutMs = 500, KeepaliveMs = 200 };
                };
                Peer one = lab.NewPeer(quick());
                Peer two = lab.NewPeer(quick());
                Meet(one, two);
                one.CloseAndCheck();
                Scenario.Stage("the other side");
                two.EndedOnce(CloseReason.Failed);
                Check.Soon(delegate { return two.Connection.IsDisposed; }, delegate { return "a connection that failed is not disposed"; });
                return lab.Left();
            }
        }

        /// <summary>Both peers close when the offer is there and the answer is not; the candidates were gathered.</summary>
        public static string ClosedBeforeAnswer(string json)
        {
            using (Lab lab = new Lab())
            {
                Peer one = lab.NewPeer();
                Peer two = lab.NewPeer();
                Check.Ends(one.Connection.CreateDataChannelAsync("chat"), "create_data_channel");
                SessionDescription offer = Check.Ends(one.Connection.CreateOfferAsync(), "create_offer");
                offer = Lab.Described(one, offer, trickle: false);
                Check.Ends(two.Connection.SetRemoteDescriptionAsync(offer), "set_remote_description");
                Operation<SessionDescription> answering = two.Connection.CreateAnswerAsync();
                one.CloseAndCheck();
                two.CloseAndCheck();
                Check.That(Scenario.Until(delegate { return answering.IsCompleted; }, Lab.DeadlineMilliseconds), "an operation outlived its connection");
                return lab.Left();
            }
        }

        /// <summary>Closed while candidates are being gathered: docs/webrtc-findings.md has what the crate may leave.</summary>
        public static string ClosedWhileGathering(string json)
        {
            using (Lab lab = new Lab())
            {
                Peer one = lab.NewPeer();
                Check.Ends(one.Connection.CreateDataChannelAsync("chat"), "create_data_channel");
                SessionDescription offer = Check.Ends(one.Connection.CreateOfferAsync(), "create_offer");
                Operation applying = one.Connection.SetLocalDescriptionAsync(offer);
                one.CloseAndCheck();
                Check.That(Scenario.Until(delegate { return applying.IsCompleted; }, Lab.DeadlineMilliseconds), "an operation outlived its connection");
                return lab.Left();
            }
        }

        /// <summary>An offer whose answer never comes, although all candidates were gathered.</summary>
        public static string NeverAnswered(string json)
        {
            using (Lab lab = new Lab())
            {
                Peer one = lab.NewPeer();
                Check.Ends(one.Connection.CreateDataChannelAsync("chat"), "create_data_channel");
                SessionDescription offer = Check.Ends(one.Connection.CreateOfferAsync(), "create_offer");
                Check.Ends(one.Connection.SetLocalDescriptionAsync(offer), "set_local_description");
                Check.Soon(
                    delegate { return one.Connection.GatheringState == GatheringState.Complete; },
                    delegate { return "gathering is " + one.Connection.GatheringState; });
                Check.That(one.Candidates > 0, "no candidate was found");
                SessionDescription full = Check.Ends(one.Connection.GetLocalDescriptionAsync(), "get_local_description");
                Check.That(full.Sdp.Contains("candidate:"), "the description has no candidate");
                one.CloseAndCheck();
                return lab.Left();
            }
        }

        /// <summary>Two peers that meet over candidates that are sent as they are found.</summary>
        public static string Trickled(string json)
        {
            using (Lab lab = new Lab())
            {
                Peer one = lab.NewPeer();
                Peer two = lab.NewPeer();
                Meet(one, two);
                Check.That(one.Candidates > 0 && two.Candidates > 0, "the peers met without candidates");
                one.CloseAndCheck();
                two.CloseAndCheck();
                return lab.Left();
            }
        }

        /// <summary>
        /// Two peers that are connected, and then a remote candidate whose host is a name that nobody answers. They
        /// are connected for media: in 0.9.0 a data channel does not always open, and in both it brings races of its own.
        /// </summary>
        public static string MulticastName(string json)
        {
            using (Lab lab = new Lab())
            {
                Peer one = lab.NewPeer();
                Peer two = lab.NewPeer();
                Check.Ends(one.Connection.AddTransceiverAsync(MediaKind.Audio, Direction.ReceiveOnly), "add_transceiver");
                Lab.Negotiate(one, two, trickle: false);
                Check.Soon(
                    delegate
                    {
                        return one.Connection.ConnectionState == ConnectionState.Connected
                            && two.Connection.ConnectionState == ConnectionState.Connected;
                    },
                    delegate { return "states: " + one.Connection.ConnectionState + " and " + two.Connection.ConnectionState; });
                IceCandidate nobody = new IceCandidate
                {
                    Candidate = "candidate:1 1 udp 2130706431 6a1d9b52-nobody-answers.local 54321 typ host",
                    SdpMid = "0",
                    SdpMlineIndex = 0,
                };
                Check.Ends(one.Connection.AddIceCandidateAsync(nobody), "add_ice_candidate");
                one.CloseAndCheck();
                two.CloseAndCheck();
                return lab.Left();
            }
        }

        /// <summary>Many sessions of two peers each, some at a time.</summary>
        public static string Many(string json)
        {
            Arguments arguments = new Arguments(json);
            int sessions = arguments.Number("sessions", 200);
            int atOnce = arguments.Number("at_once", 1);
            bool trickle = arguments.Number("trickle", 1) == 1;
            using (Lab lab = new Lab())
            {
                int begun = 0;
                List<Exception> errors = new List<Exception>();
                ThreadStart work = delegate
                {
                    try
                    {
                        while (Interlocked.Increment(ref begun) <= sessions)
                        {
                            Peer one = lab.NewPeer();
                            Peer two = lab.NewPeer();
                            Meet(one, two, trickle);
                            Operation closing = one.Connection.CloseAsync();
                            two.CloseAndCheck();
                            Check.Ends(closing, "close_peer_connection");
                            one.EndedOnce(CloseReason.Requested);
                        }
                    }
                    catch (Exception error)
                    {
                        lock (errors)
                        {
                            errors.Add(error);
                        }
                    }
                };
                List<Thread> threads = Enumerable.Range(0, atOnce).Select(i => new Thread(work) { Name = "session " + i }).ToList();
                threads.ForEach(t => t.Start());
                threads.ForEach(t => t.Join());
                Check.That(errors.Count == 0, errors.Count + " of " + atOnce + " threads failed: " + errors.FirstOrDefault());
                return lab.Left();
            }
        }

        /// <summary>
        /// A track that nobody disposes is found and released; connections that nobody holds are kept by the client, with their
        /// channels, until they are closed.
        /// </summary>
        public static string Abandoned(string json)
        {
            using (Lab lab = new Lab())
            {
                // On a thread of its own: Mono looks at the stack conservatively.
                Thread leaving = new Thread(delegate() { Abandon(lab); });
                leaving.Start();
                leaving.Join();
                Check.Soon(
                    delegate
                    {
                        // What the client's threads did last may still lie on their stacks, which Mono looks at.
                        lab.NewPeer().CloseAndCheck();
                        Scenario.CollectGarbage();
                        return LiveHandles.Count(HandleKind.LocalTrack) == 0;
                    },
                    delegate { return "abandoned and alive: " + LiveHandles.Line(); });
                Check.That(
                    lab.Reports.Count == 1 && lab.Reports[0].Contains("LocalTrack"),
                    "the track alone is to be reported: " + string.Join("; ", lab.Reports));
                Check.Equal(2, LiveHandles.Count(HandleKind.PeerConnection), "connections that only the client holds");
                foreach (PeerConnection kept in lab.Client.PeerConnections)
                {
                    Check.Ends(kept.CloseAsync(), "close_peer_connection");
                }

                return lab.Left(true);
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void Abandon(Lab lab)
        {
            Peer one = lab.NewPeer();
            Peer two = lab.NewPeer();
            Meet(one, two);
            lab.Client.CreateLocalTrack("picture", "nobody", Codec.Vp8);
        }

        /// <summary>
        /// Two peers with a data channel through which a message went there and back: who closes earlier meets the races
        /// of docs/webrtc-findings.md.
        /// </summary>
        private static void Meet(Peer one, Peer two, bool trickle = true)
        {
            Scenario.Stage("meet");
            DataChannel near = Check.Ends(one.Connection.CreateDataChannelAsync("chat"), "create_data_channel");
            Func<bool> opened = Lab.Opening(near);
            Inbox nearInbox = new Inbox(near);
            Lab.Negotiate(one, two, trickle);
            DataChannel far = Lab.Open(near, two, opened);
            Inbox farInbox = new Inbox(far);
            Check.Ends(near.SendTextAsync("there"), "send_text");
            Check.Soon(delegate { return farInbox.Messages.Count == 1; }, delegate { return "no message arrived at the far end"; });
            Check.Ends(far.SendTextAsync("back"), "send_text");
            Check.Soon(delegate { return nearInbox.Messages.Count == 1; }, delegate { return "no message came back"; });
        }
    }
}
