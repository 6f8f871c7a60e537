// What happens at once in a program with lamps; every schedule of it is tried.
using System;
using System.Threading;
using GenBindings.Explore;
using Lamps;

public static class Scenarios
{
    /// <summary>A lamp is dimmed, burns out, and is disposed of, all at once; then the client ends.</summary>
    public static void Lamp()
    {
        LampClient client = LampClient.Start();
        Lamp lamp = client.NewLamp();
        int burnt = 0;
        lamp.BurntOut += delegate { Interlocked.Increment(ref burnt); };
        World.Explore();
        Thread dims = Begin("dims", delegate { lamp.Dim(50); });
        World.Send("burnt_out");
        lamp.Dispose();
        dims.Join();
        World.Quiet();
        client.Dispose();
        World.Expect(burnt <= 1, "BurntOut was raised twice.");
        World.CheckTheEnd();
    }

    /// <summary>The client is disposed of while its lamps are used, made and disposed of.</summary>
    public static void Client()
    {
        LampClient client = LampClient.Start();
        Lamp lamp = client.NewLamp();
        World.Explore();
        Thread makes = Begin("makes", delegate { client.NewLamp(); });
        Thread disposes = Begin("disposes", lamp.Dispose);
        client.Dispose();
        makes.Join();
        disposes.Join();
        World.Quiet();
        World.CheckTheEnd();
    }

    private static Thread Begin(string name, Action action)
    {
        Thread thread = new Thread((ThreadStart)delegate
        {
            try
            {
                action();
            }
            catch (ObjectDisposedException)
            {
                // It came too late.
            }
        });
        thread.Name = name;
        thread.Start();
        return thread;
    }
}
