// The race of a client that lets its room go while the library still closes it.
using System;
using System.Collections.Generic;
using System.Linq;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    public static unsafe class Race
    {
        /// <summary>
        /// Opens rooms and ends them all. Arguments: "rooms"; "faulty", whether the library looks rooms up late;
        /// "client", "generated" for DisconnectAsync, "at once" for DisposeAtOnce, "careless" for a client that drops each room's
        /// handle as soon as the request has returned; "force", whether the library's look-up waits until it is dropped.
        /// </summary>
        public static string Rooms(string arguments)
        {
            Dictionary<string, object> asked = (Dictionary<string, object>)Json.Parse(arguments);
            int count = Convert.ToInt32(asked["rooms"]);
            string client = (string)asked["client"];
            bool force = (bool)asked["force"];
            using (Lab lab = new Lab())
            {
                lab.Client.ControlSetFaults(new Faults { RoomLookedUpLate = (bool)asked["faulty"] });
                List<Room> rooms = new List<Room>();
                for (int i = 0; i < count; i++)
                {
                    rooms.Add(lab.Connect(null, "race " + i));
                }

                List<Operation> leaving = new List<Operation>();
                for (int i = 0; i < count; i++)
                {
                    Scenario.Stage("room " + (i + 1) + " ends");
                    if (client == "at once")
                    {
                        rooms[i].DisposeAtOnce();
                    }
                    else if (client == "careless")
                    {
                        ObjectCore core = rooms[i].Core;
                        ulong id = core.Handle.Id;
                        if (force)
                        {
                            lab.Client.ControlHoldCallbacks("race " + i);
                        }

                        Room.SendClose(lab.Client, core, DisconnectReason.ClientInitiated);
                        NativeMethods.reference_ffi_drop_handle(id);
                        core.Handle.MarkTaken();
                        core.Session.End();
                        if (force)
                        {
                            lab.Client.ControlReleaseCallbacks("race " + i);
                        }
                    }
                    else
                    {
                        leaving.Add(rooms[i].DisconnectAsync());
                    }
                }

                foreach (Operation operation in leaving)
                {
                    Check.Ends("L6", operation, "disconnect");
                }

                Scenario.Stage("all rooms end");
                Check.Soon("L6", delegate { return lab.Client.ControlDiagnostics().Sessions == 0; }, "sessions remain");
                lab.Alive(rule: "L6");
                return Json.Text(count);
            }
        }
    }
}
