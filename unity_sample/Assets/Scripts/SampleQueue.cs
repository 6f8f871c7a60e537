// Sound between the thread that brings it and the thread that plays it.
using System;

namespace Meet
{
    /// <summary>Keeps the latest samples of one channel; what is not fetched in time is lost.</summary>
    public sealed class SampleQueue
    {
        private readonly object _gate = new object();
        private readonly short[] _ring;
        private int _start;
        private int _count;

        public SampleQueue(int capacity)
        {
            _ring = new short[capacity];
        }

        public void Write(ReadOnlySpan<short> samples)
        {
            lock (_gate)
            {
                foreach (short sample in samples)
                {
                    _ring[(_start + _count) % _ring.Length] = sample;
                    if (_count < _ring.Length)
                    {
                        _count++;
                    }
                    else
                    {
                        _start = (_start + 1) % _ring.Length;
                    }
                }
            }
        }

        /// <summary>Fills all channels with the same sound, and with silence where there is none.</summary>
        public void Read(float[] data, int channels)
        {
            lock (_gate)
            {
                for (int i = 0; i < data.Length; i += channels)
                {
                    float sample = 0;
                    if (_count > 0)
                    {
                        sample = _ring[_start] / 32768f;
                        _start = (_start + 1) % _ring.Length;
                        _count--;
                    }

                    for (int channel = 0; channel < channels; channel++)
                    {
                        data[i + channel] = sample;
                    }
                }
            }
        }
    }
}
