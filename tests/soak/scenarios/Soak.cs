// One cycle: a client, a random script under random faults, its end, and what must be back then.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    /// <summary>Something is left, or went wrong, by the kind under which it is reported.</summary>
    internal sealed class LeftException : Exception
    {
        internal LeftException(string kind, string message)
            : base(message)
        {
            Kind = kind;
        }

        internal string Kind { get; private set; }
    }

    public static class Soak
    {
        /// <summary>What a run that leaks on purpose keeps.</summary>
        private static readonly List<object> Kept = new List<object>();

        /// <summary>
        /// Plays one cycle. Arguments: "seed"; "faults", each with "fields", "process" and "needs"; "repair", whether the
        /// server is asked to end what its faults kept; "patience", milliseconds that anything may take which must happen;
        /// "leak", what is kept on purpose.
        /// </summary>
        public static string Cycle(string arguments)
        {
            Dictionary<string, object> asked = (Dictionary<string, object>)Json.Parse(arguments);
            Play play = new Play(
                new Dice(Convert.ToUInt64(asked["seed"])),
                ((List<object>)asked["faults"]).Select(f => new Fault((Dictionary<string, object>)f)).ToList(),
                (bool)asked["repair"],
                Convert.ToInt32(asked["patience"]));
            string kind = null;
            string text = null;
            try
            {
                play.Run((string)asked["leak"], Kept);
            }
            catch (LeftException error)
            {
                kind = error.Kind;
                text = error.Message + play.Reports();
            }
            catch (Exception error)
            {
                kind = "exception";
                text = error + play.Reports();
            }

            return Json.Object("kind", kind, "text", text, "script", play.Script, "seen", play.Seen());
        }

        /// <summary>Bytes that the managed heap holds when everything was collected that can be.</summary>
        public static string Managed(string arguments)
        {
            Scenario.CollectGarbage();
            return Json.Text(GC.GetTotalMemory(true));
        }
    }

    /// <summary>A row of the table of faults.</summary>
    internal sealed class Fault
    {
        private readonly Dictionary<string, object> _fields;

        internal Fault(Dictionary<string, object> row)
        {
            _fields = (Dictionary<string, object>)row["fields"];
            ProcessOnly = (bool)row["process"];
            Needs = ((List<object>)row["needs"]).Cast<string>().ToList();
        }

        internal bool ProcessOnly { get; private set; }

        /// <summary>Steps that a script needs for the fault to have something to strike.</summary>
        internal List<string> Needs { get; private set; }

        internal bool Sets(string field)
        {
            return _fields.ContainsKey(field);
        }

        /// <summary>Switches it on among others.</summary>
        internal void SwitchOn(Faults faults)
        {
            foreach (KeyValuePair<string, object> field in _fields)
            {
                System.Reflection.PropertyInfo property = typeof(Faults).GetProperty(field.Key);
                Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
                object value = type.IsEnum ? Enum.Parse(type, (string)field.Value) : Convert.ChangeType(field.Value, type);
                property.SetValue(faults, value, null);
            }
        }
    }
}
