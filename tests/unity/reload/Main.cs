// Runs the scenario as a program: Mono with Unity's collector is no library that Python could load.
using System;
using System.IO;
using System.Runtime.InteropServices;
using GenBindings.Harness;

internal static class ReloadMain
{
    // An orderly exit would wait for the library's threads.
    [DllImport("libc", EntryPoint = "_exit")]
    private static extern void ExitNow(int code);

    private static int Main(string[] arguments)
    {
        string answer;
        try
        {
            string told = UnityLoop.UnityScenarios.WithReload(arguments[1]);
            answer = Json.Object("status", "ok", "result", new Json.Raw(told));
        }
        catch (Exception error)
        {
            answer = Json.Object("status", "failed", "error", error.ToString());
        }

        File.WriteAllText(arguments[0], answer);
        ExitNow(0);
        return 1;
    }
}
