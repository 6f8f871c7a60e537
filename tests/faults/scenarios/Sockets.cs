// Sessions that hand everything back while the library itself keeps sockets and tasks.
using System;
using System.Collections.Generic;
using System.Linq;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    public static class Sockets
    {
        private static readonly string[] OfAConnection = { "gathering", "keepalive", "mdns_query", "dtls" };

        /// <summary>
        /// One session under a fault, or without one. On this side all of it is over, and so is the library's table of
        /// handles; the answer says which handles and tasks the library has nevertheless.
        /// </summary>
        public static string Session(string arguments)
        {
            string fault = (string)Json.Parse(arguments);
            using (Lab lab = new Lab())
            {
                lab.Client.ControlSetFaults(
                    new Faults
                    {
                        SocketCandidateCycle = fault == "socket_candidate_cycle",
                        SocketChecklistKept = fault == "socket_checklist_kept",
                        SocketSelectedPairKept = fault == "socket_selected_pair_kept",
                        SocketMdnsQueryKept = fault == "socket_mdns_query_kept",
                        SocketDtlsTaskStuck = fault == "socket_dtls_task_stuck",
                    },
                    lab.RoomName);
                lab.Connect();
                lab.Publish();
                lab.Join();
                lab.NoteTree();
                Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
                lab.EndedOnce(DisconnectReason.ClientInitiated);
                lab.Microphone.Dispose();
                lab.Camera.Dispose();
                if (fault == "none")
                {
                    lab.NothingLeft();
                }

                lab.Alive();
                Check.Equal("L4", 0, lab.Client.Tree.Roots().Count, "roots in the client's tree");
                ControlDiagnosticsResponse now = null;
                Check.Soon(
                    "L5",
                    delegate
                    {
                        now = lab.Client.ControlDiagnostics();
                        return now.Sessions == 0 && Ours(now).All(t => OfAConnection.Contains(t.Name));
                    },
                    delegate { return "of the session remain " + string.Join(", ", now.Tasks.Select(t => t.Name)); });
                lab.DropsAreRight(now.Drops);
                lab.NothingReported();
                return Json.Object("handles", ByName(now.Kinds), "tasks", ByName(Ours(now)));
            }
        }

        /// <summary>What the library says of what it holds: each thing, its address, and what holds it.</summary>
        public static string Health()
        {
            using (ReferenceClient client = ReferenceClient.Initialize())
            {
                ControlHealthResponse health = client.ControlHealth();
                Check.Equal("L5", health.Healthy, health.Unfinished.Count == 0, "whether the library is well");
                return Json.Text(health.Unfinished.Select(left => new[] { left.Kind, left.Name, left.LocalAddress, left.HeldBy }).ToArray());
            }
        }

        /// <summary>The steps of the last close that were not done, each with what became of it.</summary>
        public static string NotDone()
        {
            using (ReferenceClient client = ReferenceClient.Initialize())
            {
                IEnumerable<CloseStep> steps = client.ControlCloseReport().Last().Steps;
                return Json.Text(steps.Where(s => s.Outcome != CloseOutcome.Done).ToDictionary(s => s.Name, s => s.Outcome.ToString()));
            }
        }

        /// <summary>Ends what the library has kept.</summary>
        public static string Repair()
        {
            using (ReferenceClient client = ReferenceClient.Initialize())
            {
                client.ControlRepair();
                ControlHealthResponse health = null;
                Check.Soon(
                    "L5",
                    delegate
                    {
                        health = client.ControlHealth();
                        return health.Healthy && health.Held.Count == 0 && client.ControlDiagnostics().Sockets.Count == 0;
                    },
                    delegate { return "after the repair are held " + string.Join(", ", health.Held.Select(h => h.Kind + " " + h.Name)); });
                return "null";
            }
        }

        private static IEnumerable<NamedCount> Ours(ControlDiagnosticsResponse now)
        {
            return now.Tasks.Where(t => t.Name != "logs");
        }

        private static Dictionary<string, uint> ByName(IEnumerable<NamedCount> counts)
        {
            return counts.ToDictionary(c => c.Name, c => c.Count);
        }
    }
}
