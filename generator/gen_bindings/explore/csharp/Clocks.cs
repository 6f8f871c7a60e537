// What happened before what: vector clocks, races on fields, and the hash that names an order of events.
using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace GenBindings.Explore
{
    internal static class Hash
    {
        internal static ulong Mix(ulong a, ulong b)
        {
            ulong x = (a ^ (b * 0x9E3779B97F4A7C15UL)) + 0x632BE59BD9B4E019UL;
            x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93UL;
            x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93UL;
            return x ^ (x >> 32);
        }
    }

    internal static class Clocks
    {
        internal static void Join(int[] into, int[] other)
        {
            int count = Scheduler.Count;
            for (int i = 0; i < count; i++)
            {
                if (other[i] > into[i])
                {
                    into[i] = other[i];
                }
            }
        }

        internal static void Fork(Fiber parent, Fiber child)
        {
            Join(child.Clock, parent.Clock);
            parent.Clock[parent.Index]++;
        }
    }

    /// <summary>What is known of one place in memory, or of one object that threads meet at.</summary>
    public sealed class Cell
    {
        internal int Writer = -1;
        internal int WriteClock;
        internal int WriteSite;
        internal int WriteAt;
        internal int ReadAt;
        internal int[] ReaderAts;
        internal int Reader = -1;
        internal int ReadClock;
        internal int ReadSite;
        internal int[] Readers;
        internal int[] ReaderSites;
        internal int[] Clock;
        internal ulong WriteHash;
        internal ulong ReadSum;

        /// <summary>A visible operation of the current thread on this cell: orders it, and finds what could come the other way round.</summary>
        internal void Visible(bool write)
        {
            Fiber fiber = Scheduler.Current;
            int site = Scheduler.Site;
            Conflicts(fiber, site, write, false, null);
            Note(fiber, site, write);
            if (Clock == null)
            {
                Clock = new int[Fiber.Most];
            }
            else
            {
                Clocks.Join(fiber.Clock, Clock);
            }

            if (write)
            {
                Clocks.Join(Clock, fiber.Clock);
                fiber.Clock[fiber.Index]++;
            }
        }

        /// <summary>An ordinary access: it orders nothing.</summary>
        internal void Plain(bool write, int site, object what)
        {
            Fiber fiber = Scheduler.Current;
            if (fiber == null || Scheduler.Peeking || Scheduler.Unwinding)
            {
                return;
            }

            if (Scheduler.Zone)
            {
                // What races is a place where another thread may come first, too.
                Scheduler.Decisions++;
                if (Search.Wants(site, true))
                {
                    Scheduler.Site = site;
                    Scheduler.Switch();
                    fiber = Scheduler.Current;
                }
            }

            Conflicts(fiber, site, write, true, what);
            Note(fiber, site, write);
        }

        private void Conflicts(Fiber fiber, int site, bool write, bool plain, object what)
        {
            if (Writer >= 0 && Writer != fiber.Index && fiber.Clock[Writer] < WriteClock)
            {
                Meet(WriteSite, site, true, write, plain, what);
            }

            if (!write)
            {
                return;
            }

            if (Readers != null)
            {
                for (int i = 0; i < Scheduler.Count; i++)
                {
                    if (i != fiber.Index && fiber.Clock[i] < Readers[i])
                    {
                        Meet(ReaderSites[i], site, false, true, plain, what);
                    }
                }
            }
            else if (Reader >= 0 && Reader != fiber.Index && fiber.Clock[Reader] < ReadClock)
            {
                Meet(ReadSite, site, false, true, plain, what);
            }
        }

        private static void Meet(int first, int second, bool firstWrites, bool secondWrites, bool plain, object what)
        {
            if (plain)
            {
                Races.Found(what, first, firstWrites, second, secondWrites);
                Search.Meet(first, second);
            }
        }

        /// <summary>The latest decision after which a thread did something here that an access has to do with; -1 for none.</summary>
        internal int LastConflict(int fiber, bool write)
        {
            int latest = Writer == fiber ? WriteAt : -1;
            if (write && Reader == fiber && Readers == null)
            {
                latest = Math.Max(latest, ReadAt);
            }
            else if (write && Readers != null && Readers[fiber] > 0)
            {
                latest = Math.Max(latest, ReaderAts[fiber]);
            }

            return latest;
        }

        /// <summary>The running thread waits for what another one holds here.</summary>
        internal void Touch()
        {
            if (Search.Watches)
            {
                Search.Event(this, true);
            }
        }

        private void Note(Fiber fiber, int site, bool write)
        {
            if (Search.Watches)
            {
                Search.Event(this, write);
            }

            int now = fiber.Clock[fiber.Index];
            ulong own = Hash.Mix(fiber.Identity, ++fiber.Events);
            ulong hash = Hash.Mix(own, write ? WriteHash + ReadSum + 1 : WriteHash);
            Scheduler.TraceHash += hash;
            if (write)
            {
                Writer = fiber.Index;
                WriteClock = now;
                WriteSite = site;
                WriteAt = Scheduler.Decisions;
                WriteHash = hash;
                ReadSum = 0;
                Reader = -1;
                Readers = null;
                return;
            }

            ReadSum += hash;
            if (Readers != null)
            {
                Readers[fiber.Index] = now;
                ReaderSites[fiber.Index] = site;
                ReaderAts[fiber.Index] = Scheduler.Decisions;
            }
            else if (Reader < 0 || Reader == fiber.Index || fiber.Clock[Reader] >= ReadClock)
            {
                Reader = fiber.Index;
                ReadClock = now;
                ReadSite = site;
                ReadAt = Scheduler.Decisions;
            }
            else
            {
                Readers = new int[Fiber.Most];
                ReaderSites = new int[Fiber.Most];
                ReaderAts = new int[Fiber.Most];
                Readers[Reader] = ReadClock;
                ReaderSites[Reader] = ReadSite;
                ReaderAts[Reader] = ReadAt;
                Readers[fiber.Index] = now;
                ReaderSites[fiber.Index] = site;
                ReaderAts[fiber.Index] = Scheduler.Decisions;
            }
        }
    }

    /// <summary>The cells of one object's fields; a field of the rewritten classes.</summary>
    public sealed class Shadow
    {
        internal Cell[] Cells;
        internal int Run;

        internal static Cell Of(ref Shadow shadow, int field)
        {
            Shadow own = shadow;
            if (own == null)
            {
                shadow = own = new Shadow();
                own.Cells = new Cell[Math.Max(8, field + 1)];
                own.Run = Races.Run;
            }
            else if (own.Run != Races.Run)
            {
                // An object that outlived a run, in a static that is not started again.
                Array.Clear(own.Cells, 0, own.Cells.Length);
                own.Run = Races.Run;
            }

            if (field >= own.Cells.Length)
            {
                Array.Resize(ref own.Cells, field + 8);
            }

            return own.Cells[field] ?? (own.Cells[field] = new Cell());
        }
    }

    /// <summary>What rewritten code calls at each access to a field or a collection.</summary>
    public static class Races
    {
        internal static readonly Dictionary<string, string> All = new Dictionary<string, string>();
        internal static readonly HashSet<string> OfRun = new HashSet<string>();
        internal static string[] FieldNames = new string[0];
        internal static int Run;

        private static readonly List<Cell> Statics = new List<Cell>();
        private static readonly HashSet<long> Known = new HashSet<long>();

        internal static Cell Location;

        internal static void Forget()
        {
            Run++;
            OfRun.Clear();
            Statics.Clear();
            Unknown = new Cell();
        }

        internal static Cell Unknown = new Cell();

        /// <summary>Another scenario: what was found of races before does not count for it.</summary>
        internal static void Anew()
        {
            Known.Clear();
        }

        public static void Read(ref Shadow shadow, int index, int field, int site)
        {
            if (Scheduler.Current != null)
            {
                Shadow.Of(ref shadow, index).Plain(false, site, FieldNames[field]);
            }
        }

        public static void Write(ref Shadow shadow, int index, int field, int site)
        {
            if (Scheduler.Current != null)
            {
                Shadow.Of(ref shadow, index).Plain(true, site, FieldNames[field]);
            }
        }

        public static void ReadStatic(int field, int site)
        {
            if (Scheduler.Current != null)
            {
                OfStatic(field).Plain(false, site, FieldNames[field]);
            }
        }

        public static void WriteStatic(int field, int site)
        {
            if (Scheduler.Current != null)
            {
                OfStatic(field).Plain(true, site, FieldNames[field]);
            }
        }

        /// <summary>A method of a collection is called.</summary>
        public static void Collection(object collection, bool write, int site)
        {
            if (Scheduler.Current != null && collection != null)
            {
                Objects.Of(collection).Content.Plain(write, site, collection);
            }
        }

        /// <summary>The next interlocked or volatile access is to this field.</summary>
        public static void Ref(ref Shadow shadow, int index)
        {
            Location = Shadow.Of(ref shadow, index);
        }

        public static void RefStatic(int field)
        {
            Location = OfStatic(field);
        }

        public static void RefUnknown()
        {
            Location = Unknown;
        }

        internal static void Found(object place, int first, bool firstWrites, int second, bool secondWrites)
        {
            long key = ((long)first << 32) ^ (uint)second;
            if (!Trace.On && !Known.Add(key))
            {
                return;
            }

            string what = place as string ?? "The contents of a " + Plainly(place.GetType());
            string text = what + " is " + (firstWrites ? "written" : "read") + " at " + Sites.Describe(first) + " and "
                + (secondWrites ? "written" : "read") + " at " + Sites.Describe(second) + ", and nothing orders the two";
            Trace.Add("!! " + text);
            OfRun.Add(text);
            if (!Trace.On && !All.ContainsKey(text))
            {
                All.Add(text, Search.Describe());
            }
        }

        private static Cell OfStatic(int field)
        {
            while (Statics.Count <= field)
            {
                Statics.Add(null);
            }

            return Statics[field] ?? (Statics[field] = new Cell());
        }

        private static string Plainly(Type type)
        {
            string name = type.Name;
            int tick = name.IndexOf('`');
            return tick < 0 ? name : name.Substring(0, tick);
        }
    }

    /// <summary>What is known of an object that threads meet at: its lock, its contents.</summary>
    internal sealed class SyncState
    {
        internal readonly Cell Cell = new Cell();
        internal readonly Cell Content = new Cell();
        internal readonly List<Fiber> Waiters = new List<Fiber>();
        internal Fiber Owner;
        internal int Depth;
    }

    /// <summary>Finds the state of an object by its identity.</summary>
    internal static class Objects
    {
        private static readonly Dictionary<object, SyncState> States = new Dictionary<object, SyncState>(new ByIdentity());
        private static object _last;
        private static SyncState _lastState;

        internal static SyncState Of(object target)
        {
            if (ReferenceEquals(target, _last))
            {
                return _lastState;
            }

            SyncState state;
            if (!States.TryGetValue(target, out state))
            {
                state = new SyncState();
                States.Add(target, state);
            }

            _last = target;
            _lastState = state;
            return state;
        }

        internal static void Forget()
        {
            States.Clear();
            _last = null;
            _lastState = null;
        }

        private sealed class ByIdentity : IEqualityComparer<object>
        {
            bool IEqualityComparer<object>.Equals(object one, object other)
            {
                return ReferenceEquals(one, other);
            }

            int IEqualityComparer<object>.GetHashCode(object target)
            {
                return RuntimeHelpers.GetHashCode(target);
            }
        }
    }
}
