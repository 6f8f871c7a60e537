// The package's own glue, without the sample: start, stop, console, coroutines.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Reflection;
using System.Threading;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;
using UnityEngine;
using UnityEngine.Engine;
using Host = Reference.Ffi.Unity.ReferenceClientHost;

namespace UnityLoop
{
    public static class HostScenarios
    {
        /// <summary>It is started once, stops once, starts again, and a handler that throws does not keep it alive.</summary>
        public static string StartAndStop(string arguments)
        {
            List<object> told = new List<object>();
            using (PlayerLoop loop = new PlayerLoop(string.Empty))
            {
                RunMarked(RuntimeInitializeLoadType.SubsystemRegistration);
                told.Add(Host.IsRunning);
                told.Add(Refusal(() => told.Add(Host.Client)));
                RunMarked(RuntimeInitializeLoadType.BeforeSceneLoad);
                ReferenceClient first = Host.Client;
                Host.Start();
                told.Add(ReferenceEquals(first, Host.Client));

                int stopped = 0;
                bool usable = false;
                Host.Stopping += delegate { throw new InvalidOperationException("a handler that fails"); };
                Host.Stopping += delegate
                {
                    stopped++;
                    Host.Stop();
                    usable = Host.IsRunning && !Host.Client.IsDisposed;
                };
                first.NewAudioSource();
                Host.Stop();
                Host.Stop();
                told.AddRange(new object[] { stopped, usable, first.IsDisposed, Host.IsRunning, LiveHandles.Total });

                Host.Start();
                told.Add(ReferenceEquals(first, Host.Client));
                UnityEngine.Application.RaiseQuitting();
                told.AddRange(new object[] { stopped, Host.IsRunning });

                // The next play mode in the same domain: nothing of this one is called any more.
                Host.Start();
                Diagnostics.TrackCreation = true;
                RunMarked(RuntimeInitializeLoadType.SubsystemRegistration);
                told.AddRange(new object[] { stopped, Host.IsRunning, Diagnostics.TrackCreation });
                string elsewhere = null;
                Thread thread = new Thread(() => elsewhere = Refusal(Host.Start));
                thread.Start();
                thread.Join();
                told.Add(elsewhere);
            }

            return Json.Text(told);
        }

        /// <summary>What the library logs and what is reported, as the console shows it.</summary>
        public static string Logs(string arguments)
        {
            using (PlayerLoop loop = new PlayerLoop(string.Empty))
            {
                Host.Start();
                Host.Client.ControlEmitLog("from the library");
                loop.Until(() => Find("from the library") != null, "a log record");
                List<string> told = new List<string> { Find("from the library") };
                foreach (LogLevel level in Enum.GetValues(typeof(LogLevel)))
                {
                    LogRecord record = new LogRecord { Level = level, Target = "here", Message = level.ToString() };
                    LogsReceivedEventArgs e = new LogsReceivedEventArgs(new List<LogRecord> { record });
                    Type console = typeof(Host).Assembly.GetType("Reference.Ffi.Unity.ReferenceClientConsole");
                    console.GetMethod("OnLogs", BindingFlags.Static | BindingFlags.NonPublic).Invoke(null, new object[] { null, e });
                    told.Add(Find("here: " + level));
                }

                Diagnostics.ReportUnknownHandle(HandleKind.Room, 7);
                told.Add(Find("did not know"));
                Diagnostics.ReportError("While testing", new InvalidOperationException("{0} is no place holder"));
                told.Add(Find("While testing"));
                Host.Stop();
                return Json.Text(told);
            }
        }

        /// <summary>A coroutine that yields operations: one that succeeds, one that fails, one that is cancelled.</summary>
        public static string Coroutine(string arguments)
        {
            using (PlayerLoop loop = new PlayerLoop(string.Empty))
            {
                Host.Start();
                GameObject o = new GameObject("steps");
                Steps steps = o.AddComponent<Steps>();
                loop.Until(() => steps.Told.Count == 4, "the end of the coroutine");
                Host.Stop();
                steps.Told.Add(LiveHandles.Line());
                return Json.Text(steps.Told);
            }
        }

        /// <summary>Without the native library the console says where it belongs, and nothing else happens.</summary>
        public static string NoLibrary(string arguments)
        {
            using (PlayerLoop loop = new PlayerLoop(string.Empty))
            {
                RunMarked(RuntimeInitializeLoadType.SubsystemRegistration);
                RunMarked(RuntimeInitializeLoadType.BeforeSceneLoad);
                bool running = Host.IsRunning;
                UnityEngine.Application.RaiseQuitting();
                return Json.Text(new List<object> { running, UnityEngine.Engine.Console.Read() });
            }
        }

        private static string Refusal(Action action)
        {
            try
            {
                action();
                return null;
            }
            catch (InvalidOperationException error)
            {
                return error.Message;
            }
        }

        private static string Find(string text)
        {
            return UnityEngine.Engine.Console.Read().Find(line => line.Contains(text));
        }

        private static void RunMarked(RuntimeInitializeLoadType when)
        {
            foreach (MethodInfo method in typeof(Host).GetMethods(BindingFlags.Static | BindingFlags.NonPublic))
            {
                object[] marks = method.GetCustomAttributes(typeof(RuntimeInitializeOnLoadMethodAttribute), false);
                if (marks.Length == 1 && ((RuntimeInitializeOnLoadMethodAttribute)marks[0]).loadType == when)
                {
                    method.Invoke(null, null);
                }
            }
        }

        private sealed class Steps : MonoBehaviour
        {
            internal List<object> Told { get; } = new List<object>();

            private IEnumerator Start()
            {
                int thread = Thread.CurrentThread.ManagedThreadId;
                int frame = UnityEngine.Time.frameCount;
                Operation<Room> connecting = Host.Client.ConnectAsync("ref://local/yield", "me", new RoomOptions());
                yield return connecting;
                bool later = UnityEngine.Time.frameCount > frame && Thread.CurrentThread.ManagedThreadId == thread;
                Told.Add(later && connecting.IsCompleted && connecting.Error == null && connecting.Result.Name != null);

                Operation<Room> refused = Host.Client.ConnectAsync("nowhere", "me", new RoomOptions());
                yield return refused;
                Told.Add(refused.Error is ReferenceException);

                Operation<Room> cancelled = Host.Client.ConnectAsync("ref://local/yield", "you", new RoomOptions());
                cancelled.Cancel();
                yield return cancelled;
                Told.Add(cancelled.IsCanceled);

                yield return connecting.Result.DisconnectAsync();
                Told.Add(connecting.Result.IsDisposed);
            }
        }
    }
}
