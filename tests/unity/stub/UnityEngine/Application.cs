// The running application: its state, its log, its clock.
using System;

namespace UnityEngine
{
    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RuntimePlatform.html
    public enum RuntimePlatform
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RuntimePlatform.OSXEditor.html
        OSXEditor = 0,

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RuntimePlatform.OSXPlayer.html
        OSXPlayer = 1,

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RuntimePlatform.WindowsPlayer.html
        WindowsPlayer = 2,

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RuntimePlatform.WindowsEditor.html
        WindowsEditor = 7,

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RuntimePlatform.IPhonePlayer.html
        IPhonePlayer = 8,

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RuntimePlatform.Android.html
        Android = 11,

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RuntimePlatform.LinuxPlayer.html
        LinuxPlayer = 13,

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RuntimePlatform.LinuxEditor.html
        LinuxEditor = 16,
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/LogType.html
    public enum LogType
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/LogType.Error.html
        Error,

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/LogType.Assert.html
        Assert,

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/LogType.Warning.html
        Warning,

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/LogType.Log.html
        Log,

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/LogType.Exception.html
        Exception,
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/LogOption.html
    public enum LogOption
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/LogOption.None.html
        None,

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/LogOption.NoStacktrace.html
        NoStacktrace,
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Application.html
    public class Application
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Application-quitting.html
        public static event Action quitting;

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Application-isPlaying.html
        public static bool isPlaying
        {
            get { return Engine.Player.IsPlaying; }
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Application-isEditor.html
        public static bool isEditor
        {
            get { return Engine.Player.IsEditor; }
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Application-platform.html
        public static RuntimePlatform platform
        {
            get { return isEditor ? RuntimePlatform.LinuxEditor : RuntimePlatform.LinuxPlayer; }
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Application-unityVersion.html
        public static string unityVersion
        {
            get { return "2022.3.62f3"; }
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Application-runInBackground.html
        public static bool runInBackground { get; set; }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Application.Quit.html
        public static void Quit()
        {
            Engine.Player.QuitRequested = true;
        }

        internal static void RaiseQuitting()
        {
            Engine.Player.Raise(quitting);
        }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Debug.html
    public class Debug
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Debug.Log.html
        public static void Log(object message)
        {
            Engine.Console.Write("log", message);
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Debug.Log.html
        public static void Log(object message, Object context)
        {
            Engine.Console.Write("log", message);
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Debug.LogWarning.html
        public static void LogWarning(object message)
        {
            Engine.Console.Write("warning", message);
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Debug.LogWarning.html
        public static void LogWarning(object message, Object context)
        {
            Engine.Console.Write("warning", message);
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Debug.LogError.html
        public static void LogError(object message)
        {
            Engine.Console.Write("error", message);
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Debug.LogError.html
        public static void LogError(object message, Object context)
        {
            Engine.Console.Write("error", message);
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Debug.LogFormat.html
        public static void LogFormat(
            LogType logType, LogOption logOptions, Object context, string format, params object[] args)
        {
            string kind = logType == LogType.Error ? "error" : logType == LogType.Warning ? "warning" : "log";
            Engine.Console.Write(kind, string.Format(format, args));
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Debug.LogException.html
        public static void LogException(Exception exception)
        {
            Engine.Console.Write("exception", exception);
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Debug.LogException.html
        public static void LogException(Exception exception, Object context)
        {
            Engine.Console.Write("exception", exception);
        }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Time.html
    public class Time
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Time-frameCount.html
        public static int frameCount
        {
            get { return Engine.Player.FrameCount; }
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Time-deltaTime.html
        public static float deltaTime
        {
            get { return Engine.Player.FrameSeconds; }
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Time-unscaledDeltaTime.html
        public static float unscaledDeltaTime
        {
            get { return Engine.Player.FrameSeconds; }
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Time-unscaledTime.html
        public static float unscaledTime
        {
            get { return Engine.Player.FrameSeconds * Engine.Player.FrameCount; }
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Time-realtimeSinceStartup.html
        public static float realtimeSinceStartup
        {
            get { return Engine.Player.FrameSeconds * Engine.Player.FrameCount; }
        }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Mathf.html
    public struct Mathf
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Mathf.PI.html
        public const float PI = (float)Math.PI;

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Mathf.Sin.html
        public static float Sin(float f)
        {
            return (float)Math.Sin(f);
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Mathf.Min.html
        public static int Min(int a, int b)
        {
            return a < b ? a : b;
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Mathf.Min.html
        public static float Min(float a, float b)
        {
            return a < b ? a : b;
        }
    }
}
