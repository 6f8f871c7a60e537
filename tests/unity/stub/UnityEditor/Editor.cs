// The editor: play mode and the reload of assemblies.
using System;

namespace UnityEditor
{
    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/PlayModeStateChange.html
    public enum PlayModeStateChange
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/PlayModeStateChange.EnteredEditMode.html
        EnteredEditMode,

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/PlayModeStateChange.ExitingEditMode.html
        ExitingEditMode,

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/PlayModeStateChange.EnteredPlayMode.html
        EnteredPlayMode,

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/PlayModeStateChange.ExitingPlayMode.html
        ExitingPlayMode,
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/EditorApplication.html
    public sealed class EditorApplication
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/EditorApplication-playModeStateChanged.html
        public static event Action<PlayModeStateChange> playModeStateChanged;

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/EditorApplication-quitting.html
        public static event Action quitting;

        internal static void RaisePlayModeStateChanged(PlayModeStateChange change)
        {
            Action<PlayModeStateChange> handlers = playModeStateChanged;
            if (handlers != null)
            {
                handlers(change);
            }
        }

        internal static void RaiseQuitting()
        {
            Action handlers = quitting;
            if (handlers != null)
            {
                handlers();
            }
        }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/AssemblyReloadEvents.html
    public static class AssemblyReloadEvents
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/AssemblyReloadEvents.AssemblyReloadCallback.html
        public delegate void AssemblyReloadCallback();

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/AssemblyReloadEvents-beforeAssemblyReload.html
        public static event AssemblyReloadCallback beforeAssemblyReload;

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/AssemblyReloadEvents-afterAssemblyReload.html
        public static event AssemblyReloadCallback afterAssemblyReload;

        internal static void RaiseBefore()
        {
            AssemblyReloadCallback handlers = beforeAssemblyReload;
            if (handlers != null)
            {
                handlers();
            }
        }

        internal static void RaiseAfter()
        {
            AssemblyReloadCallback handlers = afterAssemblyReload;
            if (handlers != null)
            {
                handlers();
            }
        }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/InitializeOnLoadAttribute.html
    [AttributeUsage(AttributeTargets.Class)]
    public class InitializeOnLoadAttribute : Attribute
    {
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/InitializeOnLoadMethodAttribute.html
    [AttributeUsage(AttributeTargets.Method)]
    public class InitializeOnLoadMethodAttribute : Attribute
    {
    }
}
