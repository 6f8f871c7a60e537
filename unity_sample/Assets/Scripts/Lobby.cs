// The other scene: going there leaves the meeting, coming back begins a new one.
using UnityEngine;
using UnityEngine.SceneManagement;

namespace Meet
{
    public sealed class Lobby : MonoBehaviour
    {
        private void OnGUI()
        {
            if (GUILayout.Button("Enter the meeting"))
            {
                SceneManager.LoadScene("Meet");
            }
        }
    }
}
