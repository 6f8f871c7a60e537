// The sample with LiveKit's package in a room of a LiveKit server, with a guest of the official Python SDK.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using GenBindings.Harness;
using LiveKit.Ffi;
using LiveKitLab;
using Meet;
using UnityEngine.Engine;
using UnityLoop;
using Host = LiveKit.Ffi.Unity.LiveKitClientHost;

namespace UnityRoom
{
    public static class MeetScenario
    {
        /// <summary>In and out, to the lobby and back, thrown out by the server, and the end.</summary>
        public static string Run(string arguments)
        {
            Director director = new Director(Json.Parse(arguments));
            List<object> told = new List<object>();
            director.JoinAndPublish("guest");
            using (PlayerLoop loop = new PlayerLoop((string)director.Arguments["project"]))
            {
                loop.FrameMilliseconds = 1000 / Player.FramesPerSecond;
                loop.Play("Meet");
                told.Add(Meeting(loop, director));
                loop.Press("Disconnect");
                told.Add(Left(loop, director));
                loop.Press("Connect");
                told.Add(Meeting(loop, director));
                loop.Press("Lobby");
                told.Add(Left(loop, director));
                loop.Press("Enter the meeting");
                told.Add(Meeting(loop, director));
                director.Ask("remove", "identity", "unity");
                told.Add(Left(loop, director));
                string notice = TheMeeting().Notice;
                loop.Press("Connect");
                told.Add(Meeting(loop, director));
                loop.Quit(false);
                director.WaitUntil("guest", "participants", 0);
                told.Add(LiveHandles.Line() + (Host.IsRunning ? " and the client runs" : string.Empty));
                List<string> console = UnityEngine.Engine.Console.Read().FindAll(line => !line.StartsWith("log: "));
                int textures = UnityEngine.Engine.Media.LiveTextures.Count();
                return Json.Object("lines", told, "notice", notice, "console", console, "textures", textures);
            }
        }

        private static Meeting TheMeeting()
        {
            return (Meeting)Objects.All().Single(c => c is Meeting);
        }

        // Seen and heard at both sides, by what comes after this moment.
        private static string Meeting(PlayerLoop loop, Director director)
        {
            director.Ask("forget", "who", "guest");
            loop.Until(() => Objects.All().Exists(c => c is Meeting), "the meeting's scene");
            Meeting meeting = TheMeeting();
            loop.Until(() => meeting.State == MeetingState.Connected, "a connection; " + meeting.Notice);
            loop.Until(() => meeting.Videos.Count == 1 && meeting.Videos[0].Texture, "the guest's picture");
            loop.Until(IsHeard, "the guest's voice");
            loop.Until(() => Met(director, "audio frames") >= 10 && Met(director, "video frames") >= 2, "what the guest gets");
            UnityEngine.Texture2D picture = meeting.Videos[0].Texture;
            loop.Frame();
            return picture.width + "x" + picture.height + " " + LiveHandles.Line();
        }

        // The guest's sound is constant, which codecs turn into silence: so it is looked for on its way to the ears.
        private static bool IsHeard()
        {
            const BindingFlags Private = BindingFlags.Instance | BindingFlags.NonPublic;
            object voice = Objects.All().Find(c => c is RemoteVoice);
            object queue = voice == null ? null : typeof(RemoteVoice).GetField("_queue", Private).GetValue(voice);
            return queue != null && (int)typeof(SampleQueue).GetField("_count", Private).GetValue(queue) > 0;
        }

        private static string Left(PlayerLoop loop, Director director)
        {
            loop.Until(() => LiveHandles.Total == 0, "an end without handles");
            loop.Until(() => Convert.ToInt32(Fact(director, "participants")) == 0, "the guest alone");
            return LiveHandles.Line();
        }

        private static int Met(Director director, string fact)
        {
            return Convert.ToInt32(Fact(director, fact) ?? 0);
        }

        private static object Fact(Director director, string name)
        {
            object value;
            ((Dictionary<string, object>)director.Ask("facts", "who", "guest")).TryGetValue(name, out value);
            return value;
        }
    }
}
