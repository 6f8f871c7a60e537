// A program that ends in the ways in which programs end, with objects that nobody disposed.
using System;
using Reference.Ffi;
using Reference.Ffi.Messages;

public static class Ends
{
    public static int Main(string[] arguments)
    {
        ReferenceClient client = ReferenceClient.Initialize();
        client.NewAudioSource();
        switch (arguments[0])
        {
            case "forgotten":
                return 4;
            case "exit":
                Environment.Exit(3);
                return 0;
            default:
                client.ConnectAsync("ref://local/ends", "me", new RoomOptions()).Wait();
                if (arguments[0] == "closed")
                {
                    client.Dispose();
                }

                return 5;
        }
    }
}
