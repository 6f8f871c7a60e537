// Messages as the library would write them, made of templates, and what it reads of requests.
using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;

namespace GenBindings.Explore
{
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

        internal byte[] Write(Node template)
        {
            MemoryStream stream = new MemoryStream();
            Fields(stream, template);
            return stream.ToArray();
        }

        private void Fields(MemoryStream stream, Node template)
        {
            foreach (Node field in template.List)
            {
                Field(stream, field);
            }
        }

        private void Field(MemoryStream stream, Node field)
        {
            string form = field[0].Text;
            int number = field[1].Int;
            switch (form)
            {
                case "m":
                    MemoryStream inner = new MemoryStream();
                    Fields(inner, field[2]);
                    Bytes(stream, number, inner.ToArray());
                    break;
                case "v":
                    Varint(stream, (ulong)number << 3, field[2].Long);
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
                    Bytes(stream, number, Encoding.UTF8.GetBytes(field[2].Text));
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
                    Thing born = _library.Bear(field[2].Text, field[3].Text, Parent(field[5].Text));
                    _labels[field[4].Text] = born;
                    Born.Add(born);
                    Varint(stream, (ulong)number << 3, born.Id);
                    break;
                case "k":
                    Bytes(stream, number, Encoding.UTF8.GetBytes(Key(field[2].Text)));
                    break;
                case "r":
                    Thing named = _library.Latest(field[2].Text, field[3].Text, _target);
                    Bytes(stream, number, Encoding.UTF8.GetBytes(named == null ? "nobody" : named.Key));
                    break;
                default:
                    throw new InvalidOperationException("The contract has a field of the form '" + form + "'.");
            }
        }

        /// <summary>The key that an object will have whose handle comes later in the message.</summary>
        private string Key(string label)
        {
            Thing thing;
            return _labels.TryGetValue(label, out thing) ? thing.Key : _library.NextKey();
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
            Varint(stream, ((ulong)number << 3) | 2, (ulong)bytes.Length);
            stream.Write(bytes, 0, bytes.Length);
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
