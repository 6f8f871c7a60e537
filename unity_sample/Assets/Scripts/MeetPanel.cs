// What can be seen and pressed: the meeting, its participants, their pictures, and what is alive natively.
using UnityEngine;
using UnityEngine.SceneManagement;
#if MEET_LIVEKIT
using LiveKit.Ffi;
#else
using Reference.Ffi;
#endif

namespace Meet
{
    public sealed class MeetPanel : MonoBehaviour
    {
        private const float Width = 320;
        private const float PictureWidth = 160;
        private const float PictureHeight = 90;

        [SerializeField]
        private Meeting _meeting = null;

        [SerializeField]
        private SimulatedGuests _guests = null;

        private void OnGUI()
        {
            GUILayout.BeginArea(new Rect(10, 10, Width, Screen.height - 20));
            Buttons();
            Participants();
            GUILayout.EndArea();

            GUILayout.BeginArea(new Rect(Width + 20, 10, Width, Screen.height - 20));
            Handles();
            GUILayout.EndArea();
        }

        private void Buttons()
        {
            GUILayout.Label("Meeting: " + _meeting.State + "  " + _meeting.Notice);
            GUILayout.BeginHorizontal();
            if (Button("Connect", _meeting.State == MeetingState.Apart))
            {
                _meeting.Connect();
            }

            if (Button("Disconnect", _meeting.State == MeetingState.Connected))
            {
                _meeting.Disconnect();
            }

            if (Button("Lobby", true))
            {
                SceneManager.LoadScene("Lobby");
            }

            GUILayout.EndHorizontal();
            GUILayout.BeginHorizontal();
            bool hasGuests = _guests.IsAvailable && _meeting.State == MeetingState.Connected;
            if (Button("A guest joins", hasGuests))
            {
                _guests.Join(_meeting.Room);
            }

            if (Button("A guest leaves", hasGuests))
            {
                _guests.Leave();
            }

            GUILayout.EndHorizontal();
        }

        private void Participants()
        {
            if (_meeting.Room == null || _meeting.Room.IsDisposed)
            {
                return;
            }

            GUILayout.Label("Here: " + _meeting.Room.LocalParticipant.Identity + " (you)");
            foreach (RemoteParticipant participant in _meeting.Room.RemoteParticipants)
            {
                GUILayout.Label(participant.Name + ": " + participant.RemoteTrackPublications.Count + " tracks");
                foreach (RemoteVideo video in _meeting.Videos)
                {
                    if (video.Owner == participant.Identity && video.Texture != null)
                    {
                        Rect place = GUILayoutUtility.GetRect(PictureWidth, PictureHeight);
                        GUI.DrawTexture(place, video.Texture, ScaleMode.ScaleToFit);
                    }
                }
            }
        }

        private static void Handles()
        {
            GUILayout.Label("Live native handles");
            foreach (string column in LiveHandles.Line().Split(' '))
            {
                GUILayout.Label(column.Replace("=", ": "));
            }
        }

        private static bool Button(string text, bool enabled)
        {
            GUI.enabled = enabled;
            bool pressed = GUILayout.Button(text);
            GUI.enabled = true;
            return pressed;
        }
    }
}
