// The choices of a run: depth first within a bound, by random priorities, or as they were.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace GenBindings.Explore
{
    internal enum Strategy
    {
        Bounded,
        Priorities,
        Replay,
    }

    /// <summary>Decides at each choice of a run, and what the next run does differently.</summary>
    internal static class Search
    {
        internal static Strategy Strategy;
        internal static int Bound;
        internal static int Deviations;
        internal static int Depth;
        internal static int StepsGuess;
        internal static Dictionary<int, int> Wanted = new Dictionary<int, int>();
        internal static bool Reduce = true;
        internal static bool Grew;

        private static readonly List<Node> Path = new List<Node>();
        private static readonly List<KeyValuePair<int, int>> Taken = new List<KeyValuePair<int, int>>();
        private static readonly Dictionary<ulong, byte> Seen = new Dictionary<ulong, byte>();
        private static readonly HashSet<int> Changes = new HashSet<int>();
        private static readonly List<Node> Watched = new List<Node>();
        private static bool[] _meeting = new bool[0];
        private static Random _random = new Random(0);
        private static int _cursor;
        private static int _preemptions;
        private static int _deviations;
        private static bool _known;
        private static int _low;

        /// <summary>Begins anew, with nothing tried.</summary>
        internal static void Reset(Strategy strategy, int sites)
        {
            Strategy = strategy;
            Path.Clear();
            Seen.Clear();
            Grew = false;
            if (_meeting.Length < sites + 64)
            {
                Array.Resize(ref _meeting, sites + 64);
            }
        }

        internal static void ForgetMeetings()
        {
            Array.Clear(_meeting, 0, _meeting.Length);
        }

        /// <summary>Before each run.</summary>
        internal static void Begin(int seed)
        {
            _cursor = 0;
            _preemptions = 0;
            _deviations = 0;
            _known = false;
            Watched.Clear();
            Taken.Clear();
            if (Strategy == Strategy.Priorities)
            {
                _random = new Random(seed);
                _low = Depth;
                Changes.Clear();
                for (int i = 0; i < Depth - 1; i++)
                {
                    Changes.Add(1 + _random.Next(Math.Max(1, StepsGuess)));
                }
            }
        }

        internal static void Born(Fiber fiber)
        {
            if (Strategy == Strategy.Priorities)
            {
                fiber.Priority = Depth + 1 + _random.Next(1 << 20);
            }
        }

        /// <summary>Two ordinary accesses race: before both another thread may be chosen from now on.</summary>
        internal static void Meet(int first, int second)
        {
            Mark(first);
            Mark(second);
        }

        private static void Mark(int site)
        {
            if (!_meeting[site])
            {
                _meeting[site] = true;
                Grew = true;
            }
        }

        /// <summary>Whether a choice is to be made before an operation, or an access that is known to race.</summary>
        internal static bool Wants(int site, bool plain)
        {
            switch (Strategy)
            {
                case Strategy.Bounded:
                    return (_cursor < Path.Count && Path[_cursor].Decision == Scheduler.Decisions)
                        || (!_known && _cursor >= Path.Count && (_preemptions < Bound || _deviations < Deviations) && (!plain || _meeting[site]));
                case Strategy.Replay:
                    return Wanted.ContainsKey(Scheduler.Decisions);
                default:
                    return !plain || _meeting[site];
            }
        }

        internal static bool MayRing
        {
            get { return Strategy == Strategy.Replay || (Strategy == Strategy.Bounded && Deviations > 0); }
        }

        /// <summary>Which of the threads goes on: the first is the one that runs, where switching preempts it.</summary>
        internal static int Pick(List<Fiber> enabled, int alarms, bool preempts)
        {
            int pick = 0;
            switch (Strategy)
            {
                case Strategy.Bounded:
                    int threads = preempts && _preemptions >= Bound && !Replaying ? 1 : enabled.Count;
                    int ringing = _deviations < Deviations || Replaying ? alarms : 0;
                    pick = Step(threads, ringing, enabled, preempts);
                    if (preempts && pick != 0)
                    {
                        if (pick < enabled.Count)
                        {
                            _preemptions++;
                        }
                        else
                        {
                            _deviations++;
                        }
                    }

                    break;
                case Strategy.Priorities:
                    pick = Highest(enabled, preempts);
                    break;
                default:
                    Wanted.TryGetValue(Scheduler.Decisions, out pick);
                    pick = pick < enabled.Count + alarms ? pick : 0;
                    break;
            }

            Take(pick);
            return pick;
        }

        /// <summary>A choice of the environment: other than the first is a deviation, of which a run may have so many.</summary>
        internal static int Deviate(int count)
        {
            int pick = 0;
            switch (Strategy)
            {
                case Strategy.Bounded:
                    if (_deviations < Deviations || Replaying)
                    {
                        pick = Step(count, 0, null, false);
                    }

                    break;
                case Strategy.Priorities:
                    pick = _deviations < Deviations && _random.Next(4) == 0 ? _random.Next(count) : 0;
                    break;
                default:
                    Wanted.TryGetValue(Scheduler.Decisions, out pick);
                    pick = pick < count ? pick : 0;
                    break;
            }

            if (pick != 0)
            {
                _deviations++;
            }

            Take(pick);
            return pick;
        }

        /// <summary>An event of the running thread on a cell: does it meet what a thread did that was preempted for it?</summary>
        internal static void Event(Cell cell, bool write)
        {
            int running = Scheduler.Current.Index;
            for (int i = Watched.Count - 1; i >= 0; i--)
            {
                Node node = Watched[i];
                if (node.Chain.By == running)
                {
                    Watched.RemoveAt(i);
                }
                else
                {
                    node.Chain.Meets(node.Pick, cell.LastConflict(node.Chain.By, write));
                }
            }
        }

        /// <summary>Whether the library did something unusual in this run.</summary>
        internal static bool HasDeviated
        {
            get { return _deviations > 0; }
        }

        internal static bool Watches
        {
            get { return Watched.Count > 0; }
        }

        /// <summary>Prepares the next run; false when everything within the bound was tried.</summary>
        internal static bool Next()
        {
            while (Path.Count > 0)
            {
                Node last = Path[Path.Count - 1];
                while (last.Pick + 1 < last.Count)
                {
                    last.Pick++;
                    if (!Reduce || last.Chain == null || last.Pick >= last.First || last.Chain.IsNeeded(last.Pick, last.Decision))
                    {
                        return true;
                    }
                }

                Path.RemoveAt(Path.Count - 1);
                if (last.FollowsOn)
                {
                    Path[Path.Count - 1].Chain.Inherit(last.Chain);
                }
            }

            return false;
        }

        /// <summary>How far depth first search is, from 0 to 1.</summary>
        internal static double Share()
        {
            double done = 0;
            double part = 1;
            for (int i = 0; i < Path.Count && i < 40; i++)
            {
                part /= Path[i].Count;
                done += part * Path[i].Pick;
            }

            return done;
        }

        /// <summary>The choices of this run so far, to be given to a replay.</summary>
        internal static string Describe()
        {
            StringBuilder text = new StringBuilder();
            foreach (KeyValuePair<int, int> taken in Taken)
            {
                text.Append(text.Length == 0 ? string.Empty : ",");
                text.Append(taken.Key.ToString(CultureInfo.InvariantCulture)).Append(':').Append(taken.Value.ToString(CultureInfo.InvariantCulture));
            }

            return text.ToString();
        }

        internal static Dictionary<int, int> Read(string choices)
        {
            Dictionary<int, int> read = new Dictionary<int, int>();
            foreach (string one in choices.Split(new[] { ',' }, StringSplitOptions.RemoveEmptyEntries))
            {
                string[] parts = one.Split(':');
                int decision;
                int pick;
                if (parts.Length != 2 || !int.TryParse(parts[0], out decision) || !int.TryParse(parts[1], out pick))
                {
                    throw new FormatException("'" + one + "' is no choice; expected NUMBER:NUMBER.");
                }

                read[decision] = pick;
            }

            return read;
        }

        private static bool Replaying
        {
            get { return _cursor < Path.Count; }
        }

        private static int Step(int first, int more, List<Fiber> enabled, bool preempts)
        {
            Node node;
            if (_cursor < Path.Count)
            {
                node = Path[_cursor];
                if (node.Decision != Scheduler.Decisions)
                {
                    return 0;
                }

                _cursor++;
            }
            else
            {
                if (_known || first + more == 1)
                {
                    return 0;
                }

                if (Reduce && WasHere(preempts))
                {
                    _known = true;
                    foreach (Node open in Watched)
                    {
                        // What can follow was searched elsewhere, and not looked at for this.
                        open.Chain.Meets(open.Pick, int.MaxValue);
                    }

                    return 0;
                }

                node = new Node();
                node.Decision = Scheduler.Decisions;
                node.Count = first + more;
                node.First = first;
                node.Offset = enabled == null ? first : enabled.Count;
                node.Switches = Scheduler.Switches;
                if (preempts && first > 1)
                {
                    Node above = Path.Count == 0 ? null : Path[Path.Count - 1];
                    node.Chain = new Chain(enabled, first);
                    node.FollowsOn = above != null && above.Chain != null && above.Chain.By == node.Chain.By && above.Switches == node.Switches && above.Pick == 0;
                }

                Path.Add(node);
                _cursor++;
            }

            if (node.Chain != null && node.Pick > 0 && node.Pick < node.First)
            {
                Watched.Add(node);
            }

            return node.Pick < node.First ? node.Pick : node.Offset + node.Pick - node.First;
        }

        /// <summary>
        /// Whether these events, in an order that differs only where it makes no difference, were reached before with as
        /// many preemptions left: what can follow was, or will be, tried from there.
        /// </summary>
        private static bool WasHere(bool preempts)
        {
            ulong key = Hash.Mix(Scheduler.TraceHash, preempts ? Scheduler.Current.Identity : 7);
            key = Hash.Mix(key, (ulong)(_deviations * 64 + (preempts ? 1 : 0)));
            byte left = (byte)(1 + Bound - _preemptions);
            byte before;
            if (Seen.TryGetValue(key, out before) && before >= left)
            {
                return true;
            }

            Seen[key] = left;
            return false;
        }

        private static int Highest(List<Fiber> enabled, bool preempts)
        {
            if (preempts && Changes.Contains(Scheduler.Decisions))
            {
                Scheduler.Current.Priority = --_low;
            }

            int best = 0;
            for (int i = 1; i < enabled.Count; i++)
            {
                if (enabled[i].Priority > enabled[best].Priority)
                {
                    best = i;
                }
            }

            return best;
        }

        private static void Take(int pick)
        {
            if (pick != 0)
            {
                Taken.Add(new KeyValuePair<int, int>(Scheduler.Decisions, pick));
            }
        }

        private sealed class Node
        {
            internal int Decision;
            internal int Count;
            internal int First;
            internal int Offset;
            internal int Pick;
            internal int Switches;
            internal bool FollowsOn;
            internal Chain Chain;
        }

        /// <summary>
        /// The choices before consecutive operations of one thread. Another thread that is chosen before a later one, and does
        /// nothing there until the first goes on that the operations in between have to do with, need not be chosen before
        /// those: the order would be the same. It is chosen next before the latest operation that it has to do with.
        /// </summary>
        private sealed class Chain
        {
            internal readonly int By;
            private readonly int[] _others;
            private readonly int[] _latest;
            private readonly bool[] _inherited;

            internal Chain(List<Fiber> enabled, int count)
            {
                By = enabled[0].Index;
                _others = new int[count];
                _latest = new int[count];
                _inherited = new bool[count];
                for (int i = 0; i < count; i++)
                {
                    _others[i] = enabled[i].Index;
                    _latest[i] = -1;
                }
            }

            internal void Meets(int pick, int decision)
            {
                if (decision > _latest[pick])
                {
                    _latest[pick] = decision;
                }
            }

            internal bool IsNeeded(int pick, int decision)
            {
                if (_inherited[pick] && _latest[pick] < decision)
                {
                    return false;
                }

                _inherited[pick] = false;
                _latest[pick] = -1;
                return true;
            }

            /// <summary>Takes over what the choices before the next operation found.</summary>
            internal void Inherit(Chain later)
            {
                for (int i = 1; i < _others.Length; i++)
                {
                    for (int k = 1; k < later._others.Length; k++)
                    {
                        if (_others[i] == later._others[k])
                        {
                            _inherited[i] = true;
                            _latest[i] = later._latest[k];
                        }
                    }
                }
            }
        }
    }
}
