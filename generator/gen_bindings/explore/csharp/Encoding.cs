// Messages as the library would write them, made of templates, and what it reads of requests.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;

namespace GenBindings.Explore
{
    /// <summary>A field of a message that the library writes.</summary>
    internal sealed class Template
    {
        internal readonly string Form;
        internal readonly int Number;
        internal readonly Template[] Inner;
        internal readonly string[] Texts;
        internal readonly byte[] Ready;

        private Template(Node field)
        {
            Form = field[0].Text;
            Number = field[1].Int;
            Inner = Form == "m" ? All(field[2]) : null;
            Texts = field.List.Skip(2).Select(value => value.Text).ToArray();
            Ready = Encoder.Constant(Form, Number, field[2]);
        }

        internal static Template[] All(Node fields)
        {
            return fields.IsNull ? null : fields.List.Select(field => new Template(field)).ToArray();
        }
    }

    /// <summary>Writes a message of a template; handles in it are born as they are written.</summary>
    internal sealed class Encoder
    {
        // What pointers in messages point to; nobody writes there.
        private static readonly IntPtr Memory = Marshal.AllocHGlobal(1 << 16);

        private readonly Library _library;
        private readonly ulong _asyncId;
        private readonly Thing _target;
        private readonly Dictionary<string, Thing> _labels = new Dictionary<string, Thing>();
        internal readonly List<Thing> Born = new List<Thing>();

        internal Encoder(Library library, ulong asyncId, Thing target)
        {
            _library = library;
            _asyncId = asyncId;
            _target = target;
        }

        internal byte[] Write(Template[] template)
        {
            MemoryStream stream = new MemoryStream(256);
            Fields(stream, template);
            return stream.ToArray();
        }

        private void Fields(MemoryStream stream, Template[] template)
        {
            foreach (Template field in template)
            {
                Field(stream, field);
            }
        }

        private void Field(MemoryStream stream, Template field)
        {
            int number = field.Number;
            if (field.Ready != null)
            {
                stream.Write(field.Ready, 0, field.Ready.Length);
                return;
            }

            switch (field.Form)
            {
                case "m":
                    MemoryStream inner = new MemoryStream(64);
                    Fields(inner, field.Inner);
                    Bytes(stream, number, inner.GetBuffer(), (int)inner.Length);
                    break;
                case "a":
                    Varint(stream, (ulong)number << 3, _asyncId);
                    break;
                case "t":
                    Varint(stream, (ulong)number << 3, _target == null ? 0 : _target.Id);
                    break;
                case "p":
                    Varint(stream, (ulong)number << 3, (ulong)Memory.ToInt64());
                    break;
                case "h":
                    Thing born = _library.Bear(field.Texts[0], field.Texts[1], Parent(field.Texts[3]));
                    _labels[field.Texts[2]] = born;
                    Born.Add(born);
                    Varint(stream, (ulong)number << 3, born.Id);
                    break;
                case "k":
                    Bytes(stream, number, Encoding.UTF8.GetBytes(Key(field.Texts[0], field.Texts[1])));
                    break;
                case "r":
                    Thing named = _library.Latest(field.Texts[0], field.Texts[1], _target);
                    Bytes(stream, number, Encoding.UTF8.GetBytes(named == null ? "nobody" : named.Key));
                    break;
                default:
                    throw new InvalidOperationException("The contract has a field of the form '" + field.Form + "'.");
            }
        }

        /// <summary>The key that an object will have whose handle comes later in the message.</summary>
        private string Key(string label, string kind)
        {
            Thing thing;
            return _labels.TryGetValue(label, out thing) ? thing.Key : _library.NextKey(kind);
        }

        private Thing Parent(string label)
        {
            Thing found;
            if (label.Length == 0)
            {
                return null;
            }

            if (label == "target")
            {
                return _target;
            }

            if (label.StartsWith("latest:"))
            {
                return _library.Latest(label.Substring(7), string.Empty, _target);
            }

            return _labels.TryGetValue(label, out found) ? found : null;
        }

        private static void Bytes(MemoryStream stream, int number, byte[] bytes)
        {
            Bytes(stream, number, bytes, bytes.Length);
        }

        private static void Bytes(MemoryStream stream, int number, byte[] bytes, int length)
        {
            Varint(stream, ((ulong)number << 3) | 2, (ulong)length);
            stream.Write(bytes, 0, length);
        }

        /// <summary>The bytes of a field that is the same in every message, or null.</summary>
        internal static byte[] Constant(string form, int number, Node value)
        {
            MemoryStream stream = new MemoryStream();
            switch (form)
            {
                case "v":
                    Varint(stream, (ulong)number << 3, value.Long);
                    break;
                case "4":
                    Tag(stream, ((ulong)number << 3) | 5);
                    stream.Write(new byte[4], 0, 4);
                    break;
                case "8":
                    Tag(stream, ((ulong)number << 3) | 1);
                    stream.Write(new byte[8], 0, 8);
                    break;
                case "s":
                    Bytes(stream, number, Encoding.UTF8.GetBytes(value.Text));
                    break;
                default:
                    return null;
            }

            return stream.ToArray();
        }

        private static void Varint(MemoryStream stream, ulong tag, ulong value)
        {
            Tag(stream, tag);
            Tag(stream, value);
        }

        private static void Tag(MemoryStream stream, ulong value)
        {
            while (value >= 128)
            {
                stream.WriteByte((byte)(value | 128));
                value >>= 7;
            }

            stream.WriteByte((byte)value);
        }
    }

    /// <summary>Reads single fields of a message in the memory of the program.</summary>
    internal static unsafe class Decoder
    {
        /// <summary>The first field's number, and what is in it.</summary>
        internal static int First(byte* data, long length, out byte* inner, out long innerLength)
        {
            byte* at = data;
            byte* end = data + length;
            inner = null;
            innerLength = 0;
            ulong tag = Varint(ref at, end);
            if ((tag & 7) == 2)
            {
                innerLength = (long)Varint(ref at, end);
                inner = at;
            }

            return (int)(tag >> 3);
        }

        /// <summary>The integer at the end of a path of field numbers; 0 when it is not there.</summary>
        internal static ulong Find(byte* data, long length, int[] path, int depth)
        {
            byte* at = data;
            byte* end = data + length;
            ulong found = 0;
            while (at < end)
            {
                ulong tag = Varint(ref at, end);
                int number = (int)(tag >> 3);
                switch (tag & 7)
                {
                    case 0:
                        ulong value = Varint(ref at, end);
                        if (number == path[depth] && depth == path.Length - 1)
                        {
                            found = value;
                        }

                        break;
                    case 1:
                        at += 8;
                        break;
                    case 2:
                        long size = (long)Varint(ref at, end);
                        if (number == path[depth] && depth < path.Length - 1)
                        {
                            found = Find(at, size, path, depth + 1);
                        }

                        at += size;
                        break;
                    case 5:
                        at += 4;
                        break;
                    default:
                        return found;
                }
            }

            return found;
        }

        private static ulong Varint(ref byte* at, byte* end)
        {
            ulong value = 0;
            for (int shift = 0; at < end; shift += 7)
            {
                byte one = *at++;
                value |= (ulong)(one & 127) << shift;
                if (one < 128)
                {
                    break;
                }
            }

            return value;
        }
    }
}
