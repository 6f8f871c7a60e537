// Scenarios against the plain interface: objects are created and destroyed by functions, without a message.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using GenBindings.Harness;
using Plain;

public static class PlainScenarios
{
    private const int Deadline = 10000;

    private static readonly List<string> Reports = new List<string>();

    /// <summary>Runs the cases that are named in the arguments; the answer has the fault of each, or "ok".</summary>
    public static string Run(string arguments)
    {
        Diagnostics.Reported += delegate(object sender, DiagnosticEventArgs e)
        {
            lock (Reports)
            {
                Reports.Add(e.Message);
            }
        };
        var results = new List<object>();
        foreach (var name in (IList<object>)((IDictionary<string, object>)Json.Parse(arguments))["cases"])
        {
            results.Add(name);
            results.Add(RunOne((string)name));
        }
        return Json.Object(results.ToArray());
    }

    private static string RunOne(string name)
    {
        Scenario.Stage(name);
        plain_reset();
        lock (Reports)
        {
            Reports.Clear();
        }
        try
        {
            Cases[name]();
            Equal(0, LiveHandles.Total, "handles that the client still owns");
            Equal("", Live(), "handles that are alive in the library");
            Equal(0u, plain_misuse_count(), "what was done wrong, last " + plain_last_misuse());
            Equal("", Reported(), "diagnostics");
            return "ok";
        }
        catch (Exception error)
        {
            return error.ToString();
        }
    }

    private static readonly Dictionary<string, Action> Cases = new Dictionary<string, Action>
    {
        { "functions_are_methods", Methods },
        { "null_is_an_exception", Refused },
        { "client_releases_children_first", ClientCascade },
        { "object_releases_what_is_below_it", ObjectCascade },
        { "child_is_released_alone", ChildAlone },
        { "dispose_twice_releases_once", DisposeTwice },
        { "dispose_from_many_threads_releases_once", DisposeAtOnce },
        { "call_under_way_keeps_the_order", CallUnderWay },
        { "abandoned_tree_is_released_in_order", Abandoned },
        { "abandoned_child_leaves_its_parent", AbandonedChild },
        { "parent_lives_as_long_as_a_child_is_held", HeldByChild },
        { "use_after_dispose_is_refused", UseAfterDispose },
        { "one_client_at_a_time", OneClient },
    };

    private static void Methods()
    {
        using (var client = PlainClient.Initialize())
        {
            var engine = client.CreateEngine(0);
            var voice = engine.CreateVoice(440);
            var effect = voice.CreateEffect(0.25f);
            Equal(1, voice.Play(50), "first play");
            Equal(2, voice.Play(100), "second play");
            Equal(-1, voice.Play(101), "a volume out of range");
            Equal(0.25f, effect.GetDepth(), "depth");
            Check(client.Engines.Single() == engine, "the client lists the engine");
            Check(engine.Voices.Single() == voice && voice.Engine == engine, "the engine its voice");
            Check(voice.Effects.Single() == effect && effect.Voice == voice, "the voice its effect");
            Equal("total=3 engines=1 voices=1 effects=1 other=0", LiveHandles.Line(), "live handles");
            Equal("engine voice effect", Live(), "as the library sees it");

            var muted = client.CreateEngine(NativeMethods.PLAIN_ENGINE_MUTED);
            Equal(-1, muted.CreateVoice(1).Play(1), "a voice of a muted engine");
        }
    }

    private static void Refused()
    {
        using (var client = PlainClient.Initialize())
        {
            var error = Throws<PlainException>(() => client.CreateEngine(2), "unknown flags");
            Equal("create_engine: the library returned no object", error.Message, "the text");
            Equal("create_engine", error.Operation, "the operation");
            var engine = client.CreateEngine(0);
            Throws<PlainException>(() => engine.CreateVoice(0), "a pitch out of range");
            Equal(0, engine.Voices.Count, "voices");
            Equal("total=1 engines=1 voices=0 effects=0 other=0", LiveHandles.Line(), "live handles");
        }
    }

    private static void ClientCascade()
    {
        using (var client = PlainClient.Initialize())
        {
            for (var i = 0; i < 2; i++)
            {
                var engine = client.CreateEngine(0);
                var voice = engine.CreateVoice(100);
                voice.CreateEffect(0);
                voice.CreateEffect(1);
                engine.CreateVoice(200);
            }
        }
        Equal("v e e v g v e e v g", Order(), "two engines, the newest of each first, children before parents");
    }

    private static void ObjectCascade()
    {
        using (var client = PlainClient.Initialize())
        {
            var engine = client.CreateEngine(0);
            var voice = engine.CreateVoice(100);
            var effect = voice.CreateEffect(0);
            var other = engine.CreateVoice(200);
            voice.Dispose();
            Equal("e v", Order(), "the voice with its effect");
            Check(voice.IsDisposed && effect.IsDisposed && !other.IsDisposed && !engine.IsDisposed, "and nothing else");
            Check(engine.Voices.Single() == other, "the engine's voices");
            Equal(1, other.Play(1), "the other voice plays");
            engine.Dispose();
            Equal("e v v g", Order(), "the rest");
            Equal(0, client.Engines.Count, "the client's engines");
        }
        Equal("e v v g", Order(), "nothing was left for the client");
    }

    private static void ChildAlone()
    {
        using (var client = PlainClient.Initialize())
        using (var engine = client.CreateEngine(0))
        using (var voice = engine.CreateVoice(100))
        {
            voice.CreateEffect(0).Dispose();
            Equal("e", Order(), "the effect");
            Equal(0, voice.Effects.Count, "the voice's effects");
            voice.CreateEffect(0.5f);
        }
        Equal("e e v g", Order(), "the rest");
    }

    private static void DisposeTwice()
    {
        var client = PlainClient.Initialize();
        var engine = client.CreateEngine(0);
        var voice = engine.CreateVoice(1);
        voice.Dispose();
        voice.Dispose();
        engine.Dispose();
        voice.Dispose();
        engine.Dispose();
        client.Dispose();
        client.Dispose();
        Equal("v g", Order(), "each once");
    }

    private static void DisposeAtOnce()
    {
        const int rounds = 50;
        using (var client = PlainClient.Initialize())
        {
            for (var round = 0; round < rounds; round++)
            {
                var engine = client.CreateEngine(0);
                var voice = engine.CreateVoice(1);
                var effect = voice.CreateEffect(0);
                using (var start = new Barrier(3))
                {
                    var threads = new IDisposable[] { engine, voice, effect }.Select(one => new Thread(() =>
                    {
                        start.SignalAndWait();
                        one.Dispose();
                    })).ToList();
                    threads.ForEach(t => t.Start());
                    threads.ForEach(t => t.Join());
                }
            }
        }
        Equal(3 * rounds, Order().Split(' ').Length, "each once");
    }

    private static void CallUnderWay()
    {
        using (var client = PlainClient.Initialize())
        {
            for (var round = 0; round < 100; round++)
            {
                var engine = client.CreateEngine(0);
                var effect = engine.CreateVoice(1).CreateEffect(0);
                using (var started = new ManualResetEventSlim())
                {
                    var caller = new Thread(() =>
                    {
                        started.Set();
                        try
                        {
                            while (effect.GetDepth() >= 0)
                            {
                            }
                        }
                        catch (ObjectDisposedException)
                        {
                            return;
                        }
                        throw new InvalidOperationException("the effect was called after it was destroyed");
                    });
                    caller.Start();
                    started.Wait();
                    engine.Dispose();
                    caller.Join();
                }
            }
        }
    }

    private static void Abandoned()
    {
        using (var client = PlainClient.Initialize())
        {
            var dropper = new Thread(() =>
            {
                var engine = client.CreateEngine(0);
                engine.CreateVoice(1).CreateEffect(0);
                engine.CreateVoice(2);
            });
            dropper.Start();
            dropper.Join();
            Check(Collected(() => Live() == ""), "the garbage collector found it");
            Equal("v e v g", Order(), "children first");
            Equal(0, client.Engines.Count, "the client's engines");
        }
        Check(
            Reported().StartsWith("Engine ") && Reported().Contains("abandoned") && !Reported().Contains(";"),
            "the root is reported as a leak, once: " + Reported());
        lock (Reports)
        {
            Reports.Clear();
        }
    }

    private static void AbandonedChild()
    {
        using (var client = PlainClient.Initialize())
        using (var engine = client.CreateEngine(0))
        {
            var dropper = new Thread(() => engine.CreateVoice(1).CreateEffect(0));
            dropper.Start();
            dropper.Join();
            Scenario.CollectGarbage();
            Equal("engine voice effect", Live(), "what stands below a living object lives as long");
            Equal(1, engine.Voices.Count, "and can be had from it");
        }
        Equal("e v g", Order(), "released with it");
    }

    private static void HeldByChild()
    {
        using (var client = PlainClient.Initialize())
        {
            Voice voice = null;
            var dropper = new Thread(() => voice = client.CreateEngine(0).CreateVoice(1));
            dropper.Start();
            dropper.Join();
            Scenario.CollectGarbage();
            Equal("", Order(), "nothing is released");
            Equal(1, voice.Play(1), "the voice plays");
            voice.Engine.Dispose();
            Equal("v g", Order(), "children first");
        }
    }

    private static void UseAfterDispose()
    {
        var client = PlainClient.Initialize();
        var engine = client.CreateEngine(0);
        var voice = engine.CreateVoice(1);
        voice.Dispose();
        Equal("Voice", Throws<ObjectDisposedException>(() => voice.Play(1), "a method").ObjectName, "the object");
        Throws<ObjectDisposedException>(() => voice.CreateEffect(0), "creating on it");
        client.Dispose();
        Throws<ObjectDisposedException>(() => engine.CreateVoice(1), "an object of a client that is gone");
        Throws<ObjectDisposedException>(() => client.CreateEngine(0), "the client");
    }

    private static void OneClient()
    {
        using (PlainClient.Initialize())
        {
            Throws<InvalidOperationException>(() => PlainClient.Initialize(), "a second client");
        }
        using (var again = PlainClient.Initialize())
        {
            again.CreateEngine(0).CreateVoice(1);
        }
    }

    private static bool Collected(Func<bool> condition)
    {
        return Scenario.Until(
            delegate
            {
                Scenario.CollectGarbage();
                return condition();
            },
            Deadline);
    }

    private static string Reported()
    {
        lock (Reports)
        {
            return string.Join("; ", Reports.ToArray());
        }
    }

    private static string Live()
    {
        var names = new[] { "engine", "voice", "effect" };
        var live = Enumerable.Range(0, 3).SelectMany(i => Enumerable.Repeat(names[i], (int)plain_live((uint)i + 1)));
        return string.Join(" ", live);
    }

    // The destroys so far: g an engine, v a voice, e an effect.
    private static string Order()
    {
        var kinds = new uint[(int)plain_order(null, UIntPtr.Zero)];
        plain_order(kinds, (UIntPtr)(uint)kinds.Length);
        return string.Join(" ", kinds.Select(k => "?gve"[(int)k].ToString()));
    }

    private static void Check(bool condition, string what)
    {
        if (!condition)
        {
            throw new InvalidOperationException("not so: " + what);
        }
    }

    private static void Equal<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new InvalidOperationException(what + ": expected <" + expected + ">, found <" + actual + ">");
        }
    }

    private static T Throws<T>(Action action, string what)
        where T : Exception
    {
        try
        {
            action();
        }
        catch (T error)
        {
            return error;
        }
        throw new InvalidOperationException(what + ": expected " + typeof(T).Name + ", nothing was thrown");
    }

    [DllImport("plain", CallingConvention = CallingConvention.Cdecl)]
    private static extern uint plain_live(uint kind);

    [DllImport("plain", CallingConvention = CallingConvention.Cdecl)]
    private static extern uint plain_misuse_count();

    [DllImport("plain", CallingConvention = CallingConvention.Cdecl)]
    private static extern uint plain_last_misuse();

    [DllImport("plain", CallingConvention = CallingConvention.Cdecl)]
    private static extern UIntPtr plain_order([Out] uint[] kinds, UIntPtr capacity);

    [DllImport("plain", CallingConvention = CallingConvention.Cdecl)]
    private static extern void plain_reset();
}
