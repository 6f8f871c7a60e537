// Chance that is the same on every runtime: a cycle is a function of its seed.
using System.Collections.Generic;
using System.Threading;

namespace Scenarios
{
    internal sealed class Dice
    {
        private long _state;

        internal Dice(ulong seed)
        {
            _state = unchecked((long)seed);
        }

        internal ulong Next()
        {
            unchecked
            {
                ulong mixed = (ulong)Interlocked.Add(ref _state, (long)0x9E3779B97F4A7C15UL);
                mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL;
                mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
                return mixed ^ (mixed >> 31);
            }
        }

        internal int Below(int end)
        {
            return (int)(Next() % (ulong)end);
        }

        internal bool OneIn(int n)
        {
            return Below(n) == 0;
        }

        /// <summary>One of them; nothing when there are none.</summary>
        internal T Pick<T>(IList<T> all)
        {
            return all.Count == 0 ? default(T) : all[Below(all.Count)];
        }

        /// <summary>Dice of its own for something that runs beside the rest.</summary>
        internal Dice Fork()
        {
            return new Dice(Next());
        }
    }
}
