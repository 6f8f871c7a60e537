// Runs a scenario against the library, and keeps the client open afterwards so that the handle table can be counted.
using System;
using System.Collections.Generic;
using System.Reflection;
using GenBindings.Harness;
using LiveKit.Ffi;

namespace LiveKitLab
{
    /// <summary>A finding of a scenario; its message is what a person needs.</summary>
    public sealed class Failure : Exception
    {
        /// <summary>Says what was expected and what was found.</summary>
        public Failure(string message)
            : base(message)
        {
        }
    }

    /// <summary>What all scenarios share.</summary>
    public static class Lab
    {
        private static readonly List<string> Reported = new List<string>();
        private static LiveKitClient _client;

        /// <summary>Runs <c>LiveKitLab.Class.Method</c>, which takes the client and its arguments and returns facts.</summary>
        public static string Run(string scenario, string arguments)
        {
            if (_client == null)
            {
                Diagnostics.Reported -= OnReported;
                Diagnostics.Reported += OnReported;
                _client = LiveKitClient.Initialize();
            }

            int dot = scenario.IndexOf('.');
            MethodInfo method = typeof(Lab).Assembly
                .GetType("LiveKitLab." + scenario.Substring(0, dot), true)
                .GetMethod(scenario.Substring(dot + 1));
            object facts;
            try
            {
                facts = method.Invoke(null, new object[] { _client, Json.Parse(arguments) });
            }
            catch (TargetInvocationException error)
            {
                throw new InvalidOperationException(error.InnerException.ToString());
            }

            string[] reported;
            lock (Reported)
            {
                reported = Reported.ToArray();
            }

            return Json.Object("facts", facts, "alive", LiveHandles.Line(), "reported", reported);
        }

        /// <summary>Shuts the library down.</summary>
        public static void Finish()
        {
            _client.Dispose();
            _client = null;
        }

        internal static Dictionary<string, object> Facts(params object[] namesAndValues)
        {
            var facts = new Dictionary<string, object>();
            for (int i = 0; i < namesAndValues.Length; i += 2)
            {
                facts[(string)namesAndValues[i]] = namesAndValues[i + 1];
            }

            return facts;
        }

        internal static void Check(bool holds, string expectation)
        {
            if (!holds)
            {
                throw new Failure("expected: " + expectation);
            }
        }

        internal static void Same(object expected, object found, string what)
        {
            if (!Equals(expected, found))
            {
                throw new Failure(what + ": expected " + expected + ", found " + found);
            }
        }

        internal static void Same<T>(ReadOnlySpan<T> expected, ReadOnlySpan<T> found, string what)
            where T : struct, IEquatable<T>
        {
            Same(expected.Length, found.Length, what + ", length");
            for (int i = 0; i < expected.Length; i++)
            {
                if (!expected[i].Equals(found[i]))
                {
                    throw new Failure(what + " at " + i + ": expected " + expected[i] + ", found " + found[i]);
                }
            }
        }

        /// <summary>The exception of a call, which must be of the type.</summary>
        internal static T Throws<T>(string what, Action call)
            where T : Exception
        {
            try
            {
                call();
            }
            catch (T error)
            {
                return error;
            }

            throw new Failure(what + ": expected " + typeof(T).Name + ", found none");
        }

        /// <summary>The call must be refused by the library; returns what the exception says.</summary>
        internal static string Refused(Action call)
        {
            return Throws<LiveKitException>("a refusal", call).Message;
        }

        private static void OnReported(object sender, DiagnosticEventArgs e)
        {
            lock (Reported)
            {
                Reported.Add(e.Message);
            }
        }
    }
}
