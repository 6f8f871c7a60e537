// The sample in a player, in an editor that keeps its domain, and in one that reloads it.
using System;
using System.Collections.Generic;
using GenBindings.Harness;
using UnityEngine.Engine;
using Host = Reference.Ffi.Unity.ReferenceClientHost;

namespace UnityLoop
{
    public static class UnityScenarios
    {
        /// <summary>A player from its start to its end.</summary>
        public static string InPlayer(string arguments)
        {
            using (PlayerLoop loop = new PlayerLoop((string)Json.Parse(arguments)))
            {
                Tour tour = new Tour(loop);
                tour.Enter();
                tour.Wander();
                loop.Quit(false);
                tour.Ended("the player quit");
                return Json.Text(tour.Steps);
            }
        }

        /// <summary>A player that is closed while it connects, and one whose server does as it likes.</summary>
        public static string BadMoments(string arguments)
        {
            using (PlayerLoop loop = new PlayerLoop((string)Json.Parse(arguments)))
            {
                Tour tour = new Tour(loop);
                foreach (bool eventFirst in new[] { true, false })
                {
                    loop.Play("Meet");
                    loop.Frame();
                    loop.Quit(eventFirst);
                    tour.Ended("closed while it connects");
                }

                tour.Enter();
                tour.Server();
                loop.Quit(true);
                tour.Ended("the player quit");
                return Json.Text(tour.Steps);
            }
        }

        /// <summary>Without the native library: what the console and the panel say after a while, and after the end.</summary>
        public static string WithoutLibrary(string arguments)
        {
            using (PlayerLoop loop = new PlayerLoop((string)Json.Parse(arguments)))
            {
                loop.Play("Meet");
                loop.Frame();
                loop.Press("Connect");
                loop.Press("Lobby");
                loop.Until(() => Scenes.Active == "Lobby", "the lobby");
                loop.Press("Enter the meeting");
                loop.Until(() => Scenes.Active == "Meet", "the meeting's scene");
                loop.Frame();
                List<string> panel = Gui.Read();
                loop.Quit(false);
                return Json.Text(new List<object> { UnityEngine.Engine.Console.Read(), panel });
            }
        }

#if UNITY_EDITOR
        /// <summary>Play mode, twice, in a domain that stays: static fields keep what the first time left.</summary>
        public static string WithoutReload(string arguments)
        {
            using (PlayerLoop loop = new PlayerLoop((string)Json.Parse(arguments)))
            {
                Tour tour = new Tour(loop);
                foreach (bool eventFirst in new[] { true, false })
                {
                    tour.Enter();
                    loop.StopPlaying(eventFirst);
                    tour.Ended("play mode was left");
                }

                return Json.Text(tour.Steps);
            }
        }

        /// <summary>
        /// Domains, one after the other, in one process with one library: what a reload in the middle of a meeting leaves must
        /// not keep the domain from being unloaded, nor disturb the next.
        /// </summary>
        public static string WithReload(string arguments)
        {
            List<string> ends = new List<string>();
            string assembly = typeof(UnityScenarios).Assembly.Location;
            foreach (bool inTheMiddle in new[] { true, false, true })
            {
                AppDomainSetup setup = new AppDomainSetup { ApplicationBase = System.IO.Path.GetDirectoryName(assembly) };
                AppDomain domain = AppDomain.CreateDomain("scripts", null, setup);
                Domain remote = (Domain)domain.CreateInstanceFromAndUnwrap(assembly, typeof(Domain).FullName);
                ends.Add(remote.Run((string)Json.Parse(arguments), inTheMiddle));
                AppDomain.Unload(domain);
                ends.Add(IsGone(remote) ? "unloaded" : "still there");
            }

            return Json.Text(ends);
        }

        private static bool IsGone(Domain remote)
        {
            try
            {
                remote.ToString();
                return false;
            }
            catch (AppDomainUnloadedException)
            {
                return true;
            }
        }

        private sealed class Domain : MarshalByRefObject
        {
            public string Run(string project, bool inTheMiddle)
            {
                using (PlayerLoop loop = new PlayerLoop(project))
                {
                    Tour tour = new Tour(loop);
                    tour.Enter();
                    if (inTheMiddle)
                    {
                        loop.BeforeReload();
                    }
                    else
                    {
                        loop.StopPlaying(true);
                    }

                    return Reference.Ffi.LiveHandles.Line() + (Host.IsRunning ? " and the client runs" : string.Empty);
                }
            }
        }
#endif
    }
}
