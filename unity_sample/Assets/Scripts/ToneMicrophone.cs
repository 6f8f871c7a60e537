// Publishes a tone where a real application would publish its microphone.
using System.Collections;
using UnityEngine;
#if MEET_LIVEKIT
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;
using Client = LiveKit.Ffi.LiveKitClient;
using Source = LiveKit.Ffi.AudioSource;
#else
using Reference.Ffi;
using Reference.Ffi.Messages;
using Client = Reference.Ffi.ReferenceClient;
using Source = Reference.Ffi.AudioSource;
#endif

namespace Meet
{
    public sealed class ToneMicrophone : MonoBehaviour
    {
        private const int SampleRate = 48000;
        private const int BlockSamples = SampleRate / 100;

        // After a stall only this much is made up for.
        private const int MostBlocksAtOnce = 10;

        [SerializeField]
        [Range(100, 2000)]
        private float _hertz = 440;

        private readonly short[] _block = new short[BlockSamples];
        private Source _source;
        private float _dueSamples;
        private double _phase;

        public bool IsOn
        {
            get { return _source != null && !_source.IsDisposed; }
        }

        public IEnumerator Publish(Client client, LocalParticipant me)
        {
            Stop();
            _source = client.NewAudioSource(sampleRate: SampleRate, numChannels: 1);
            var options = new TrackPublishOptions { Source = TrackSource.Microphone };
            Operation publishing = me.PublishTrackAsync(client.CreateAudioTrack("tone", _source), options);
            yield return publishing;
            if (publishing.Error != null)
            {
                Debug.LogWarning("The tone is not published: " + publishing.Error.Message, this);
                Stop();
            }
        }

        public void Stop()
        {
            if (_source != null)
            {
                _source.Dispose();
                _source = null;
            }
        }

        private void Update()
        {
            if (!IsOn)
            {
                return;
            }

            _dueSamples = Mathf.Min(_dueSamples + Time.unscaledDeltaTime * SampleRate, MostBlocksAtOnce * BlockSamples);
            for (; _dueSamples >= BlockSamples; _dueSamples -= BlockSamples)
            {
                Fill();
                _source.CaptureFrame(_block);
            }
        }

        private void OnDestroy()
        {
            Stop();
        }

        private void Fill()
        {
            double step = 2 * Mathf.PI * _hertz / SampleRate;
            for (int i = 0; i < _block.Length; i++)
            {
                _block[i] = (short)(Mathf.Sin((float)_phase) * 6000);
                _phase = (_phase + step) % (2 * Mathf.PI);
            }
        }
    }
}
