using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Text;
using AOT;
using LiveKit.Proto;
using UnityEngine;
#if UNITY_EDITOR
using UnityEditor;
#endif

namespace Meet
{
    /// <summary>The one component that talks to the library; events wait for the next frame.</summary>
    [DefaultExecutionOrder(-100)]
    public sealed class Hub : MonoBehaviour
    {
        private static readonly Native.NativeEvent s_onEvent = OnEvent;
        private static readonly ConcurrentQueue<FfiEvent> s_arrived = new ConcurrentQueue<FfiEvent>();
        private static Hub s_hub;

        private readonly List<Session> _sessions = new List<Session>();
        private readonly Dictionary<ulong, Answer> _answers = new Dictionary<ulong, Answer>();
        private ulong _next;

        public static Hub Get()
        {
            if (s_hub == null)
            {
                var holder = new GameObject(nameof(Hub));
                DontDestroyOnLoad(holder);
                s_hub = holder.AddComponent<Hub>();
            }

            return s_hub;
        }

        [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.SubsystemRegistration)]
        private static void ForgetLastPlay()
        {
            s_hub = null;
            while (s_arrived.TryDequeue(out _))
            {
            }
        }

        private void Awake()
        {
            Native.Start(s_onEvent, 0, Utf8("unity"), Utf8(Application.version));
            Application.quitting += Stop;
#if UNITY_EDITOR
            AssemblyReloadEvents.beforeAssemblyReload += Stop;
#endif
        }

        private void OnDestroy()
        {
            Application.quitting -= Stop;
#if UNITY_EDITOR
            AssemblyReloadEvents.beforeAssemblyReload -= Stop;
#endif
            Stop();
        }

        private void Stop()
        {
            if (s_hub == null)
            {
                return;
            }

            s_hub = null;
            foreach (var session in _sessions.ToArray())
            {
                session.Dispose();
            }

            _sessions.Clear();
            Native.Shutdown();
        }

        private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text + "\0");

        public Session Join(string url, string token)
        {
            var session = new Session(this, url, token);
            _sessions.Add(session);
            return session;
        }

        internal void Forget(Session session)
        {
            _sessions.Remove(session);
        }

        internal ulong Expect(Answer answer)
        {
            var id = ++_next;
            _answers.Add(id, answer);
            return id;
        }

        [MonoPInvokeCallback(typeof(Native.NativeEvent))]
        private static unsafe void OnEvent(IntPtr data, UIntPtr size)
        {
            try
            {
                s_arrived.Enqueue(FfiEvent.Parser.ParseFrom(new Span<byte>(data.ToPointer(), (int)size)));
            }
            catch (Exception)
            {
                // Nothing may leave a native callback.
            }
        }

        private void Update()
        {
            while (s_arrived.TryDequeue(out var message))
            {
                switch (message.MessageCase)
                {
                    case FfiEvent.MessageOneofCase.Connect:
                        Finish(message.Connect.AsyncId, message);
                        break;
                    case FfiEvent.MessageOneofCase.Disconnect:
                        Finish(message.Disconnect.AsyncId, message);
                        break;
                    case FfiEvent.MessageOneofCase.PublishTrack:
                        Finish(message.PublishTrack.AsyncId, message);
                        break;
                    case FfiEvent.MessageOneofCase.RoomEvent:
                        foreach (var session in _sessions.ToArray())
                        {
                            session.OnRoomEvent(message.RoomEvent);
                        }

                        break;
                    case FfiEvent.MessageOneofCase.AudioStreamEvent:
                        foreach (var session in _sessions)
                        {
                            session.OnAudio(message.AudioStreamEvent);
                        }

                        break;
                    case FfiEvent.MessageOneofCase.Panic:
                        Debug.LogError(message.Panic.Message);
                        Stop();
                        break;
                }
            }
        }

        private void Finish(ulong id, FfiEvent message)
        {
            Answer answer;
            if (!_answers.TryGetValue(id, out answer))
            {
                Debug.LogWarning("Nobody waits for answer " + id);
                return;
            }

            _answers.Remove(id);
            answer.Complete(message);
        }
    }

    /// <summary>What a coroutine yields until the library has answered.</summary>
    public abstract class Answer : CustomYieldInstruction
    {
        public bool IsDone { get; protected set; }

        public string Error { get; protected set; }

        public override bool keepWaiting => !IsDone;

        internal abstract void Complete(FfiEvent message);
    }
}
