// Scenes.
using System;

namespace UnityEngine.SceneManagement
{
    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/SceneManagement.Scene.html
    public struct Scene
    {
        internal Scene(string name)
            : this()
        {
            this.name = name;
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/SceneManagement.Scene-name.html
        public string name { get; set; }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/SceneManagement.SceneManager.html
    public class SceneManager
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/SceneManagement.SceneManager.GetActiveScene.html
        public static Scene GetActiveScene()
        {
            return new Scene(Engine.Scenes.Active);
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/SceneManagement.SceneManager.LoadScene.html
        public static void LoadScene(string sceneName)
        {
            Engine.Scenes.Wanted = sceneName;
        }
    }
}
