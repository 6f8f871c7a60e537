// Goes through the sample as a person would, and checks after each step what is alive, here and natively.
using System;
using System.Collections.Generic;
using System.Linq;
using Meet;
using Reference.Ffi;
using UnityEngine;
using UnityEngine.Engine;
using Host = Reference.Ffi.Unity.ReferenceClientHost;

namespace UnityLoop
{
    internal sealed class Tour
    {
        private readonly PlayerLoop _loop;
        private readonly List<object> _steps = new List<object>();

        internal Tour(PlayerLoop loop)
        {
            _loop = loop;
        }

        internal List<object> Steps
        {
            get { return _steps; }
        }

        private static Meeting Meeting
        {
            get { return Only<Meeting>(); }
        }

        /// <summary>From the first frame into a meeting with one guest.</summary>
        internal void Enter()
        {
            _loop.Play("Meet");
            Expect(LiveHandles.Total == 0 && Host.Client.ControlDiagnostics().Line.Contains("total=0 "), "handles before the first frame");
            Step("the scene is loaded", false);
            Connected("connected, tone and picture published");
            GuestJoins("a guest joined, its tracks are shown and played");
        }

        /// <summary>Out of the meeting and in again, to another scene and back.</summary>
        internal void Wander()
        {
            _loop.Press("A guest leaves");
            Alive("the guest left", InMeeting);
            _loop.Press("Disconnect");
            Alive("disconnected", 0);
            Expect(Meeting.State == MeetingState.Apart && Meeting.Notice == "left: ClientInitiated", "not " + Meeting.State + ", " + Meeting.Notice);
            _loop.Press("Connect");
            Connected("connected again");
            GuestJoins("another guest joined");
            _loop.Press("Lobby");
            _loop.Until(() => Scenes.Active == "Lobby", "the lobby");
            Alive("in the lobby", 0);
            _loop.Press("Enter the meeting");
            _loop.Until(() => Scenes.Active == "Meet", "the meeting's scene");
            Connected("back in the meeting");
            GuestJoins("a guest joined there, too");
        }

        /// <summary>The server ends the room, then everything remote goes and comes anew.</summary>
        internal void Server()
        {
            RemoteVideo before = Meeting.Videos[0];
            Host.Client.ControlReconnect("meet");
            _loop.Until(() => Meeting.Videos.Count == 1 && Meeting.Videos[0] != before, "another picture of the guest");
            Alive("the server made everything anew", InMeeting + OfGuest);
            Host.Client.ControlEndRoom("meet", Reference.Ffi.Messages.DisconnectReason.RoomDeleted);
            Alive("the server ended the room", 0);
            Expect(Meeting.Notice == "left: RoomDeleted", Meeting.Notice);
        }

        /// <summary>After the end: nothing is alive, nothing was complained about, no texture and no voice is left.</summary>
        internal void Ended(string step)
        {
            Expect(!Host.IsRunning, "the client still runs");
            Expect(LiveHandles.Total == 0, "alive after the end: " + LiveHandles.Line());
            Expect(!UnityEngine.Engine.Media.LiveTextures.Any(), "textures are left");
            foreach (string kind in new[] { "exception", "error", "warning" })
            {
                Expect(Console(kind).Count == 0, "the console says " + string.Join(" | ", Console(kind)));
            }

            Step(step, false);
            UnityEngine.Engine.Console.Clear();
        }

        private const int InMeeting = 8;
        private const int OfGuest = 7;

        private static T Only<T>()
            where T : Component
        {
            return (T)Objects.All().Single(c => c is T);
        }

        private static List<string> Console(string kind)
        {
            return UnityEngine.Engine.Console.Read().FindAll(l => l.StartsWith(kind + ":", StringComparison.Ordinal));
        }

        private static void Expect(bool holds, string otherwise)
        {
            if (!holds)
            {
                throw new InvalidOperationException(otherwise);
            }
        }

        private void Connected(string step)
        {
            _loop.Until(() => Meeting.State == MeetingState.Connected, "a connection");
            Alive(step, InMeeting);
        }

        // Guests send without a pause; what is counted is what stays when they are silent.
        private void GuestJoins(string step)
        {
            Only<SimulatedGuests>().enabled = true;
            _loop.Press("A guest joins");
            _loop.Until(() => Meeting.Videos.Count == 1 && Meeting.Videos[0].Texture, "the guest's picture");
            float before = _loop.Loudest;
            _loop.Until(() => before > 0 || _loop.Loudest > 0, "the guest's voice");
            Texture2D picture = Meeting.Videos[0].Texture;
            Expect(picture.width == 16 && picture.height == 16 && picture.Applied > 0, "the picture has another size");

            // Byte i of the n-th picture is n + i; a texture begins with its bottom row.
            byte n = picture.Pixels[15 * 16 * 4];
            Expect(picture.Pixels[0] == (byte)(n + 15 * 16 * 4), "the picture is not upright");
            Quiet();
            Alive(step, InMeeting + OfGuest);
        }

        private void Quiet()
        {
            Only<SimulatedGuests>().enabled = false;
        }

        /// <summary>What the client owns and what the library knows is the same, and so many.</summary>
        private void Alive(string step, int total)
        {
            string native = null;
            _loop.Until(
                delegate
                {
                    native = Host.Client.ControlDiagnostics().Line.Replace("[ffi-handles-diag] ", string.Empty);
                    return native == LiveHandles.Line() && native.StartsWith("total=" + total + " ", StringComparison.Ordinal);
                },
                total + " handles when " + step + "; the client says " + LiveHandles.Line() + ", the library " + native);
            Step(step, true);
        }

        private void Step(string step, bool draws)
        {
            if (draws)
            {
                _loop.Frame();
            }

            _steps.Add(new Dictionary<string, object>
            {
                { "step", step },
                { "handles", LiveHandles.Line() },
                { "panel", draws ? Gui.Read() : new List<string>() },
            });
        }
    }
}
