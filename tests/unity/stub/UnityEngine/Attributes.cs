// Attributes that the engine and its compilers look for.
using System;

namespace UnityEngine
{
    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RuntimeInitializeLoadType.html
    public enum RuntimeInitializeLoadType
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RuntimeInitializeLoadType.AfterSceneLoad.html
        AfterSceneLoad,

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RuntimeInitializeLoadType.BeforeSceneLoad.html
        BeforeSceneLoad,

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RuntimeInitializeLoadType.AfterAssembliesLoaded.html
        AfterAssembliesLoaded,

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RuntimeInitializeLoadType.BeforeSplashScreen.html
        BeforeSplashScreen,

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RuntimeInitializeLoadType.SubsystemRegistration.html
        SubsystemRegistration,
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RuntimeInitializeOnLoadMethodAttribute.html
    [AttributeUsage(AttributeTargets.Method, AllowMultiple = false)]
    public class RuntimeInitializeOnLoadMethodAttribute : Scripting.PreserveAttribute
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RuntimeInitializeOnLoadMethodAttribute-ctor.html
        public RuntimeInitializeOnLoadMethodAttribute()
        {
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RuntimeInitializeOnLoadMethodAttribute-ctor.html
        public RuntimeInitializeOnLoadMethodAttribute(RuntimeInitializeLoadType loadType)
        {
            this.loadType = loadType;
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RuntimeInitializeOnLoadMethodAttribute-loadType.html
        public RuntimeInitializeLoadType loadType { get; private set; }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/SerializeField.html
    [AttributeUsage(AttributeTargets.Field)]
    public sealed class SerializeField : Attribute
    {
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/PropertyAttribute.html
    [AttributeUsage(AttributeTargets.Field, Inherited = true, AllowMultiple = false)]
    public abstract class PropertyAttribute : Attribute
    {
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/TooltipAttribute.html
    [AttributeUsage(AttributeTargets.Field, Inherited = true, AllowMultiple = false)]
    public class TooltipAttribute : PropertyAttribute
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/TooltipAttribute-tooltip.html
        public readonly string tooltip;

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/TooltipAttribute-ctor.html
        public TooltipAttribute(string tooltip)
        {
            this.tooltip = tooltip;
        }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RangeAttribute.html
    [AttributeUsage(AttributeTargets.Field, Inherited = true, AllowMultiple = false)]
    public sealed class RangeAttribute : PropertyAttribute
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RangeAttribute-min.html
        public readonly float min;

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RangeAttribute-max.html
        public readonly float max;

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RangeAttribute-ctor.html
        public RangeAttribute(float min, float max)
        {
            this.min = min;
            this.max = max;
        }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/DisallowMultipleComponent.html
    [AttributeUsage(AttributeTargets.Class, Inherited = false)]
    public sealed class DisallowMultipleComponent : Attribute
    {
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RequireComponent.html
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
    public sealed class RequireComponent : Attribute
    {
        internal Type Required { get; private set; }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/RequireComponent-ctor.html
        public RequireComponent(Type requiredComponent)
        {
            Required = requiredComponent;
        }
    }
}

namespace UnityEngine.Scripting
{
    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Scripting.PreserveAttribute.html
    [AttributeUsage(AttributeTargets.All, Inherited = false)]
    public class PreserveAttribute : Attribute
    {
    }
}

namespace AOT
{
    // https://docs.unity3d.com/2022.3/Documentation/Manual/ios-native-plugin-call-back.html
    [AttributeUsage(AttributeTargets.Method)]
    public class MonoPInvokeCallbackAttribute : Attribute
    {
        // https://docs.unity3d.com/2022.3/Documentation/Manual/ios-native-plugin-call-back.html
        public MonoPInvokeCallbackAttribute(Type type)
        {
        }
    }
}
