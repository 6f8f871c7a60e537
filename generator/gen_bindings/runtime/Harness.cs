// What scenarios share: stages, waiting to a deadline, collecting garbage, and JSON without a package.
// C# 7.2 as mcs knows it, and safe under full AOT.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Threading;

namespace GenBindings.Harness
{
    /// <summary>Services for a scenario on any lane.</summary>
    public static class Scenario
    {
        /// <summary>Names what happens next, so that a crash or a hang can be placed.</summary>
        public static void Stage(string name)
        {
            Console.Error.WriteLine("@stage " + name);
            Console.Error.Flush();
        }

        /// <summary>Polls until the condition holds.</summary>
        /// <returns>False when the deadline passed first.</returns>
        public static bool Until(Func<bool> condition, int milliseconds)
        {
            var watch = System.Diagnostics.Stopwatch.StartNew();
            while (!condition())
            {
                if (watch.ElapsedMilliseconds > milliseconds)
                {
                    return false;
                }
                Thread.Sleep(5);
            }
            return true;
        }

        /// <summary>Collects until finalizers have run that earlier finalizers made ready.</summary>
        public static void CollectGarbage()
        {
            for (var round = 0; round < 3; round++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }
    }

    /// <summary>JSON in and out: dictionaries, lists, strings, numbers, booleans, null.</summary>
    public static class Json
    {
        /// <summary>An object with its members in the given order.</summary>
        /// <param name="namesAndValues">A name, its value, the next name, …</param>
        public static string Object(params object[] namesAndValues)
        {
            var text = new StringBuilder("{");
            for (var i = 0; i < namesAndValues.Length; i += 2)
            {
                if (i > 0)
                {
                    text.Append(',');
                }
                WriteString(text, (string)namesAndValues[i]);
                text.Append(':');
                Write(text, namesAndValues[i + 1]);
            }
            return text.Append('}').ToString();
        }

        /// <summary>Any value; an <see cref="IDictionary"/> becomes an object, another sequence an array.</summary>
        public static string Text(object value)
        {
            var text = new StringBuilder();
            Write(text, value);
            return text.ToString();
        }

        /// <summary>
        /// Reads a document: objects as Dictionary&lt;string, object&gt;, arrays as List&lt;object&gt;, whole numbers as
        /// long (ulong above its range), other numbers as double.
        /// </summary>
        public static object Parse(string text)
        {
            var at = 0;
            var value = Read(text, ref at);
            SkipSpace(text, ref at);
            if (at != text.Length)
            {
                throw new FormatException("JSON goes on at " + at + ": " + text);
            }
            return value;
        }

        private static void Write(StringBuilder text, object value)
        {
            var raw = value as Raw;
            var mapping = value as IDictionary;
            var sequence = value as IEnumerable;
            if (value == null)
            {
                text.Append("null");
            }
            else if (raw != null)
            {
                text.Append(raw.Text);
            }
            else if (value is string)
            {
                WriteString(text, (string)value);
            }
            else if (value is bool)
            {
                text.Append((bool)value ? "true" : "false");
            }
            else if (value is double || value is float)
            {
                text.Append(((IFormattable)value).ToString("R", CultureInfo.InvariantCulture));
            }
            else if (value is int || value is uint || value is long || value is ulong || value is short
                || value is ushort || value is byte || value is sbyte)
            {
                text.Append(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
            }
            else if (mapping != null)
            {
                text.Append('{');
                var first = true;
                foreach (DictionaryEntry entry in mapping)
                {
                    if (!first)
                    {
                        text.Append(',');
                    }
                    first = false;
                    WriteString(text, entry.Key.ToString());
                    text.Append(':');
                    Write(text, entry.Value);
                }
                text.Append('}');
            }
            else if (sequence != null)
            {
                text.Append('[');
                var first = true;
                foreach (var item in sequence)
                {
                    if (!first)
                    {
                        text.Append(',');
                    }
                    first = false;
                    Write(text, item);
                }
                text.Append(']');
            }
            else
            {
                WriteString(text, value.ToString());
            }
        }

        private static void WriteString(StringBuilder text, string value)
        {
            text.Append('"');
            foreach (var c in value)
            {
                if (c == '"' || c == '\\')
                {
                    text.Append('\\').Append(c);
                }
                else if (c < ' ' || char.IsSurrogate(c))
                {
                    text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                }
                else
                {
                    text.Append(c);
                }
            }
            text.Append('"');
        }

        private static object Read(string text, ref int at)
        {
            SkipSpace(text, ref at);
            var c = text[at];
            if (c == '{')
            {
                var mapping = new Dictionary<string, object>();
                at++;
                while (!Ends(text, ref at, '}'))
                {
                    SkipSpace(text, ref at);
                    var name = ReadString(text, ref at);
                    SkipSpace(text, ref at);
                    at++;
                    mapping[name] = Read(text, ref at);
                }
                return mapping;
            }
            if (c == '[')
            {
                var list = new List<object>();
                at++;
                while (!Ends(text, ref at, ']'))
                {
                    list.Add(Read(text, ref at));
                }
                return list;
            }
            if (c == '"')
            {
                return ReadString(text, ref at);
            }
            var start = at;
            while (at < text.Length && ",]} \t\r\n".IndexOf(text[at]) < 0)
            {
                at++;
            }
            var word = text.Substring(start, at - start);
            switch (word)
            {
                case "null": return null;
                case "true": return true;
                case "false": return false;
            }
            long whole;
            ulong big;
            if (long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out whole))
            {
                return whole;
            }
            if (ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out big))
            {
                return big;
            }
            return double.Parse(word, CultureInfo.InvariantCulture);
        }

        private static bool Ends(string text, ref int at, char end)
        {
            SkipSpace(text, ref at);
            if (text[at] == ',')
            {
                at++;
                return false;
            }
            if (text[at] != end)
            {
                return false;
            }
            at++;
            return true;
        }

        private static string ReadString(string text, ref int at)
        {
            var value = new StringBuilder();
            for (at++; text[at] != '"'; at++)
            {
                if (text[at] != '\\')
                {
                    value.Append(text[at]);
                    continue;
                }
                at++;
                switch (text[at])
                {
                    case 'n': value.Append('\n'); break;
                    case 't': value.Append('\t'); break;
                    case 'r': value.Append('\r'); break;
                    case 'b': value.Append('\b'); break;
                    case 'f': value.Append('\f'); break;
                    case 'u':
                        value.Append((char)ushort.Parse(text.Substring(at + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                        at += 4;
                        break;
                    default: value.Append(text[at]); break;
                }
            }
            at++;
            return value.ToString();
        }

        private static void SkipSpace(string text, ref int at)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
            {
                at++;
            }
        }

        /// <summary>Text that is JSON already.</summary>
        public sealed class Raw
        {
            /// <summary>Wraps it.</summary>
            public Raw(string text)
            {
                Text = text;
            }

            /// <summary>The JSON.</summary>
            public string Text { get; }
        }
    }
}
