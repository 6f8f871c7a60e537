// Drives any generated message by the name of its type; compiled into the assembly of the messages.
using System;
using System.Collections.Generic;
using System.Reflection;
using Wire.Test.Messages;
using Wire.Test.Wire;

namespace Wire.Test
{
    public static class Driver
    {
        private delegate WireMessage Parser(ReadOnlySpan<byte> data);

        private static readonly Dictionary<string, Parser> Parsers = new Dictionary<string, Parser>();

        /// <summary>Decodes and encodes again.</summary>
        /// <returns>
        /// "=" and the bytes in base 64; "!" and why the bytes were refused; "?" and why the message that was read
        /// cannot be written.
        /// </returns>
        public static string RoundTrip(string type, string base64)
        {
            byte[] data = Convert.FromBase64String(base64);
            WireMessage message;
            try
            {
                message = Find(type)(data);
            }
            catch (WireFormatException error)
            {
                return "!" + error.Message;
            }
            try
            {
                return "=" + Convert.ToBase64String(message.ToByteArray());
            }
            catch (InvalidOperationException error)
            {
                return "?" + error.Message;
            }
        }

        private static Parser Find(string type)
        {
            Parser parser;
            if (!Parsers.TryGetValue(type, out parser))
            {
                var parse = System.Type.GetType(type, true).GetMethod("Parse", BindingFlags.Public | BindingFlags.Static);
                parser = (Parser)Delegate.CreateDelegate(typeof(Parser), parse);
                Parsers.Add(type, parser);
            }
            return parser;
        }
    }
}
