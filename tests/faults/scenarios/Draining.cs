// Every way in which a marker of the end is lost, with every way in which a handler of Disconnected misbehaves.
using System;
using System.Collections.Generic;
using System.Linq;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    public static class Draining
    {
        private enum Handler
        {
            Throws,
            DisposesAgain,
            ConnectsAnew,
        }

        /// <summary>Rooms of one client, each with its own faults and handler, end at the same time: once each, with its reason.</summary>
        public static string HandlersWhenMarkersAreLost(string arguments)
        {
            using (Lab lab = new Lab())
            {
                List<Ending> endings = new List<Ending>();
                for (int lost = 0; lost < 8; lost++)
                {
                    foreach (Handler handler in Enum.GetValues(typeof(Handler)))
                    {
                        endings.Add(new Ending(lab, lost, handler, false));
                        if ((lost & 3) != 3)
                        {
                            // When nothing is said at all, the client cannot know that the server ended a room.
                            endings.Add(new Ending(lab, lost, handler, true));
                        }
                    }
                }

                Scenario.Stage("every room ends");
                foreach (Ending ending in endings)
                {
                    ending.Begin();
                }

                foreach (Ending ending in endings)
                {
                    ending.Check();
                }

                lab.NothingLeft("L6");
                Check.Same(
                    "L11",
                    endings.Where(e => e.Name.StartsWith("Throws", StringComparison.Ordinal)).Select(e => e.Name).OrderBy(n => n),
                    lab.Reports.Select(r => r.Exception.Message).OrderBy(n => n),
                    "errors that surfaced");
                foreach (Ending ending in endings)
                {
                    ending.Check();
                }

                return Json.Text(endings.Count);
            }
        }

        private sealed class Ending
        {
            private readonly Lab _lab;
            private readonly bool _byServer;
            private readonly DisconnectReason _expected;
            private readonly List<DisconnectReason> _reasons = new List<DisconnectReason>();
            private readonly Room _room;
            private Operation _leaving;
            private Operation<Room> _again;

            internal Ending(Lab lab, int lost, Handler handler, bool byServer)
            {
                _lab = lab;
                _byServer = byServer;
                Name = handler + "-" + lost + (byServer ? "-server" : "-client");
                Faults faults = new Faults
                {
                    DisconnectedLost = (lost & 1) != 0,
                    EndOfStreamLost = (lost & 2) != 0,
                    DisconnectCallbackLost = (lost & 4) != 0,
                };
                _expected = !byServer ? DisconnectReason.ClientInitiated
                    : (lost & 1) != 0 ? DisconnectReason.UnknownReason : DisconnectReason.RoomDeleted;
                lab.Client.ControlSetFaults(faults, Name);
                Operation<Room> connecting = lab.Client.ConnectAsync(
                    "ref://local/" + Name,
                    "me",
                    new RoomOptions(),
                    delegate(Room room) { room.Disconnected += delegate(object sender, DisconnectedEventArgs e) { Ended(room, handler, e.Reason); }; });
                _room = Scenarios.Check.Ends("L14", connecting, "connect");
                lab.Client.ControlJoin(Name, "other");
            }

            internal string Name { get; private set; }

            internal void Begin()
            {
                if (_byServer)
                {
                    _lab.Client.ControlEndRoom(Name, DisconnectReason.RoomDeleted);
                }
                else
                {
                    _leaving = _room.DisconnectAsync();
                }
            }

            internal void Check()
            {
                Scenario.Stage(Name);
                if (_leaving != null)
                {
                    Scenarios.Check.Ends("L6", _leaving, "disconnect of " + Name);
                }

                Scenarios.Check.Soon("L5", delegate { lock (_reasons) { return _reasons.Count > 0; } }, "Disconnected was not raised: " + Name);
                lock (_reasons)
                {
                    Scenarios.Check.Same("L5", new[] { _expected }, _reasons, "reasons of Disconnected of " + Name);
                }

                Scenarios.Check.That("L6", _room.IsDisposed, "the room that ended is alive: " + Name);
                if (_again != null)
                {
                    Room next = Scenarios.Check.Ends("L5", _again, "connect inside Disconnected: " + Name);
                    if (!next.IsDisposed)
                    {
                        Scenarios.Check.Equal("L5", "again", next.LocalParticipant.Identity, "who is in the new room");
                        Scenarios.Check.Ends("L6", next.DisconnectAsync(), "disconnect of the new room: " + Name);
                    }
                }
            }

            private void Ended(Room room, Handler handler, DisconnectReason reason)
            {
                lock (_reasons)
                {
                    _reasons.Add(reason);
                }

                switch (handler)
                {
                    case Handler.Throws:
                        throw new InvalidOperationException(Name);
                    case Handler.DisposesAgain:
                        room.Dispose();
                        room.Dispose();
                        break;
                    default:
                        // Its own faults would make its end wait as well.
                        _again = _lab.Client.ConnectAsync("ref://local/again-" + Name, "again", new RoomOptions());
                        break;
                }
            }
        }
    }
}
