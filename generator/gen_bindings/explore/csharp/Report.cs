// What a run found, and the steps that lead there.
using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace GenBindings.Explore
{
    /// <summary>A property that a run broke.</summary>
    internal struct Violation
    {
        internal string Kind;
        internal string Text;
    }

    /// <summary>What the run under way broke.</summary>
    public static class Violations
    {
        internal static readonly List<Violation> OfRun = new List<Violation>();

        /// <summary>Reports that a property does not hold.</summary>
        public static void Add(string kind, string text)
        {
            if (Scheduler.Unwinding)
            {
                return;
            }

            foreach (Violation known in OfRun)
            {
                if (known.Kind == kind && known.Text == text)
                {
                    return;
                }
            }

            Trace.Add("!! " + text);
            OfRun.Add(new Violation { Kind = kind, Text = text });
        }
    }

    /// <summary>The places of the program that stand in traces: one for each controlled call.</summary>
    internal static class Sites
    {
        private static string[] _places = new string[0];

        internal static int Count
        {
            get { return _places.Length; }
        }

        internal static void Load(string file)
        {
            _places = File.ReadAllLines(file);
        }

        internal static string Describe(int site)
        {
            return site > 0 && site < _places.Length ? _places[site] : string.Empty;
        }
    }

    /// <summary>The steps of a run, one line each; empty unless asked for.</summary>
    internal static class Trace
    {
        internal static readonly List<string> Lines = new List<string>();
        internal static bool On;

        internal static void Add(string what, string of)
        {
            if (On)
            {
                Add(what + " " + of);
            }
        }

        internal static void Add(string what)
        {
            if (On && !Scheduler.Unwinding && Scheduler.Current != null)
            {
                Lines.Add(Scheduler.Current.Name + "\t" + what + "\t" + Sites.Describe(Scheduler.Site));
            }
        }
    }

    /// <summary>Lines of JSON on standard output, one for each thing that is told.</summary>
    internal static class Say
    {
        internal static void Line(params object[] namesAndValues)
        {
            StringBuilder text = new StringBuilder("{");
            for (int i = 0; i < namesAndValues.Length; i += 2)
            {
                text.Append(i == 0 ? string.Empty : ", ");
                Quote(text, (string)namesAndValues[i]);
                text.Append(": ");
                Value(text, namesAndValues[i + 1]);
            }

            Console.Out.WriteLine(text.Append('}'));
            Console.Out.Flush();
        }

        private static void Value(StringBuilder text, object value)
        {
            IEnumerable<string> many = value as IEnumerable<string>;
            if (value is string)
            {
                Quote(text, (string)value);
            }
            else if (many != null)
            {
                text.Append('[');
                bool first = true;
                foreach (string one in many)
                {
                    text.Append(first ? string.Empty : ", ");
                    first = false;
                    Quote(text, one);
                }

                text.Append(']');
            }
            else if (value is bool)
            {
                text.Append((bool)value ? "true" : "false");
            }
            else
            {
                text.Append(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        private static void Quote(StringBuilder text, string value)
        {
            text.Append('"');
            foreach (char one in value)
            {
                if (one == '"' || one == '\\')
                {
                    text.Append('\\').Append(one);
                }
                else if (one < ' ')
                {
                    text.Append("\\u").Append(((int)one).ToString("x4"));
                }
                else
                {
                    text.Append(one);
                }
            }

            text.Append('"');
        }
    }
}
