// The life of game objects and scripts: which message a script gets when.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Reflection;

namespace UnityEngine.Engine
{
    internal delegate void AudioFilter(float[] data, int channels);

    // A component and the messages that it has methods for.
    internal sealed class Slot
    {
        private readonly Dictionary<string, Action> _messages = new Dictionary<string, Action>();

        internal Slot(Component component)
        {
            Component = component;
            if (!(component is MonoBehaviour))
            {
                return;
            }

            foreach (string name in new[] { "Awake", "OnEnable", "Update", "LateUpdate", "OnGUI", "OnApplicationQuit", "OnDisable", "OnDestroy" })
            {
                _messages[name] = (Action)Find(typeof(Action), name, typeof(void));
            }

            Start = (Action)Find(typeof(Action), "Start", typeof(void));
            StartRoutine = (Func<IEnumerator>)Find(typeof(Func<IEnumerator>), "Start", typeof(IEnumerator));
            Filter = (AudioFilter)Find(typeof(AudioFilter), "OnAudioFilterRead", typeof(void));
        }

        internal Component Component { get; private set; }

        internal Action Start { get; private set; }

        internal Func<IEnumerator> StartRoutine { get; private set; }

        internal AudioFilter Filter { get; private set; }

        internal bool Awoken { get; set; }

        internal bool Enabled { get; set; }

        internal bool Started { get; set; }

        internal void Send(string message)
        {
            Action method;
            if (_messages.TryGetValue(message, out method) && method != null)
            {
                Player.Guarded(method);
            }
        }

        private Delegate Find(Type type, string name, Type result)
        {
            for (Type at = Component.GetType(); at != typeof(MonoBehaviour); at = at.BaseType)
            {
                MethodInfo method = at.GetMethod(
                    name, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);
                if (method != null && method.ReturnType == result)
                {
                    return Delegate.CreateDelegate(type, Component, method);
                }
            }

            return null;
        }
    }

    internal sealed class Thing
    {
        internal Thing(GameObject o)
        {
            GameObject = o;
        }

        internal GameObject GameObject { get; private set; }

        internal List<Slot> Slots { get; } = new List<Slot>();

        internal bool Active { get; set; } = true;

        // Objects of a scene that is being read wait for each other before they wake.
        internal bool Asleep { get; set; }

        internal bool Kept { get; set; }
    }

    internal static class Objects
    {
        private static readonly List<Thing> Things = new List<Thing>();
        private static readonly List<Object> Doomed = new List<Object>();

        internal static void Add(GameObject o)
        {
            Things.Add(new Thing(o));
        }

        internal static Thing Of(GameObject o)
        {
            return Things.Find(t => ReferenceEquals(t.GameObject, o));
        }

        internal static bool IsActive(GameObject o)
        {
            return Of(o).Active;
        }

        internal static Component AddComponent(GameObject o, Type type)
        {
            Thing thing = Of(o);
            foreach (object required in type.GetCustomAttributes(typeof(RequireComponent), true))
            {
                if (!Find(o, ((RequireComponent)required).Required))
                {
                    AddComponent(o, ((RequireComponent)required).Required);
                }
            }

            Component component = (Component)Activator.CreateInstance(type);
            component.Owner = o;
            component.name = o.name;
            Slot slot = new Slot(component);
            thing.Slots.Add(slot);
            Refresh(thing, slot);
            return component;
        }

        internal static Component Find(GameObject o, Type type)
        {
            Slot slot = Of(o).Slots.Find(s => type.IsInstanceOfType(s.Component));
            return slot == null ? null : slot.Component;
        }

        internal static void SetActive(GameObject o, bool active)
        {
            Thing thing = Of(o);
            thing.Active = active;
            foreach (Slot slot in thing.Slots.ToArray())
            {
                Refresh(thing, slot);
            }

            if (!active)
            {
                Coroutines.StopAllOn(o);
            }
        }

        internal static void EnabledChanged(Behaviour behaviour)
        {
            Thing thing = behaviour.Owner == null ? null : Of(behaviour.Owner);
            Slot slot = thing == null ? null : thing.Slots.Find(s => ReferenceEquals(s.Component, behaviour));
            if (slot != null)
            {
                Refresh(thing, slot);
            }
        }

        internal static void Wake(IEnumerable<GameObject> asleep)
        {
            foreach (GameObject o in asleep)
            {
                Thing thing = Of(o);
                thing.Asleep = false;
                foreach (Slot slot in thing.Slots.ToArray())
                {
                    Refresh(thing, slot);
                }
            }
        }

        internal static void Keep(Object target)
        {
            GameObject o = target as GameObject ?? ((Component)target).gameObject;
            Of(o).Kept = true;
        }

        internal static void DestroyLater(Object doomed)
        {
            Player.OnMainThread("Destroy");
            if (doomed)
            {
                Doomed.Add(doomed);
            }
        }

        internal static void DestroyDoomed()
        {
            while (Doomed.Count > 0)
            {
                Object first = Doomed[0];
                Doomed.RemoveAt(0);
                DestroyNow(first);
            }
        }

        // OnDisable of everything that goes comes before OnDestroy of anything.
        internal static void DestroyAll(bool keptToo)
        {
            List<Thing> going = Things.FindAll(t => keptToo || !t.Kept);
            foreach (Thing thing in going)
            {
                Disable(thing);
            }

            foreach (Thing thing in going)
            {
                DestroyNow(thing.GameObject);
            }
        }

        internal static void DestroyNow(Object doomed)
        {
            if (!doomed)
            {
                return;
            }

            GameObject o = doomed as GameObject;
            Component component = doomed as Component;
            if (o != null)
            {
                Thing thing = Of(o);
                Disable(thing);
                foreach (Slot slot in thing.Slots)
                {
                    Destroy(slot);
                }

                Things.Remove(thing);
            }
            else if (component != null)
            {
                Thing thing = Of(component.gameObject);
                Slot slot = thing.Slots.Find(s => ReferenceEquals(s.Component, component));
                Disable(slot);
                Destroy(slot);
                thing.Slots.Remove(slot);
            }

            doomed.Destroyed = true;
        }

        internal static List<Component> All()
        {
            List<Component> all = new List<Component>();
            foreach (Thing thing in Things)
            {
                thing.Slots.ForEach(s => all.Add(s.Component));
            }

            return all;
        }

        internal static List<Slot> Running()
        {
            List<Slot> running = new List<Slot>();
            foreach (Thing thing in Things)
            {
                running.AddRange(thing.Slots.FindAll(s => s.Enabled));
            }

            return running;
        }

        internal static void SendToAll(string message)
        {
            foreach (Slot slot in Running())
            {
                if (slot.Enabled)
                {
                    slot.Send(message);
                }
            }
        }

        internal static void StartNew()
        {
            foreach (Slot slot in Running())
            {
                if (slot.Started || !slot.Enabled)
                {
                    continue;
                }

                slot.Started = true;
                if (slot.Start != null)
                {
                    Player.Guarded(slot.Start);
                }
                else if (slot.StartRoutine != null)
                {
                    Slot starting = slot;
                    Player.Guarded(() => Coroutines.Start((MonoBehaviour)starting.Component, starting.StartRoutine()));
                }
            }
        }

        private static void Refresh(Thing thing, Slot slot)
        {
            Behaviour behaviour = slot.Component as Behaviour;
            if (thing.Asleep || !thing.Active || behaviour == null)
            {
                if (slot.Enabled)
                {
                    Disable(slot);
                }

                return;
            }

            if (!slot.Awoken)
            {
                slot.Awoken = true;
                slot.Send("Awake");
            }

            if (behaviour.enabled && !slot.Enabled)
            {
                slot.Enabled = true;
                slot.Send("OnEnable");
            }
            else if (!behaviour.enabled && slot.Enabled)
            {
                Disable(slot);
            }
        }

        private static void Disable(Thing thing)
        {
            foreach (Slot slot in thing.Slots)
            {
                Disable(slot);
            }
        }

        private static void Disable(Slot slot)
        {
            if (slot.Enabled)
            {
                slot.Enabled = false;
                slot.Send("OnDisable");
            }
        }

        private static void Destroy(Slot slot)
        {
            MonoBehaviour script = slot.Component as MonoBehaviour;
            if (script != null)
            {
                Coroutines.StopAll(script);
            }

            if (slot.Awoken)
            {
                slot.Send("OnDestroy");
            }

            slot.Component.Destroyed = true;
        }
    }
}
