// How the benchmarks measure: variants in turn within one process, round after round, and the medians over the rounds.
// C# 7.2 as mcs knows it, and safe under full AOT.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading;

namespace Bench
{
    /// <summary>Does something so many times.</summary>
    public delegate void Repeated(int times);

    /// <summary>One way to do it, against another one that it is compared with.</summary>
    public sealed class Variant
    {
        /// <summary>Names it.</summary>
        public Variant(string name, Repeated run)
        {
            Name = name;
            Run = run;
        }

        /// <summary>Its name in the results.</summary>
        public string Name { get; private set; }

        /// <summary>Does it so many times.</summary>
        public Repeated Run { get; private set; }
    }

    /// <summary>
    /// The time that the calling thread was on a processor, in ns: what other threads and other programs do meanwhile
    /// does not count.
    /// </summary>
    public static unsafe class ThreadTime
    {
        private const int ThreadClock = 3;

        /// <summary>Since the thread started.</summary>
        public static long Now
        {
            get
            {
                IntPtr* time = stackalloc IntPtr[2];
                clock_gettime(ThreadClock, time);
                return (long)time[0] * 1000000000 + (long)time[1];
            }
        }

        [DllImport("libc")]
        private static extern int clock_gettime(int clock, IntPtr* time);
    }

    /// <summary>Timing and counting of allocated bytes.</summary>
    public static class Measure
    {
        private const int WarmUps = 8;

        /// <summary>
        /// Times the variants in turn, there and back, so that what else happens on the machine meets all of them.
        /// The first variant is what the others are compared with, round by round.
        /// </summary>
        /// <returns>By name: median ns, median of the differences to the first, median of the ratios, bytes per call.</returns>
        public static Dictionary<string, object> InTurn(int rounds, int times, params Variant[] variants)
        {
            return InTurn(rounds, times, 0, variants);
        }

        /// <summary>The same with a pause before each turn, in which other threads end what the last one gave them.</summary>
        public static Dictionary<string, object> InTurn(int rounds, int times, int pauseMilliseconds, params Variant[] variants)
        {
            // A runtime that compiles in tiers replaces what was called often a moment later.
            var started = Stopwatch.StartNew();
            for (int i = 0; i < WarmUps || started.ElapsedMilliseconds < 300; i++)
            {
                foreach (Variant variant in variants)
                {
                    variant.Run(times);
                }
            }

            var found = new double[variants.Length][];
            for (int v = 0; v < variants.Length; v++)
            {
                found[v] = new double[rounds];
            }

            for (int round = 0; round < rounds; round++)
            {
                for (int turn = 0; turn < variants.Length; turn++)
                {
                    int v = round % 2 == 0 ? turn : variants.Length - 1 - turn;
                    if (pauseMilliseconds != 0)
                    {
                        Thread.Sleep(pauseMilliseconds);
                    }

                    long start = ThreadTime.Now;
                    variants[v].Run(times);
                    found[v][round] = (double)(ThreadTime.Now - start) / times;
                }
            }

            var result = new Dictionary<string, object>();
            for (int v = 0; v < variants.Length; v++)
            {
                var more = new double[rounds];
                var ratio = new double[rounds];
                for (int round = 0; round < rounds; round++)
                {
                    more[round] = found[v][round] - found[0][round];
                    ratio[round] = found[v][round] / found[0][round];
                }

                result[variants[v].Name] = new Dictionary<string, object>
                {
                    { "ns", Median(found[v]) },
                    { "more", Median(more) },
                    { "ratio", Median(ratio) },
                    { "bytes", Allocated(variants[v].Run, times) },
                };
            }

            return result;
        }

        /// <summary>Bytes that one call allocates on the calling thread; at most a few calls' worth of noise is rounded away.</summary>
        public static double Allocated(Repeated run, int times)
        {
            // Runtimes count whole buffers at times: the least of several runs is what the calls themselves take.
            double least = double.MaxValue;
            for (int i = 0; i < 5; i++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                run(times);
                least = Math.Min(least, (double)(GC.GetAllocatedBytesForCurrentThread() - before) / times);
            }

            return Math.Round(least, 1);
        }

        /// <summary>The middle one.</summary>
        public static double Median(double[] values)
        {
            if (values.Length == 0)
            {
                return double.NaN;
            }

            var sorted = (double[])values.Clone();
            Array.Sort(sorted);
            int middle = sorted.Length / 2;
            return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }
    }
}
