// One remote audio track, played by an audio source of its own.
using UnityEngine;
#if MEET_LIVEKIT
using LiveKit.Ffi;
#else
using Reference.Ffi;
#endif

namespace Meet
{
    [RequireComponent(typeof(UnityEngine.AudioSource))]
    public sealed class RemoteVoice : MonoBehaviour
    {
        private SampleQueue _queue;
        private AudioStream _stream;

        public string TrackSid { get; private set; }

        public static RemoteVoice Play(RemoteTrack track, string owner)
        {
            RemoteVoice voice = new GameObject("voice of " + owner).AddComponent<RemoteVoice>();
            voice.Begin(track);
            return voice;
        }

        public void Stop()
        {
            _stream.Dispose();
            if (this)
            {
                Destroy(gameObject);
            }
        }

        private void Begin(RemoteTrack track)
        {
            TrackSid = track.Sid;
            int rate = AudioSettings.outputSampleRate;
            _queue = new SampleQueue(rate / 5);
            _stream = track.NewAudioStream(sampleRate: (uint)rate, numChannels: 1);
            _stream.FrameReceived += OnFrame;
            GetComponent<UnityEngine.AudioSource>().Play();
        }

        private void OnDestroy()
        {
            _stream.Dispose();
        }

        // On a native thread.
        private void OnFrame(AudioStream sender, in AudioStreamFrameReceivedEventArgs e)
        {
            _queue.Write(e.AudioFrame.Data);
        }

        // On Unity's audio thread.
        private void OnAudioFilterRead(float[] data, int channels)
        {
            if (_queue != null)
            {
                _queue.Read(data, channels);
            }
        }
    }
}
