// Random and mutated bytes for the parsers and for the native callback.
using System;
using System.Collections.Generic;
using System.Linq;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;
using Reference.Ffi.Wire;

namespace Scenarios
{
    public static class Fuzz
    {
        /// <summary>A message or an exception that says what is wrong; nothing else.</summary>
        public static string Parsers(string arguments)
        {
            Random random = Seeded(arguments);
            byte[][] seeds = Seeds();
            int parsed = 0;
            int refused = 0;
            for (int i = 0; i < 6000; i++)
            {
                byte[] bytes = Next(random, seeds);
                foreach (Action<byte[]> parse in new Action<byte[]>[]
                {
                    delegate(byte[] b) { FfiEvent.Parse(b); },
                    delegate(byte[] b) { FfiResponse.Parse(b); },
                    delegate(byte[] b) { FfiRequest.Parse(b); },
                })
                {
                    try
                    {
                        parse(bytes);
                        parsed++;
                    }
                    catch (WireFormatException)
                    {
                        refused++;
                    }
                    catch (Exception error)
                    {
                        throw new RuleBrokenException("L19", "the bytes " + Convert.ToBase64String(bytes) + " end in " + error);
                    }
                }
            }

            Check.That("L19", parsed > 1000 && refused > 1000, "parsed " + parsed + ", refused " + refused);
            return Json.Object("parsed", parsed, "refused", refused);
        }

        /// <summary>No exception leaves the native callback, and whatever was handed over is released with the client.</summary>
        public static string Callback(string arguments)
        {
            Random random = Seeded(arguments);
            Lab lab = new Lab();
            lab.Connect();
            lab.Join();
            byte[][] seeds = Seeds(lab.IdOf(lab.Room));
            for (int i = 0; i < 10000 + seeds.Length; i++)
            {
                // First each as it is: the library never sends these, and what it does not ask for must be released.
                byte[] bytes = i < seeds.Length ? seeds[i] : Next(random, seeds);
                try
                {
                    Raw.Deliver(bytes);
                }
                catch (Exception error)
                {
                    throw new RuleBrokenException("L15", "the bytes " + Convert.ToBase64String(bytes) + " left the callback as " + error);
                }
            }

            Check.Soon("L15", delegate { return lab.Client.ControlDiagnostics().Line != null; }, "the client does not answer");
            lab.Client.Dispose();
            Check.Equal("L1", 0, LiveHandles.Total, "handles that are alive after the client: " + LiveHandles.Line());
            lab.Dispose();
            using (ReferenceClient next = ReferenceClient.Initialize())
            {
                ControlDiagnosticsResponse now = next.ControlDiagnostics();
                Check.Equal("L1", 0u, now.Handles.Total, "native handles after the client: " + now.Line);
                Check.That("L4", now.Drops.GroupBy(d => d.Id).All(g => g.Count(d => d.Known) <= 1), "a handle was dropped twice");
            }

            return "null";
        }

        /// <summary>A callback that cannot be read fails its operation, on the dispatch thread, and what it brought is released.</summary>
        public static string MalformedCallback(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Client.ControlHoldCallbacks("elsewhere");
                ulong id = PendingCalls.NextId() + 1;
                Operation<Room> connecting = lab.Client.ConnectAsync("ref://local/elsewhere", "me", new RoomOptions());
                string thread = null;
                connecting.GetAwaiter().OnCompleted(delegate { thread = System.Threading.Thread.CurrentThread.Name ?? "without a name"; });
                byte[] whole = Raw.Connected(id, 7000001, 7000002);
                // The last field of the last message is cut off, all lengths around it are right.
                List<byte> broken = new List<byte>(whole);
                broken[broken.Count - 2] = 100;
                Raw.Deliver(broken.ToArray());
                Check.Throws<WireFormatException>("L19", delegate { connecting.Wait(Lab.DeadlineMilliseconds); }, "an operation whose callback is malformed");
                Check.Soon("L21", delegate { return thread != null; }, "nothing went on after the operation");
                Check.Equal("L21", "ReferenceClient dispatch", thread, "the thread of the continuation");
                Check.Equal("L1", 0, LiveHandles.Total, "handles that are alive");
                Check.Equal("L1", 2, lab.Client.ControlDiagnostics().Drops.Count(d => d.Id == 7000001 || d.Id == 7000002), "handles that were released");
                return "null";
            }
        }

        private static Random Seeded(string arguments)
        {
            return new Random(arguments == "null" ? 1 : Convert.ToInt32(Json.Parse(arguments)));
        }

        private static byte[][] Seeds(ulong room = 1)
        {
            byte[][] seeds = Samples.Envelopes<FfiEvent>(room)
                .Concat(Samples.Envelopes<FfiRequest>(room))
                .Concat(Samples.Envelopes<FfiResponse>(room))
                .Concat(new[] { Raw.Connected(5, 8000001, 8000002) })
                .ToArray();
            Check.That("L19", seeds.Length > 150, "only " + seeds.Length + " messages to begin with");
            return seeds;
        }

        private static byte[] Next(Random random, byte[][] seeds)
        {
            byte[] bytes;
            if (random.Next(4) == 0)
            {
                bytes = new byte[random.Next(40)];
                random.NextBytes(bytes);
                return bytes;
            }

            byte[] seed = seeds[random.Next(seeds.Length)];
            List<byte> changed = new List<byte>(seed);
            for (int n = random.Next(4); n >= 0 && changed.Count > 0; n--)
            {
                int at = random.Next(changed.Count);
                switch (random.Next(4))
                {
                    case 0:
                        changed[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        changed.RemoveAt(at);
                        break;
                    case 2:
                        changed.Insert(at, (byte)random.Next(256));
                        break;
                    default:
                        changed.RemoveRange(at, changed.Count - at);
                        break;
                }
            }

            return changed.ToArray();
        }
    }
}
