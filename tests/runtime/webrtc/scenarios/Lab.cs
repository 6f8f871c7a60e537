// What the scenarios share: one client, peers that exchange descriptions and candidates inside the process, and the
// library's own account of what is left.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GenBindings.Harness;
using WebRtc.Ffi;
using WebRtc.Ffi.Messages;

namespace Scenarios
{
    public sealed class CheckFailedException : Exception
    {
        public CheckFailedException(string message)
            : base(message)
        {
        }
    }

    public static class Check
    {
        public static void That(bool holds, string otherwise)
        {
            if (!holds)
            {
                throw new CheckFailedException(otherwise);
            }
        }

        public static void Equal<T>(T expected, T actual, string what)
        {
            That(EqualityComparer<T>.Default.Equals(expected, actual), what + ": expected " + expected + ", found " + actual);
        }

        public static void Soon(Func<bool> holds, Func<string> otherwise)
        {
            if (!Scenario.Until(holds, Lab.DeadlineMilliseconds))
            {
                throw new CheckFailedException(otherwise());
            }
        }

        public static T Ends<T>(Operation<T> operation, string what)
        {
            That(operation.Wait(Lab.DeadlineMilliseconds), what + " never ended");
            return operation.Result;
        }

        public static void Ends(Operation operation, string what)
        {
            That(operation.Wait(Lab.DeadlineMilliseconds), what + " never ended");
        }
    }

    /// <summary>The arguments of a scenario.</summary>
    public sealed class Arguments
    {
        private readonly Dictionary<string, object> _given;

        public Arguments(string json)
        {
            _given = (Json.Parse(json) as Dictionary<string, object>) ?? new Dictionary<string, object>();
        }

        public int Number(string name, int otherwise)
        {
            object given;
            return _given.TryGetValue(name, out given) ? Convert.ToInt32(given) : otherwise;
        }
    }

    /// <summary>A peer connection and what arrived at it.</summary>
    public sealed class Peer
    {
        private readonly List<IceCandidate> _found = new List<IceCandidate>();
        private readonly List<CloseReason> _ends = new List<CloseReason>();
        private readonly List<DataChannel> _channels = new List<DataChannel>();
        private readonly List<RemoteTrack> _tracks = new List<RemoteTrack>();
        private Peer _other;
        private int _packets;
        private int _payload;

        public Peer(WebRtcClient client, PeerConnectionOptions options)
        {
            Connection = Check.Ends(client.NewPeerConnectionAsync(options, Listen), "new_peer_connection");
        }

        public PeerConnection Connection { get; private set; }

        /// <summary>Reasons with which the connection said that it ended.</summary>
        public List<CloseReason> Ends
        {
            get
            {
                lock (_ends)
                {
                    return new List<CloseReason>(_ends);
                }
            }
        }

        public List<DataChannel> Channels
        {
            get
            {
                lock (_channels)
                {
                    return new List<DataChannel>(_channels);
                }
            }
        }

        public int Tracks
        {
            get
            {
                lock (_tracks)
                {
                    return _tracks.Count;
                }
            }
        }

        public int Candidates
        {
            get
            {
                lock (_found)
                {
                    return _found.Count;
                }
            }
        }

        public int Packets
        {
            get { return Volatile.Read(ref _packets); }
        }

        public int PayloadBytes
        {
            get { return Volatile.Read(ref _payload); }
        }

        /// <summary>Sends candidates to the other peer, those that were found already and those to come.</summary>
        public void Trickle(Peer other)
        {
            lock (_found)
            {
                _other = other;
                foreach (IceCandidate candidate in _found)
                {
                    other.Connection.AddIceCandidateAsync(candidate);
                }
            }
        }

        public void CloseAndCheck(CloseReason reason = CloseReason.Requested)
        {
            Check.Ends(Connection.CloseAsync(), "close_peer_connection");
            Check.That(Connection.IsDisposed, "a closed connection is not disposed");
            EndedOnce(reason);
        }

        public void EndedOnce(CloseReason reason)
        {
            Check.Soon(delegate { return Ends.Count > 0; }, delegate { return "the connection ended and Closed was not raised"; });
            Check.Equal(reason.ToString(), string.Join(" ", Ends), "reasons of Closed");
        }

        private void Listen(PeerConnection connection)
        {
            connection.IceCandidateFound += delegate(object sender, IceCandidateFoundEventArgs e)
            {
                lock (_found)
                {
                    _found.Add(e.Candidate);
                    if (_other != null && !_other.Connection.IsDisposed)
                    {
                        _other.Connection.AddIceCandidateAsync(e.Candidate);
                    }
                }
            };
            connection.DataChannelArrived += delegate(object sender, DataChannelArrivedEventArgs e)
            {
                lock (_channels)
                {
                    _channels.Add(e.Channel);
                }
            };
            connection.TrackArrived += delegate(object sender, TrackArrivedEventArgs e)
            {
                e.Track.PacketReceived += Count;
                lock (_tracks)
                {
                    _tracks.Add(e.Track);
                }
            };
            connection.Closed += delegate(object sender, PeerConnectionClosedEventArgs e)
            {
                lock (_ends)
                {
                    _ends.Add(e.Reason);
                }
            };
        }

        private void Count(RemoteTrack sender, in PacketReceivedEventArgs e)
        {
            Interlocked.Add(ref _payload, e.Packet.Data.Length);
            Interlocked.Increment(ref _packets);
        }
    }

    /// <summary>What one end of a data channel received.</summary>
    public sealed class Inbox
    {
        private readonly List<string> _messages = new List<string>();
        private int _closed;

        public Inbox(DataChannel channel)
        {
            channel.TextReceived += delegate(object sender, TextReceivedEventArgs e)
            {
                lock (_messages)
                {
                    _messages.Add(e.Text);
                }
            };
            channel.BytesReceived += delegate(object sender, BytesReceivedEventArgs e)
            {
                byte[] copy = e.Buffer.Data.ToArray();
                lock (_messages)
                {
                    _messages.Add("bytes " + copy.Length + " of " + (copy.Length == 0 ? -1 : copy[0]));
                }
            };
            channel.Closed += delegate { Interlocked.Increment(ref _closed); };
        }

        public int Closed
        {
            get { return Volatile.Read(ref _closed); }
        }

        public List<string> Messages
        {
            get
            {
                lock (_messages)
                {
                    return new List<string>(_messages);
                }
            }
        }
    }

    /// <summary>One client, and what its library has to say at the end.</summary>
    public sealed class Lab : IDisposable
    {
        public const int DeadlineMilliseconds = 10000;

        /// <summary>For what the library may still be doing after a close.</summary>
        private const int SettleMilliseconds = 3000;

        private readonly List<string> _reports = new List<string>();

        public Lab()
        {
            Check.Equal(0, LiveHandles.Total, "handles before the client started");
            Diagnostics.Reported += Report;
            Client = WebRtcClient.Initialize();
        }

        public WebRtcClient Client { get; private set; }

        public List<string> Reports
        {
            get
            {
                lock (_reports)
                {
                    return new List<string>(_reports);
                }
            }
        }

        public Peer NewPeer(PeerConnectionOptions options = null)
        {
            return new Peer(Client, options ?? new PeerConnectionOptions());
        }

        /// <summary>Offer and answer; candidates as they are found, or with the descriptions when all were found.</summary>
        public static void Negotiate(Peer one, Peer two, bool trickle = true)
        {
            SessionDescription offer = Described(one, Check.Ends(one.Connection.CreateOfferAsync(), "create_offer"), trickle);
            Check.Ends(two.Connection.SetRemoteDescriptionAsync(offer), "set_remote_description");
            if (trickle)
            {
                one.Trickle(two);
            }

            SessionDescription answer = Described(two, Check.Ends(two.Connection.CreateAnswerAsync(), "create_answer"), trickle);
            Check.Ends(one.Connection.SetRemoteDescriptionAsync(answer), "set_remote_description");
            if (trickle)
            {
                two.Trickle(one);
            }
        }

        /// <summary>Applies a description of a peer's own; without trickling it is whole when this returns.</summary>
        public static SessionDescription Described(Peer peer, SessionDescription description, bool trickle)
        {
            Check.Ends(peer.Connection.SetLocalDescriptionAsync(description), "set_local_description");
            if (trickle)
            {
                return description;
            }

            Check.Soon(
                delegate { return peer.Connection.GatheringState == GatheringState.Complete; },
                delegate { return "gathering is " + peer.Connection.GatheringState; });
            return Check.Ends(peer.Connection.GetLocalDescriptionAsync(), "get_local_description");
        }

        /// <summary>Waits until a channel is open at both ends; answers the far end.</summary>
        public static DataChannel Open(DataChannel near, Peer far, Func<bool> opened)
        {
            Check.Soon(
                delegate { return opened() && far.Channels.Any(c => c.Label == near.Label); },
                delegate
                {
                    return "the data channel did not open: near end " + opened() + ", disposed " + near.IsDisposed
                        + ", far end " + far.Channels.Count + ", connection " + far.Connection.ConnectionState;
                });
            return far.Channels.First(c => c.Label == near.Label);
        }

        /// <summary>Whether a channel has opened; to be asked from the moment at which it was made.</summary>
        public static Func<bool> Opening(DataChannel channel)
        {
            int opened = 0;
            channel.Opened += delegate { Interlocked.Exchange(ref opened, 1); };
            return delegate { return Volatile.Read(ref opened) == 1; };
        }

        /// <summary>
        /// Nothing of the client's is left. What the library still has is the result: what it leaves is for the check to
        /// judge that runs the scenario.
        /// </summary>
        public string Left(bool reported = false)
        {
            Scenario.Stage("what is left");
            Check.Soon(delegate { return LiveHandles.Total == 0; }, delegate { return "alive: " + LiveHandles.Line(); });
            Check.Equal(0, Client.Tree.Roots().Count, "roots in the client's tree");
            if (!reported)
            {
                Check.Equal(string.Empty, string.Join("; ", Reports), "what Diagnostics reported");
            }

            DiagnosticsResponse now = null;
            Scenario.Until(
                delegate
                {
                    now = Client.GetDiagnostics();
                    return now.AliveTasks == 0 && now.Handles.Count == 0;
                },
                SettleMilliseconds);
            Dictionary<string, object> handles = new Dictionary<string, object>();
            foreach (KindCount count in now.Handles)
            {
                handles.Add(count.Kind, count.Count);
            }

            return Json.Object("tasks", now.AliveTasks, "handles", handles, "version", now.CrateVersion);
        }

        public void Dispose()
        {
            Client.Dispose();
            Diagnostics.Reported -= Report;
        }

        private void Report(object sender, DiagnosticEventArgs e)
        {
            lock (_reports)
            {
                _reports.Add(e.Message);
            }
        }
    }
}
