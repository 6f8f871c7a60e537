// Events, the cascade and concurrency, against the reference server behind the shim that times callbacks.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Bench
{
    /// <summary>What the shim adds to the four entry points.</summary>
    internal static unsafe class Shim
    {
        [DllImport("reference_ffi", CallingConvention = CallingConvention.Cdecl)]
        internal static extern byte bench_load(byte* path);

        [DllImport("reference_ffi", CallingConvention = CallingConvention.Cdecl)]
        internal static extern void bench_time(int field, int count, IntPtr nothing, long* ofBare, long* ofBinding);

        [DllImport("reference_ffi", CallingConvention = CallingConvention.Cdecl)]
        internal static extern int bench_taken();

        [DllImport("reference_ffi", CallingConvention = CallingConvention.Cdecl)]
        internal static extern void bench_keep(int field);

        [DllImport("reference_ffi", CallingConvention = CallingConvention.Cdecl)]
        internal static extern int bench_kept(byte* into);

        [DllImport("reference_ffi", CallingConvention = CallingConvention.Cdecl)]
        internal static extern void bench_hand_over(IntPtr to, int count, int* counter, long* ns);

        [DllImport("reference_ffi", CallingConvention = CallingConvention.Cdecl)]
        internal static extern void bench_fire(IntPtr to, int count);
    }

    /// <summary>The least that a hand-over from a native callback to another thread takes: a lock, a queue, a pulse.</summary>
    internal static unsafe class BareHandOver
    {
        internal static readonly NativeCallback ToQueue = Put;
        internal static readonly NativeCallback ToNothing = Nothing;

        private static readonly object Gate = new object();
        private static readonly Queue<object> Items = new Queue<object>();
        private static readonly object Item = new object();
        private static int* _counter;

        internal static void Start(int* counter)
        {
            _counter = counter;
            new Thread(Loop) { IsBackground = true }.Start();
        }

        [AOT.MonoPInvokeCallback(typeof(NativeCallback))]
        private static void Nothing(byte* data, UIntPtr size)
        {
        }

        [AOT.MonoPInvokeCallback(typeof(NativeCallback))]
        private static void Put(byte* data, UIntPtr size)
        {
            lock (Gate)
            {
                Items.Enqueue(Item);
                Monitor.Pulse(Gate);
            }
        }

        private static void Loop()
        {
            while (true)
            {
                lock (Gate)
                {
                    while (Items.Count == 0)
                    {
                        Monitor.Wait(Gate);
                    }

                    Items.Dequeue();
                }

                (*_counter)++;
            }
        }
    }

    /// <summary>The rows that need a room.</summary>
    public static unsafe class Rooms
    {
        private const int Deadline = 60000;
        private const int AudioStreamEvent = 4;
        private const int RoomEvent = 1;
        private const int AllocationEvents = 1200;

        private static readonly int* Counter = (int*)Marshal.AllocHGlobal(64);
        private static long _handlerBytes;
        private static long _handlerStart;
        private static int _handled;

        /// <summary>Frames inside the callback, and events on the dispatch thread.</summary>
        public static string Events(string arguments)
        {
            var given = Load(arguments);
            int count = Convert.ToInt32(given["events"]);
            var results = new Dictionary<string, object>();
            using (ReferenceClient client = ReferenceClient.Initialize())
            {
                Room room = Connect(client, "events", "me");
                Join(client, room, "events", "other", 1);
                RemoteTrackPublication publication = room.RemoteParticipants[0].RemoteTrackPublications[0];
                AudioStream stream = publication.RemoteTrack.NewAudioStream();
                results["frame"] = Frames(client, stream, publication.Sid, count);
                room.ParticipantMetadataChanged += delegate { (*Counter)++; };
                results["hand-over"] = HandOvers(client, room, count);
            }

            return Json.Text(results);
        }

        /// <summary>The cascade of a room, against raw drops of as many handles.</summary>
        public static string Cascade(string arguments)
        {
            var given = Load(arguments);
            int participants = Convert.ToInt32(given["participants"]);
            int rounds = Convert.ToInt32(given["rounds"]);
            var cascade = new List<double>();
            var raw = new List<double>();
            int handles = 0;
            using (ReferenceClient client = ReferenceClient.Initialize())
            {
                // The first pair warms up and does not count.
                for (int round = -1; round < rounds; round++)
                {
                    for (int turn = 0; turn < 2; turn++)
                    {
                        bool dropsRaw = (turn + round) % 2 == 0;
                        string name = "cascade" + round + "-" + turn;
                        Room room = Connect(client, name, "me");
                        Join(client, room, name, "other", participants);
                        foreach (RemoteParticipant participant in room.RemoteParticipants)
                        {
                            participant.RemoteTrackPublications[0].RemoteTrack.NewAudioStream();
                        }

                        List<ObjectCore> order = new List<ObjectCore>();
                        Collect(room.Core, order);
                        Scenario.CollectGarbage();
                        ulong[] ids = order.Select(c => c.Handle.Id).ToArray();
                        long start = ThreadTime.Now;
                        if (dropsRaw)
                        {
                            foreach (ulong id in ids)
                            {
                                NativeMethods.reference_ffi_drop_handle(id);
                            }
                        }
                        else
                        {
                            room.Core.Session.End();
                        }

                        double ns = (double)(ThreadTime.Now - start) / ids.Length;
                        if (dropsRaw)
                        {
                            foreach (ObjectCore core in order)
                            {
                                core.Handle.MarkTaken();
                            }
                        }

                        handles = ids.Length;
                        if (round >= 0)
                        {
                            (dropsRaw ? raw : cascade).Add(ns);
                        }

                        GC.KeepAlive(order);
                        room.Core.Session.End();
                        client.ControlEndRoom(name);
                    }
                }
            }

            return Json.Object(
                "participants", participants,
                "handles", handles,
                "raw", Measure.Median(raw.ToArray()),
                "cascade", Measure.Median(cascade.ToArray()));
        }

        /// <summary>Requests per second of several threads, raw and generated; events per second of several rooms.</summary>
        public static string Concurrency(string arguments)
        {
            var given = Load(arguments);
            int requests = Convert.ToInt32(given["requests"]);
            int events = Convert.ToInt32(given["events"]);
            int rounds = Convert.ToInt32(given["rounds"]);
            var results = new List<object>();
            using (ReferenceClient client = ReferenceClient.Initialize())
            {
                foreach (int threads in new[] { 1, 2, 4, 8 })
                {
                    var tracks = new List<LocalTrack>();
                    var pointers = new List<IntPtr>();
                    var lengths = new List<int>();
                    for (int i = 0; i < threads; i++)
                    {
                        AudioSource source = client.NewAudioSource(sampleRate: 48000, numChannels: 1);
                        LocalTrack track = client.CreateAudioTrack("track " + i, source);
                        tracks.Add(track);
                        byte[] bytes = new FfiRequest
                        {
                            LocalTrackMute = new LocalTrackMuteRequest { TrackHandle = track.Core.Handle.Id, Mute = true },
                        }.ToByteArray();
                        IntPtr pointer = Marshal.AllocHGlobal(bytes.Length);
                        Marshal.Copy(bytes, 0, pointer, bytes.Length);
                        pointers.Add(pointer);
                        lengths.Add(bytes.Length);
                    }

                    var raw = new double[rounds];
                    var generated = new double[rounds];
                    for (int round = -1; round < rounds; round++)
                    {
                        double ofRaw = PerSecond(threads, requests, i => Raw((byte*)pointers[i], lengths[i], requests / threads));
                        double ofGenerated = PerSecond(threads, requests, i => Muted(tracks[i], requests / threads));
                        if (round >= 0)
                        {
                            raw[round] = ofRaw;
                            generated[round] = ofGenerated;
                        }
                    }

                    double arrived = EventsPerSecond(client, threads, events);
                    results.Add(new Dictionary<string, object>
                    {
                        { "threads", threads },
                        { "raw", Measure.Median(raw) },
                        { "generated", Measure.Median(generated) },
                        { "events", arrived },
                    });
                }
            }

            return Json.Text(results);
        }

        private static Dictionary<string, object> Frames(ReferenceClient client, AudioStream stream, string sid, int count)
        {
            Scenario.Stage("frames");
            stream.FrameReceived += delegate(AudioStream sender, in AudioStreamFrameReceivedEventArgs e) { _handled += e.AudioFrame.Data.Length != 0 ? 1 : 0; };
            long* bare = (long*)Marshal.AllocHGlobal(count * sizeof(long));
            long* binding = (long*)Marshal.AllocHGlobal(count * sizeof(long));
            double bytes = 0;
            for (int warm = 0; warm < 2; warm++)
            {
                _handled = 0;
                Shim.bench_time(AudioStreamEvent, count, Marshal.GetFunctionPointerForDelegate(BareHandOver.ToNothing), bare, binding);
                for (int sent = 0; sent < count; sent += 100)
                {
                    client.ControlEmitFrames("events", sid, 100);
                    Arrived(() => Volatile.Read(ref _handled) >= sent + 100, "frames");
                }

                Arrived(() => Shim.bench_taken() == count, "all frames");
            }

            // What the callback allocates shows between two handlers that run on one thread.
            AudioStreamFrameReceivedHandler counting = Counting;
            stream.FrameReceived += counting;
            bytes = double.MaxValue;
            for (int i = 0; i < 5; i++)
            {
                _handlerStart = 0;
                _handled = 0;
                client.ControlEmitFrames("events", sid, 200);
                Arrived(() => Volatile.Read(ref _handled) >= 200, "counted frames");
                bytes = Math.Min(bytes, Volatile.Read(ref _handlerBytes) / 150.0);
            }

            stream.FrameReceived -= counting;
            var more = new double[count];
            for (int i = 0; i < count; i++)
            {
                more[i] = binding[i] - bare[i];
            }

            return new Dictionary<string, object>
            {
                { "bare", Middle(bare, count) },
                { "generated", Middle(binding, count) },
                { "more", Measure.Median(more) },
                { "bytes", Math.Round(bytes, 1) },
            };
        }

        private static void Counting(AudioStream sender, in AudioStreamFrameReceivedEventArgs e)
        {
            // Frames of one stream come one after the other, though not always on one thread.
            if (_handled == 20)
            {
                _handlerStart = GC.GetAllocatedBytesForCurrentThread();
                _handlerThread = Thread.CurrentThread.ManagedThreadId;
            }
            else if (_handled == 170)
            {
                Volatile.Write(
                    ref _handlerBytes,
                    _handlerThread == Thread.CurrentThread.ManagedThreadId ? GC.GetAllocatedBytesForCurrentThread() - _handlerStart : long.MaxValue);
            }
        }

        private static int _handlerThread;

        private static Dictionary<string, object> HandOvers(ReferenceClient client, Room room, int count)
        {
            Scenario.Stage("hand-over");
            count = Math.Min(count, 2000);
            *Counter = 0;
            Shim.bench_keep(RoomEvent);
            client.ControlUpdate("events", "other0", "metadata of a participant");
            Arrived(() => *Counter > 0, "the event");
            BareHandOver.Start(Counter);
            IntPtr queue = Marshal.GetFunctionPointerForDelegate(BareHandOver.ToQueue);
            long* ns = (long*)Marshal.AllocHGlobal(Math.Max(count, AllocationEvents) * sizeof(long));
            var bare = new List<double>();
            var generated = new List<double>();
            for (int round = -1; round < 10; round++)
            {
                Shim.bench_hand_over(queue, count / 10, Counter, ns);
                double ofBare = Middle(ns, count / 10);
                Shim.bench_hand_over(IntPtr.Zero, count / 10, Counter, ns);
                if (round >= 0)
                {
                    bare.Add(ofBare);
                    generated.Add(Middle(ns, count / 10));
                }
            }

            var burstBare = new List<double>();
            var burst = new List<double>();
            for (int round = -1; round < 10; round++)
            {
                double ofBare = Burst(queue, count);
                double ofBinding = Burst(IntPtr.Zero, count);
                if (round >= 0)
                {
                    burstBare.Add(ofBare);
                    burst.Add(ofBinding);
                }
            }

            // The event's own object: its message with its strings, and its arguments. The rest is what the way costs.
            byte* kept = stackalloc byte[4096];
            int size = Shim.bench_kept(kept);
            byte[] envelope = new ReadOnlySpan<byte>(kept, size).ToArray();
            RoomEvent whole = FfiEvent.Parse(envelope).RoomEvent;
            byte[] inner = whole.ParticipantMetadataChanged.ToByteArray();
            double own = Measure.Allocated(
                n =>
                {
                    for (int i = 0; i < n; i++)
                    {
                        ParticipantMetadataChanged message = ParticipantMetadataChanged.Parse(inner);
                        GC.KeepAlive(new ParticipantMetadataChangedEventArgs(null, message.ParticipantIdentity, message.Metadata));
                    }
                },
                1000);

            // Both threads allocate: the one with the callback, and the one that handles.
            double onCallback = Measure.Allocated(n => Shim.bench_hand_over(IntPtr.Zero, n, Counter, ns), 1000);
            long before = 0;
            double onDispatch = double.MaxValue;
            EventHandler<ParticipantMetadataChangedEventArgs> counting = delegate
            {
                int seen = ++_handled;
                if (seen == 100)
                {
                    before = GC.GetAllocatedBytesForCurrentThread();
                }
                else if (seen == 1100)
                {
                    onDispatch = Math.Min(onDispatch, (GC.GetAllocatedBytesForCurrentThread() - before) / 1000.0);
                }
            };
            room.ParticipantMetadataChanged += counting;
            for (int i = 0; i < 5; i++)
            {
                _handled = 0;
                Shim.bench_hand_over(IntPtr.Zero, AllocationEvents, Counter, ns);
            }

            room.ParticipantMetadataChanged -= counting;
            return new Dictionary<string, object>
            {
                { "bare", Measure.Median(bare.ToArray()) },
                { "generated", Measure.Median(generated.ToArray()) },
                { "burst bare", Measure.Median(burstBare.ToArray()) },
                { "burst", Measure.Median(burst.ToArray()) },
                { "own bytes", own },
                { "bytes", Math.Round(onCallback + onDispatch, 1) },
            };
        }

        private static double Burst(IntPtr to, int count)
        {
            int before = *Counter;
            long start = Stopwatch.GetTimestamp();
            Shim.bench_fire(to, count);
            while (Volatile.Read(ref *Counter) - before < count)
            {
                Thread.SpinWait(20);
            }

            return (Stopwatch.GetTimestamp() - start) * 1e9 / Stopwatch.Frequency / count;
        }

        private static Dictionary<string, object> Load(string arguments)
        {
            var given = (Dictionary<string, object>)Json.Parse(arguments);
            fixed (byte* path = System.Text.Encoding.UTF8.GetBytes((string)given["library"] + "\0"))
            {
                if (Shim.bench_load(path) == 0)
                {
                    throw new InvalidOperationException("The shim could not load " + given["library"]);
                }
            }

            return given;
        }

        private static Room Connect(ReferenceClient client, string name, string identity)
        {
            Operation<Room> connecting = client.ConnectAsync("ref://local/" + name, identity, new RoomOptions());
            if (!connecting.Wait(Deadline))
            {
                throw new TimeoutException("The connect did not end.");
            }

            return connecting.Result;
        }

        private static IEnumerable<string> Identities(string prefix, int count)
        {
            for (int i = 0; i < count; i++)
            {
                yield return prefix + i;
            }
        }

        private static void Join(ReferenceClient client, Room room, string name, string prefix, int count)
        {
            Scenario.Stage("join " + count);
            int subscribed = 0;
            EventHandler<TrackSubscribedEventArgs> counting = delegate { Interlocked.Increment(ref subscribed); };
            room.TrackSubscribed += counting;
            foreach (string identity in Identities(prefix, count))
            {
                client.ControlJoin(name, identity);
                client.ControlPublish(name, identity, "microphone", TrackKind.Audio, TrackSource.Microphone);
            }

            Arrived(() => Volatile.Read(ref subscribed) == count, "all tracks");
            room.TrackSubscribed -= counting;
        }

        private static void Collect(ObjectCore core, List<ObjectCore> order)
        {
            for (ObjectCore child = core.FirstChild; child != null; child = child.NextSibling)
            {
                Collect(child, order);
            }

            order.Add(core);
        }

        private static void Raw(byte* data, int length, int times)
        {
            for (int i = 0; i < times; i++)
            {
                byte* reply;
                UIntPtr size;
                NativeMethods.reference_ffi_drop_handle(NativeMethods.reference_ffi_request(data, (UIntPtr)length, &reply, &size));
            }
        }

        private static void Muted(LocalTrack track, int times)
        {
            for (int i = 0; i < times; i++)
            {
                track.Mute(true);
            }
        }

        private static double PerSecond(int threads, int count, Action<int> work)
        {
            var started = new Thread[threads];
            var go = new ManualResetEvent(false);
            for (int i = 0; i < threads; i++)
            {
                int number = i;
                started[i] = new Thread(delegate()
                {
                    go.WaitOne();
                    work(number);
                });
                started[i].Start();
            }

            var watch = Stopwatch.StartNew();
            go.Set();
            foreach (Thread thread in started)
            {
                thread.Join();
            }

            return count / watch.Elapsed.TotalSeconds;
        }

        private static double EventsPerSecond(ReferenceClient client, int rooms, int events)
        {
            int arrived = 0;
            var opened = new List<Room>();
            for (int i = 0; i < rooms; i++)
            {
                string name = "many" + rooms + "-" + i;
                Room room = Connect(client, name, "me");
                Join(client, room, name, "other", 1);
                room.ParticipantMetadataChanged += delegate { Interlocked.Increment(ref arrived); };
                opened.Add(room);
            }

            var watch = Stopwatch.StartNew();
            PerSecond(
                rooms,
                events,
                i =>
                {
                    for (int sent = 0; sent < events / rooms; sent++)
                    {
                        client.ControlUpdate("many" + rooms + "-" + i, "other0", "metadata " + sent);
                    }
                });
            Arrived(() => Volatile.Read(ref arrived) >= events / rooms * rooms, "all events");
            double perSecond = arrived / watch.Elapsed.TotalSeconds;
            foreach (Room room in opened)
            {
                room.DisconnectAsync().Wait(Deadline);
            }

            return perSecond;
        }

        private static double Middle(long* values, int count)
        {
            var copy = new double[count];
            for (int i = 0; i < count; i++)
            {
                copy[i] = values[i];
            }

            return Measure.Median(copy);
        }

        private static void Arrived(Func<bool> holds, string what)
        {
            var watch = Stopwatch.StartNew();
            while (!holds())
            {
                if (watch.ElapsedMilliseconds > Deadline)
                {
                    throw new TimeoutException("There did not arrive: " + what);
                }

                Thread.Yield();
            }
        }
    }
}
