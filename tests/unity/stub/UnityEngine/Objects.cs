// Objects of the engine: game objects, components, scripts. Public members are real ones; the line above each names its page.
using System;
using System.Collections;

namespace UnityEngine
{
    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Object.html
    public class Object
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Object-name.html
        public string name { get; set; }

        internal bool Destroyed { get; set; }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Object.Destroy.html
        public static void Destroy(Object obj)
        {
            Engine.Objects.DestroyLater(obj);
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Object.DestroyImmediate.html
        public static void DestroyImmediate(Object obj)
        {
            Engine.Objects.DestroyNow(obj);
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Object.DontDestroyOnLoad.html
        public static void DontDestroyOnLoad(Object target)
        {
            Engine.Objects.Keep(target);
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Object-operator_Object.html
        public static implicit operator bool(Object exists)
        {
            return !ReferenceEquals(exists, null) && !exists.Destroyed;
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Object-operator_eq.html
        public static bool operator ==(Object x, Object y)
        {
            return x ? ReferenceEquals(x, y) : !y;
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Object-operator_ne.html
        public static bool operator !=(Object x, Object y)
        {
            return !(x == y);
        }

        public override bool Equals(object other)
        {
            return this == (other as Object);
        }

        public override int GetHashCode()
        {
            return System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
        }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GameObject.html
    public sealed class GameObject : Object
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GameObject-ctor.html
        public GameObject(string name)
        {
            this.name = name;
            Engine.Objects.Add(this);
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GameObject-activeSelf.html
        public bool activeSelf
        {
            get { return Engine.Objects.IsActive(this); }
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GameObject.AddComponent.html
        public T AddComponent<T>()
            where T : Component
        {
            return (T)Engine.Objects.AddComponent(this, typeof(T));
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GameObject.GetComponent.html
        public T GetComponent<T>()
        {
            return (T)(object)Engine.Objects.Find(this, typeof(T));
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GameObject.SetActive.html
        public void SetActive(bool value)
        {
            Engine.Objects.SetActive(this, value);
        }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Component.html
    public class Component : Object
    {
        internal GameObject Owner { get; set; }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Component-gameObject.html
        public GameObject gameObject
        {
            get { return Owner; }
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Component.GetComponent.html
        public T GetComponent<T>()
        {
            return (T)(object)Engine.Objects.Find(Owner, typeof(T));
        }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Behaviour.html
    public class Behaviour : Component
    {
        private bool _enabled = true;

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Behaviour-enabled.html
        public bool enabled
        {
            get
            {
                return _enabled;
            }

            set
            {
                _enabled = value;
                Engine.Objects.EnabledChanged(this);
            }
        }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/MonoBehaviour.html
    public class MonoBehaviour : Behaviour
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/MonoBehaviour.StartCoroutine.html
        public Coroutine StartCoroutine(IEnumerator routine)
        {
            return Engine.Coroutines.Start(this, routine);
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/MonoBehaviour.StopCoroutine.html
        public void StopCoroutine(Coroutine routine)
        {
            Engine.Coroutines.Stop(routine);
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/MonoBehaviour.StopAllCoroutines.html
        public void StopAllCoroutines()
        {
            Engine.Coroutines.StopAll(this);
        }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/YieldInstruction.html
    public class YieldInstruction
    {
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Coroutine.html
    public sealed class Coroutine : YieldInstruction
    {
        internal bool Done { get; set; }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/CustomYieldInstruction.html
    public abstract class CustomYieldInstruction : IEnumerator
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/CustomYieldInstruction-keepWaiting.html
        public abstract bool keepWaiting { get; }

        object IEnumerator.Current
        {
            get { return null; }
        }

        bool IEnumerator.MoveNext()
        {
            return keepWaiting;
        }

        void IEnumerator.Reset()
        {
        }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/WaitUntil.html
    public sealed class WaitUntil : CustomYieldInstruction
    {
        private readonly Func<bool> _holds;

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/WaitUntil-ctor.html
        public WaitUntil(Func<bool> predicate)
        {
            _holds = predicate;
        }

        public override bool keepWaiting
        {
            get { return !_holds(); }
        }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/WaitForSecondsRealtime.html
    public class WaitForSecondsRealtime : CustomYieldInstruction
    {
        private readonly float _until;

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/WaitForSecondsRealtime-ctor.html
        public WaitForSecondsRealtime(float time)
        {
            _until = Time.realtimeSinceStartup + time;
        }

        public override bool keepWaiting
        {
            get { return Time.realtimeSinceStartup < _until; }
        }
    }
}
