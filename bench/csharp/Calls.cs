// Requests through the generated API, against the same bytes sent raw with the response dropped and not decoded.
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using GenBindings.Harness;
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;

namespace Bench
{
    /// <summary>A request that was encoded once and is sent as it is.</summary>
    public sealed unsafe class RawRequest
    {
        private readonly byte* _data;
        private readonly int _length;

        /// <summary>Keeps the bytes in native memory.</summary>
        public RawRequest(byte[] bytes)
        {
            _length = bytes.Length;
            _data = (byte*)Marshal.AllocHGlobal(bytes.Length);
            Marshal.Copy(bytes, 0, (IntPtr)_data, bytes.Length);
        }

        /// <summary>Sends it and drops the response.</summary>
        public void Send(int times)
        {
            for (int i = 0; i < times; i++)
            {
                byte* reply;
                UIntPtr size;
                ulong handle = NativeMethods.livekit_ffi_request(_data, (UIntPtr)_length, &reply, &size);
                if (handle == 0)
                {
                    throw new InvalidOperationException("The library refused the raw request.");
                }

                NativeMethods.livekit_ffi_drop_handle(handle);
            }
        }
    }

    /// <summary>The rows about calls.</summary>
    public static unsafe class Calls
    {
        private const int Samples = 480;

        /// <summary>Measures every request; the arguments give rounds and calls per round.</summary>
        public static string Run(string arguments)
        {
            var given = (Dictionary<string, object>)Json.Parse(arguments);
            int rounds = Convert.ToInt32(given["rounds"]);
            int times = Convert.ToInt32(given["times"]);
            var results = new Dictionary<string, object>();
            short[] samples = new short[Samples];
            for (int i = 0; i < samples.Length; i++)
            {
                samples[i] = (short)(8000 * Math.Sin(i / 7.0));
            }

            fixed (short* pinned = samples)
            using (LiveKitClient client = LiveKitClient.Initialize())
            using (SoxResampler resampler = client.NewSoxResampler(
                48000, 16000, 1, SoxResamplerDataType.Int16i, SoxResamplerDataType.Int16i, SoxQualityRecipe.Medium, 0))
            using (AudioSource source = client.NewAudioSource(sampleRate: 48000, numChannels: 1, queueSizeMs: 0))
            using (LocalTrack track = client.CreateAudioTrack("bench", source))
            {
                ulong resamplerId = resampler.Core.Handle.Id;
                ulong sourceId = source.Core.Handle.Id;
                ulong trackId = track.Core.Handle.Id;
                ulong address = (ulong)pinned;

                Scenario.Stage("push of 10 ms");
                var rawPush = new RawRequest(Push(resamplerId, address, Samples * sizeof(short)));
                results["push"] = Measure.InTurn(
                    rounds,
                    Math.Max(1, times / 16),
                    new Variant("raw", rawPush.Send),
                    new Variant("generated", n => { for (int i = 0; i < n; i++) { resampler.Push(samples); } }));

                Scenario.Stage("empty push");
                var rawEmpty = new RawRequest(Push(resamplerId, 0, 0));
                results["empty push"] = Measure.InTurn(
                    rounds,
                    times,
                    new Variant("raw", rawEmpty.Send),
                    new Variant("generated", n => { for (int i = 0; i < n; i++) { resampler.Push(ReadOnlySpan<short>.Empty); } })
#if PEER
                    , new Variant("peer", new PeerCalls(resamplerId, sourceId, trackId, address).EmptyPush)
#endif
                    );

                Scenario.Stage("mute");
                var rawMute = new RawRequest(
                    new FfiRequest { LocalTrackMute = new LocalTrackMuteRequest { TrackHandle = trackId, Mute = true } }.ToByteArray());
                results["mute"] = Measure.InTurn(
                    rounds,
                    times,
                    new Variant("raw", rawMute.Send),
                    new Variant("generated", n => { for (int i = 0; i < n; i++) { track.Mute(true); } })
#if PEER
                    , new Variant("peer", new PeerCalls(resamplerId, sourceId, trackId, address).Mute)
#endif
                    );

                Scenario.Stage("clear");
                var rawClear = new RawRequest(
                    new FfiRequest { ClearAudioBuffer = new ClearAudioBufferRequest { SourceHandle = sourceId } }.ToByteArray());
                results["clear"] = Measure.InTurn(
                    rounds,
                    times,
                    new Variant("raw", rawClear.Send),
                    new Variant("generated", n => { for (int i = 0; i < n; i++) { source.ClearAudioBuffer(); } })
#if PEER
                    , new Variant("peer", new PeerCalls(resamplerId, sourceId, trackId, address).Clear)
#endif
                    );

                Scenario.Stage("capture");
                var rawCapture = new RawRequest(
                    new FfiRequest
                    {
                        CaptureAudioFrame = new CaptureAudioFrameRequest
                        {
                            SourceHandle = sourceId,
                            Buffer = new AudioFrameBufferInfo { DataPtr = address, NumChannels = 1, SampleRate = 48000, SamplesPerChannel = Samples },
                            RequestAsyncId = ulong.MaxValue,
                        },
                    }.ToByteArray());
                results["capture"] = Measure.InTurn(
                    rounds,
                    Math.Max(1, times / 10),
                    2,
                    new Variant("raw", rawCapture.Send),
                    new Variant("generated", n => { for (int i = 0; i < n; i++) { source.CaptureFrame(samples); } })
#if PEER
                    , new Variant("peer", new PeerCalls(resamplerId, sourceId, trackId, address).Capture)
#endif
                    );
                Scenario.Stage("end");
            }

            return Json.Text(results);
        }

        private static byte[] Push(ulong resampler, ulong address, int size)
        {
            return new FfiRequest
            {
                PushSoxResampler = new PushSoxResamplerRequest { ResamplerHandle = resampler, DataPtr = address, Size = (uint)size },
            }.ToByteArray();
        }
    }
}
