// Immediate-mode GUI.
using System;

namespace UnityEngine
{
    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Rect.html
    public struct Rect
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Rect-ctor.html
        public Rect(float x, float y, float width, float height)
        {
            this.x = x;
            this.y = y;
            this.width = width;
            this.height = height;
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Rect-x.html
        public float x { get; set; }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Rect-y.html
        public float y { get; set; }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Rect-width.html
        public float width { get; set; }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Rect-height.html
        public float height { get; set; }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Screen.html
    public sealed class Screen
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Screen-width.html
        public static int width
        {
            get { return 1280; }
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Screen-height.html
        public static int height
        {
            get { return 720; }
        }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/ScaleMode.html
    public enum ScaleMode
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/ScaleMode.StretchToFill.html
        StretchToFill = 0,

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/ScaleMode.ScaleAndCrop.html
        ScaleAndCrop = 1,

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/ScaleMode.ScaleToFit.html
        ScaleToFit = 2,
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GUI.html
    public class GUI
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GUI-enabled.html
        public static bool enabled { get; set; } = true;

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GUI.DrawTexture.html
        public static void DrawTexture(Rect position, Texture image, ScaleMode scaleMode)
        {
            Engine.Gui.Drawn("texture", image.width + "x" + image.height);
        }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GUILayoutOption.html
    public sealed class GUILayoutOption
    {
        internal GUILayoutOption()
        {
        }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GUILayout.html
    public class GUILayout
    {
        private static readonly GUILayoutOption AnyOption = new GUILayoutOption();

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GUILayout.BeginArea.html
        public static void BeginArea(Rect screenRect)
        {
            Engine.Gui.Begin();
            Engine.Gui.Drawn("area", screenRect.x + " " + screenRect.width);
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GUILayout.EndArea.html
        public static void EndArea()
        {
            Engine.Gui.End();
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GUILayout.BeginHorizontal.html
        public static void BeginHorizontal(params GUILayoutOption[] options)
        {
            Engine.Gui.Begin();
            Engine.Gui.Drawn("row", string.Empty);
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GUILayout.EndHorizontal.html
        public static void EndHorizontal()
        {
            Engine.Gui.End();
            Engine.Gui.Drawn("end", string.Empty);
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GUILayout.Label.html
        public static void Label(string text, params GUILayoutOption[] options)
        {
            Engine.Gui.Drawn("label", text);
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GUILayout.Button.html
        public static bool Button(string text, params GUILayoutOption[] options)
        {
            return Engine.Gui.Button(text);
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GUILayout.TextField.html
        public static string TextField(string text, params GUILayoutOption[] options)
        {
            Engine.Gui.Drawn("field", text);
            return text;
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GUILayout.Space.html
        public static void Space(float pixels)
        {
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GUILayout.Width.html
        public static GUILayoutOption Width(float width)
        {
            return AnyOption;
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GUILayout.Height.html
        public static GUILayoutOption Height(float height)
        {
            return AnyOption;
        }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GUILayoutUtility.html
    public class GUILayoutUtility
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/GUILayoutUtility.GetRect.html
        public static Rect GetRect(float width, float height)
        {
            return new Rect(0, 0, width, height);
        }
    }
}
