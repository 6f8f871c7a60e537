// The explorer's process: reads its job, runs every scenario under many schedules, and tells what it found.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using GenBindings.Harness;

namespace GenBindings.Explore
{
    public static class Program
    {
        private static readonly List<Action> Starts = new List<Action>();

        public static int Main(string[] arguments)
        {
            Node job = new Node(Json.Parse(File.ReadAllText(arguments[0])));
            string folder = job["folder"].Text;
            Sites.Load(Path.Combine(folder, "sites.txt"));
            Races.FieldNames = File.ReadAllLines(Path.Combine(folder, "fields.txt"));
            Library.Contract = Contract.Load(job["contract"].Text);
            List<Assembly> assemblies = job["assemblies"].List.Select(path => Assembly.LoadFrom(path.Text)).ToList();
            foreach (string line in File.ReadAllLines(Path.Combine(folder, "starts.txt")))
            {
                MethodInfo start = Type.GetType(line, name => assemblies.First(a => a.GetName().Name == name.Name), null, true)
                    .GetMethod("__start", BindingFlags.Static | BindingFlags.Public);
                Starts.Add((Action)Delegate.CreateDelegate(typeof(Action), start));
            }

            foreach (Node scenario in job["scenarios"].List)
            {
                Action body;
                try
                {
                    body = Scripts.Of(assemblies, job, scenario);
                }
                catch (ArgumentException wrong)
                {
                    Say.Line("error", wrong.Message);
                    return 2;
                }

                new Campaign(job, scenario, body).Run();
            }

            foreach (KeyValuePair<KeyValuePair<string, string>, long> covered in Library.Coverage)
            {
                Say.Line("covered", covered.Key.Key, "message", covered.Key.Value, "times", covered.Value);
            }

            Say.Line("done", true);
            return 0;
        }

        /// <summary>Why the last run's scenario could not be played, or null.</summary>
        internal static string NotScripted { get; private set; }

        /// <summary>The scenario of the run cannot be played, and why.</summary>
        internal static void LeaveOut(string why)
        {
            NotScripted = why;
        }

        /// <summary>One run, from the statics to the last check.</summary>
        internal static void RunOnce(Action scenario, int seed)
        {
            NotScripted = null;
            Violations.OfRun.Clear();
            Trace.Lines.Clear();
            Shims.Pointers.Forget();
            Shims.GC.Forget();
            Shims.Task.Forget();
            Library.Current = new Library();
            Search.Begin(seed);
            Scheduler.Run(delegate
            {
                foreach (Action start in Starts)
                {
                    start();
                }

                try
                {
                    scenario();
                }
                catch (NotScriptedException reason)
                {
                    LeaveOut(reason.Message);
                }
            });
        }
    }

    /// <summary>The search of one scenario.</summary>
    internal sealed class Campaign
    {
        private readonly Node _job;
        private readonly string _name;
        private readonly Action _scenario;
        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private readonly double _seconds;
        private readonly HashSet<string> _told = new HashSet<string>();
        private readonly HashSet<ulong> _orders = new HashSet<ulong>();
        private readonly bool _all;
        private readonly bool _orderCount;
        private long _schedules;
        private long _lastTold;
        private string _leftOut;
        private int _longest;

        internal Campaign(Node job, Node scenario, Action body)
        {
            _job = job;
            _name = scenario["name"].Text;
            _scenario = body;
            _seconds = Math.Max(0.05, job["milliseconds"].Int / 1000.0);
            _all = job["all"].Bool;
            _orderCount = job["orders"].Bool;
            Search.Deviations = Math.Max(0, scenario["deviations"].IsNull ? job["deviations"].Int : scenario["deviations"].Int);
            Search.Reduce = !job["unreduced"].Bool;
            Shims.GC.Tracks = scenario["collects"].Bool;
        }

        private bool IsOver
        {
            get { return _leftOut != null || _watch.Elapsed.TotalSeconds > _seconds || (_told.Count > 0 && !_all); }
        }

        internal void Run()
        {
            Races.All.Clear();
            Races.Anew();
            if (_job["replay"].Text.Length > 0 || _job["replays"].Bool)
            {
                Replay(_job["replay"].Text);
                return;
            }

            bool whole = true;
            _leftOut = null;
            int reached = -1;
            Search.ForgetMeetings();
            for (int bound = 0; bound <= _job["bound"].Int && !IsOver; bound++)
            {
                whole = Exhaust(bound);
                reached = whole ? bound : reached;
            }

            int random = _job["pct"].Int;
            if (random > 0 && !IsOver)
            {
                Prioritise(random);
            }

            if (_leftOut != null)
            {
                Say.Line("left out", _name, "why", _leftOut);
                return;
            }

            foreach (KeyValuePair<string, string> race in Races.All)
            {
                Tell("race", race.Key, race.Value, _schedules, false);
            }

            Say.Line(
                "scenario", _name, "schedules", _schedules, "orders", (long)_orders.Count, "bound", reached, "whole", whole && reached == _job["bound"].Int,
                "milliseconds", _watch.ElapsedMilliseconds, "steps", (long)_longest, "findings", (long)_told.Count);
        }

        private bool Exhaust(int bound)
        {
            Search.Bound = bound;
            do
            {
                Search.Reset(Strategy.Bounded, Sites.Count);
                do
                {
                    Once(0);
                    if (IsOver)
                    {
                        return false;
                    }
                }
                while (!Search.Grew && Search.Next());
            }
            while (Search.Grew);
            return true;
        }

        private void Prioritise(int runs)
        {
            Search.Reset(Strategy.Priorities, Sites.Count);
            Search.Depth = Math.Max(1, _job["depth"].Int);
            Search.StepsGuess = Math.Max(20, _longest);
            int seed = _job["seed"].Int;
            for (int run = 0; run < runs && !IsOver; run++)
            {
                Once(seed + run);
            }
        }

        private void Once(int seed)
        {
            _schedules++;
            Program.RunOnce(_scenario, seed);
            _longest = Math.Max(_longest, Scheduler.Decisions);
            if (Program.NotScripted != null)
            {
                _leftOut = Program.NotScripted;
                return;
            }

            if (_orderCount)
            {
                _orders.Add(Scheduler.TraceHash);
            }

            if (Violations.OfRun.Count > 0)
            {
                string choices = Search.Describe();
                foreach (Violation violation in Violations.OfRun.ToArray())
                {
                    Tell(violation.Kind, violation.Text, choices, _schedules, true);
                }
            }

            if ((_schedules & 63) == 0 && _watch.ElapsedMilliseconds - _lastTold > 500)
            {
                _lastTold = _watch.ElapsedMilliseconds;
                Say.Line("progress", _name, "schedules", _schedules, "milliseconds", _watch.ElapsedMilliseconds, "bound", Search.Bound, "share", Search.Share());
            }
        }

        private void Tell(string kind, string text, string choices, long schedule, bool shrink)
        {
            if (!_told.Add(kind + "\n" + Plain(text)))
            {
                return;
            }

            string smaller = shrink ? Shrink(kind, choices) : choices;
            Strategy before = Search.Strategy;
            List<string> lines = Steps(smaller, text);
            Say.Line("finding", kind, "scenario", _name, "text", text, "choices", smaller, "schedule", schedule, "trace", lines);
            Search.Strategy = before;
        }

        /// <summary>The fewest deviations from doing the usual that still lead to it.</summary>
        private string Shrink(string kind, string choices)
        {
            Strategy before = Search.Strategy;
            Search.Strategy = Strategy.Replay;
            Dictionary<int, int> now = Search.Read(choices);
            bool smaller = true;
            int tries = 0;
            while (smaller && tries < 400)
            {
                smaller = false;
                foreach (int decision in now.Keys.OrderByDescending(key => key).ToArray())
                {
                    Dictionary<int, int> less = new Dictionary<int, int>(now);
                    less.Remove(decision);
                    tries++;
                    if (Breaks(less, kind))
                    {
                        now = Search.Read(Search.Describe());
                        smaller = true;
                        break;
                    }
                }
            }

            Search.Strategy = before;
            return string.Join(",", now.OrderBy(one => one.Key).Select(one => one.Key + ":" + one.Value).ToArray());
        }

        private bool Breaks(Dictionary<int, int> choices, string kind)
        {
            Search.Wanted = choices;
            Program.RunOnce(_scenario, 0);
            return Violations.OfRun.Any(violation => violation.Kind == kind);
        }

        /// <summary>The steps from where schedules differ to where it is seen.</summary>
        private List<string> Steps(string choices, string seen)
        {
            Search.Strategy = Strategy.Replay;
            Search.Wanted = Search.Read(choices);
            Trace.On = true;
            Program.RunOnce(_scenario, 0);
            Trace.On = false;
            List<string> lines = new List<string>(Trace.Lines);
            int end = seen == null ? -1 : lines.FindIndex(line => line.Contains("!! " + seen));
            return end < 0 ? lines : lines.GetRange(0, end + 1);
        }

        private void Replay(string choices)
        {
            Search.Reset(Strategy.Replay, Sites.Count);
            List<string> lines = Steps(choices, null);
            foreach (Violation violation in Violations.OfRun)
            {
                Say.Line("finding", violation.Kind, "scenario", _name, "text", violation.Text, "choices", choices, "schedule", 1L, "trace", lines);
                _told.Add(violation.Kind);
            }

            foreach (string race in Races.OfRun)
            {
                Say.Line("finding", "race", "scenario", _name, "text", race, "choices", choices, "schedule", 1L, "trace", lines);
                _told.Add(race);
            }

            Say.Line(
                "scenario", _name, "schedules", 1L, "orders", 1L, "bound", 0, "whole", false,
                "milliseconds", _watch.ElapsedMilliseconds, "steps", (long)Scheduler.Decisions, "findings", (long)_told.Count);
        }

        /// <summary>Without numbers, which differ from run to run.</summary>
        private static string Plain(string text)
        {
            return new string(text.Where(one => one < '0' || one > '9').ToArray());
        }
    }
}
