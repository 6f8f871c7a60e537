// A scenario for check-close on the published LiveKit library: what it does without a room.
using System;
using GenBindings.Harness;
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;

namespace CheckClose
{
    public static class LiveKitSources
    {
        /// <summary>Sources, tracks and a stream that reads one of them.</summary>
        public static string Run(string arguments)
        {
            using (LiveKitClient client = LiveKitClient.Initialize())
            {
                AudioSource source = client.NewAudioSource(sampleRate: 48000, numChannels: 1);
                LocalTrack track = client.CreateAudioTrack("microphone", source);
                short[] samples = new short[480];
                source.CaptureFrameAsync(samples).Wait(5000);
                track.Dispose();
                source.Dispose();
            }

            return "null";
        }
    }
}
