// What the engine knows of itself while it plays. Nothing in this folder is public: it is no part of Unity's API.
using System;
using System.Collections.Generic;
using System.Threading;

namespace UnityEngine.Engine
{
    internal static class Player
    {
        internal const int FramesPerSecond = 50;

        internal static int MainThread { get; set; }

        internal static bool IsPlaying { get; set; }

        internal static bool IsEditor { get; set; }

        internal static bool QuitRequested { get; set; }

        internal static int FrameCount { get; set; }

        internal static float FrameSeconds
        {
            get { return 1f / FramesPerSecond; }
        }

        internal static void OnMainThread(string what)
        {
            if (Thread.CurrentThread.ManagedThreadId != MainThread)
            {
                throw new InvalidOperationException(what + " can only be called from the main thread.");
            }
        }

        // One handler that throws does not keep the others from being called.
        internal static void Raise(Action handlers)
        {
            foreach (Delegate one in handlers == null ? new Delegate[0] : handlers.GetInvocationList())
            {
                Guarded((Action)one);
            }
        }

        internal static void Guarded(Action action)
        {
            try
            {
                action();
            }
            catch (Exception error)
            {
                Debug.LogException(error);
            }
        }
    }

    internal static class Console
    {
        private static readonly List<string> Lines = new List<string>();

        internal static void Write(string kind, object message)
        {
            lock (Lines)
            {
                Lines.Add(kind + ": " + message);
            }
        }

        internal static List<string> Read()
        {
            lock (Lines)
            {
                return new List<string>(Lines);
            }
        }

        internal static void Clear()
        {
            lock (Lines)
            {
                Lines.Clear();
            }
        }
    }

    internal static class Scenes
    {
        internal static string Active { get; set; }

        internal static string Wanted { get; set; }
    }

    internal static class Media
    {
        internal const int SampleRate = 48000;

        private static readonly List<Texture2D> Textures = new List<Texture2D>();

        internal static IEnumerable<Texture2D> LiveTextures
        {
            get { return Textures.FindAll(t => t); }
        }

        internal static void Made(Texture2D texture)
        {
            Textures.Add(texture);
        }
    }

    // What the last pass of OnGUI drew, and the button that is to be pressed in the next one.
    internal static class Gui
    {
        private static readonly List<string> Elements = new List<string>();
        private static int _open;

        internal static string Pressed { get; set; }

        internal static List<string> Read()
        {
            return new List<string>(Elements);
        }

        internal static void NewPass()
        {
            if (_open != 0)
            {
                Debug.LogError("A layout group was begun and not ended, or ended and not begun.");
            }

            _open = 0;
            GUI.enabled = true;
            Elements.Clear();
        }

        internal static void Begin()
        {
            _open++;
        }

        internal static void End()
        {
            _open--;
        }

        internal static void Drawn(string what, string text)
        {
            Elements.Add(what + " " + text);
        }

        internal static bool Button(string text)
        {
            Drawn(GUI.enabled ? "button" : "disabled", text);
            if (!GUI.enabled || Pressed != text)
            {
                return false;
            }

            Pressed = null;
            return true;
        }
    }
}
