// Scenarios for check-close on the reference server: one that is clean, and one for each thing that can be left.
using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace CheckClose
{
    public static class Leaky
    {
        private static readonly List<object> Kept = new List<object>();
        private static ReferenceClient _client;

        public static string Run(string json)
        {
            string what = (string)Json.Parse(json);
            _client = _client ?? ReferenceClient.Initialize();
            AudioSource source = _client.NewAudioSource(sampleRate: 48000, numChannels: 1);
            switch (what)
            {
                case "handle":
                    Kept.Add(source);
                    return "null";
                case "socket":
                    Kept.Add(new UdpClient(new IPEndPoint(IPAddress.Loopback, 0)));
                    break;
                case "thread":
                    Thread left = new Thread(delegate() { Thread.Sleep(Timeout.Infinite); }) { Name = "left behind", IsBackground = true };
                    left.Start();
                    break;
                case "memory":
                    byte[] block = new byte[1 << 20];
                    new Random(1).NextBytes(block);
                    Kept.Add(block);
                    break;
                case "told":
                    Kept.Add(null);
                    source.Dispose();
                    return Json.Object("tasks", Kept.Count, "handles", Json.Parse("{\"room\":" + Kept.Count + "}"));
                case "named":
                    Kept.Add(null);
                    source.Dispose();
                    return Json.Object("tasks", Json.Parse("{\"query\":" + Kept.Count + ",\"ended\":0}"));
                case "throw":
                    throw new InvalidOperationException("the scenario throws");
                case "exit":
                    Scenario.Stage("leaving");
                    Environment.FailFast("the scenario crashes");
                    break;
                default:
                    break;
            }

            source.Dispose();
            return "null";
        }
    }
}
