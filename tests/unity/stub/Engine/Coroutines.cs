// Coroutines: one runs to its first yield when it is started, and is resumed after Update.
using System;
using System.Collections;
using System.Collections.Generic;

namespace UnityEngine.Engine
{
    internal static class Coroutines
    {
        private static readonly List<Routine> All = new List<Routine>();

        internal static Coroutine Start(MonoBehaviour owner, IEnumerator body)
        {
            Player.OnMainThread("StartCoroutine");
            Thing thing = owner ? Objects.Of(owner.gameObject) : null;
            if (thing == null || !thing.Active)
            {
                throw new InvalidOperationException("A coroutine cannot be started: its game object is not active.");
            }

            Routine routine = new Routine(owner, body);
            All.Add(routine);
            routine.Step();
            return routine.Public;
        }

        internal static void Stop(Coroutine routine)
        {
            All.RemoveAll(r => ReferenceEquals(r.Public, routine));
        }

        internal static void StopAll(MonoBehaviour owner)
        {
            All.RemoveAll(r => ReferenceEquals(r.Owner, owner));
        }

        internal static void StopAllOn(GameObject o)
        {
            All.RemoveAll(r => ReferenceEquals(r.Owner.gameObject, o));
        }

        internal static void Resume()
        {
            foreach (Routine routine in All.ToArray())
            {
                if (All.Contains(routine))
                {
                    routine.Step();
                }
            }
        }

        private sealed class Routine
        {
            private readonly Stack<IEnumerator> _bodies = new Stack<IEnumerator>();
            private Coroutine _waitsFor;

            internal Routine(MonoBehaviour owner, IEnumerator body)
            {
                Owner = owner;
                Public = new Coroutine();
                _bodies.Push(body);
            }

            internal MonoBehaviour Owner { get; private set; }

            internal Coroutine Public { get; private set; }

            // Runs until something is waited for. An enumerator that is yielded runs in its place until it ends.
            internal void Step()
            {
                if (_waitsFor != null && !_waitsFor.Done)
                {
                    return;
                }

                _waitsFor = null;
                while (_bodies.Count > 0)
                {
                    bool more;
                    try
                    {
                        more = _bodies.Peek().MoveNext();
                    }
                    catch (Exception error)
                    {
                        Debug.LogException(error);
                        _bodies.Clear();
                        break;
                    }

                    if (!more)
                    {
                        _bodies.Pop();
                        continue;
                    }

                    object yielded = _bodies.Peek().Current;
                    IEnumerator inner = yielded as IEnumerator;
                    if (inner != null)
                    {
                        _bodies.Push(inner);
                        continue;
                    }

                    _waitsFor = yielded as Coroutine;
                    return;
                }

                Public.Done = true;
                All.Remove(this);
            }
        }
    }
}
