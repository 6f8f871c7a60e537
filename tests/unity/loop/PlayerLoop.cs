// A small player: what Unity does at start, in each frame, at a scene change and at the end, in Unity's order.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Threading;
using UnityEngine;
using UnityEngine.Engine;
#if UNITY_EDITOR
using UnityEditor;
#endif

namespace UnityLoop
{
    internal sealed class PlayerLoop : IDisposable
    {
        private const int DeadlineMilliseconds = 20000;

        private static readonly RuntimeInitializeLoadType[] BeforeTheScene =
        {
            RuntimeInitializeLoadType.SubsystemRegistration,
            RuntimeInitializeLoadType.AfterAssembliesLoaded,
            RuntimeInitializeLoadType.BeforeSplashScreen,
            RuntimeInitializeLoadType.BeforeSceneLoad,
        };

        private readonly string _project;
        private readonly SynchronizationContext _before = SynchronizationContext.Current;
        private readonly UnitySynchronizationContext _context;
        private readonly AudioThread _audio = new AudioThread();

        /// <summary>What Unity does when it has loaded the assemblies.</summary>
        internal PlayerLoop(string project)
        {
            _project = project;
            Player.MainThread = Thread.CurrentThread.ManagedThreadId;
            _context = new UnitySynchronizationContext(Player.MainThread);
            SynchronizationContext.SetSynchronizationContext(_context);
#if UNITY_EDITOR
            Player.IsEditor = true;
            foreach (Type type in typeof(PlayerLoop).Assembly.GetTypes())
            {
                if (type.IsDefined(typeof(InitializeOnLoadAttribute), false))
                {
                    RuntimeHelpers.RunClassConstructor(type.TypeHandle);
                }
            }
#endif
        }

        internal float Loudest
        {
            get { return _audio.Loudest; }
        }

        /// <summary>How long a frame takes; a server with a clock of its own wants the real time.</summary>
        internal int FrameMilliseconds { get; set; } = 1;

        public void Dispose()
        {
            _audio.Stop();
            SynchronizationContext.SetSynchronizationContext(_before);
        }

        internal void Play(string scene)
        {
            Player.IsPlaying = true;
            Player.QuitRequested = false;
            foreach (RuntimeInitializeLoadType when in BeforeTheScene)
            {
                RunMarked(when);
            }

            Load(scene);
            RunMarked(RuntimeInitializeLoadType.AfterSceneLoad);
#if UNITY_EDITOR
            EditorApplication.RaisePlayModeStateChanged(PlayModeStateChange.EnteredPlayMode);
#endif
        }

        internal void Frame()
        {
            Player.FrameCount++;
            if (Scenes.Wanted != null)
            {
                Objects.DestroyAll(false);
                Load(Scenes.Wanted);
            }

            Objects.StartNew();
            Objects.SendToAll("Update");
            Coroutines.Resume();
            _context.RunPosted();
            Objects.SendToAll("LateUpdate");
            _audio.Play(Objects.Running());
            Gui.NewPass();
            Objects.SendToAll("OnGUI");
            Objects.DestroyDoomed();
        }

        internal void Until(Func<bool> holds, string what)
        {
            Stopwatch clock = Stopwatch.StartNew();
            while (!holds())
            {
                if (clock.ElapsedMilliseconds > DeadlineMilliseconds)
                {
                    throw new TimeoutException("There should be " + what + ". The console: " + string.Join(" | ", UnityEngine.Engine.Console.Read()));
                }

                Frame();
                Thread.Sleep(FrameMilliseconds);
            }
        }

        internal void Press(string button)
        {
            Gui.Pressed = button;
            Until(() => Gui.Pressed == null, "a button " + button + " that can be pressed");
        }

        /// <summary>A player that is closed. Unity does not say which comes first, the event or the messages.</summary>
        internal void Quit(bool eventFirst)
        {
            if (eventFirst)
            {
                Application.RaiseQuitting();
            }

            Objects.SendToAll("OnApplicationQuit");
            if (!eventFirst)
            {
                Application.RaiseQuitting();
            }

            Objects.DestroyAll(true);
            Objects.DestroyDoomed();
            Player.IsPlaying = false;
        }

#if UNITY_EDITOR
        /// <summary>The play button is released.</summary>
        internal void StopPlaying(bool eventFirst)
        {
            EditorApplication.RaisePlayModeStateChanged(PlayModeStateChange.ExitingPlayMode);
            Quit(eventFirst);
            EditorApplication.RaisePlayModeStateChanged(PlayModeStateChange.EnteredEditMode);
        }

        /// <summary>Scripts were changed while the game plays: this is the last that runs in the domain.</summary>
        internal void BeforeReload()
        {
            AssemblyReloadEvents.RaiseBefore();
            Objects.SendToAll("OnDisable");
        }
#endif

        private static void RunMarked(RuntimeInitializeLoadType when)
        {
            foreach (Type type in typeof(PlayerLoop).Assembly.GetTypes())
            {
                foreach (MethodInfo method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                {
                    foreach (RuntimeInitializeOnLoadMethodAttribute mark in method.GetCustomAttributes(typeof(RuntimeInitializeOnLoadMethodAttribute), false))
                    {
                        if (mark.loadType == when)
                        {
                            Player.Guarded((Action)Delegate.CreateDelegate(typeof(Action), method));
                        }
                    }
                }
            }
        }

        private void Load(string scene)
        {
            Scenes.Active = scene;
            Scenes.Wanted = null;
            SceneFile.Load(_project, scene);
        }

        // Filters run on a thread of their own, 1024 samples of two channels at a time.
        private sealed class AudioThread
        {
            private readonly AutoResetEvent _wanted = new AutoResetEvent(false);
            private readonly AutoResetEvent _done = new AutoResetEvent(false);
            private readonly Thread _thread;
            private List<AudioFilter> _filters = new List<AudioFilter>();

            internal AudioThread()
            {
                _thread = new Thread(Loop);
                _thread.IsBackground = true;
                _thread.Start();
            }

            internal float Loudest { get; private set; }

            internal void Play(List<Slot> running)
            {
                List<AudioFilter> filters = new List<AudioFilter>();
                foreach (Slot slot in running)
                {
                    UnityEngine.AudioSource source = (UnityEngine.AudioSource)Objects.Find(slot.Component.gameObject, typeof(UnityEngine.AudioSource));
                    if (slot.Filter != null && source != null && source.isPlaying)
                    {
                        filters.Add(slot.Filter);
                    }
                }

                _filters = filters;
                _wanted.Set();
                _done.WaitOne();
            }

            internal void Stop()
            {
                _filters = null;
                _wanted.Set();
                _thread.Join();
            }

            private void Loop()
            {
                while (true)
                {
                    _wanted.WaitOne();
                    if (_filters == null)
                    {
                        return;
                    }

                    foreach (AudioFilter filter in _filters)
                    {
                        float[] data = new float[2048];
                        Player.Guarded(() => filter(data, 2));
                        foreach (float sample in data)
                        {
                            Loudest = Math.Max(Loudest, Math.Abs(sample));
                        }
                    }

                    _done.Set();
                }
            }
        }
    }
}
