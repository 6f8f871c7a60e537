// A client of the reference server as people write one by hand, each method with one mistake on purpose.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;

namespace HandWritten
{
    internal static class Ffi
    {
        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        internal delegate void Callback(IntPtr data, UIntPtr size);

        [DllImport("reference_ffi", CallingConvention = CallingConvention.Cdecl)]
        internal static extern void reference_ffi_initialize(Callback callback, byte logs, byte[] sdk, byte[] version);

        [DllImport("reference_ffi", CallingConvention = CallingConvention.Cdecl)]
        internal static extern ulong reference_ffi_request(byte[] data, UIntPtr size, out IntPtr reply, out UIntPtr replySize);

        [DllImport("reference_ffi", CallingConvention = CallingConvention.Cdecl)]
        internal static extern byte reference_ffi_drop_handle(ulong id);

        [DllImport("reference_ffi", CallingConvention = CallingConvention.Cdecl)]
        internal static extern void reference_ffi_dispose();
    }

    internal static class Wire
    {
        internal static byte[] Field(int number, params byte[][] parts)
        {
            byte[] content = parts.SelectMany(part => part).ToArray();
            return Varint((ulong)number << 3 | 2).Concat(Varint((ulong)content.Length)).Concat(content).ToArray();
        }

        internal static byte[] Field(int number, ulong value)
        {
            return Varint((ulong)number << 3).Concat(Varint(value)).ToArray();
        }

        internal static byte[] Field(int number, string text)
        {
            return Field(number, Encoding.UTF8.GetBytes(text));
        }

        // The integer at the end of a path, 0 where there is none.
        internal static ulong Find(byte[] data, params int[] path)
        {
            return Find(data, 0, data.Length, path, 0);
        }

        private static ulong Find(byte[] data, int at, int end, int[] path, int step)
        {
            while (at < end)
            {
                ulong key = Read(data, ref at);
                ulong value = Read(data, ref at);
                bool wanted = (int)(key >> 3) == path[step];
                if ((key & 7) != 2)
                {
                    if (wanted && step == path.Length - 1)
                    {
                        return value;
                    }

                    continue;
                }

                if (wanted && step < path.Length - 1)
                {
                    return Find(data, at, at + (int)value, path, step + 1);
                }

                at += (int)value;
            }

            return 0;
        }

        private static ulong Read(byte[] data, ref int at)
        {
            ulong value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte next = data[at++];
                value |= (ulong)(next & 127) << shift;
                if (next < 128)
                {
                    return value;
                }
            }
        }

        private static byte[] Varint(ulong value)
        {
            List<byte> bytes = new List<byte>();
            for (; value > 127; value >>= 7)
            {
                bytes.Add((byte)(value & 127 | 128));
            }

            bytes.Add((byte)value);
            return bytes.ToArray();
        }
    }

    public static class Client
    {
        private static readonly Ffi.Callback Rooted = OnEvent;
        private static readonly List<byte[]> Events = new List<byte[]>();

        private static void OnEvent(IntPtr data, UIntPtr size)
        {
            byte[] bytes = new byte[(int)size];
            Marshal.Copy(data, bytes, 0, bytes.Length);
            lock (Events)
            {
                Events.Add(bytes);
            }
        }

        private static void Start()
        {
            Ffi.reference_ffi_initialize(Rooted, 0, new byte[] { 104, 0 }, new byte[] { 49, 0 });
        }

        private static byte[] Ask(byte[] request, bool keep = false)
        {
            IntPtr reply;
            UIntPtr size;
            ulong buffer = Ffi.reference_ffi_request(request, (UIntPtr)request.Length, out reply, out size);
            if (buffer == 0)
            {
                return new byte[0];
            }

            byte[] bytes = new byte[(int)size];
            Marshal.Copy(reply, bytes, 0, bytes.Length);
            if (!keep)
            {
                Ffi.reference_ffi_drop_handle(buffer);
            }

            return bytes;
        }

        private static ulong Event(params int[] path)
        {
            for (int wait = 0; wait < 1000; wait++)
            {
                lock (Events)
                {
                    ulong found = Events.Select(bytes => Wire.Find(bytes, path)).FirstOrDefault(id => id != 0);
                    if (found != 0)
                    {
                        return found;
                    }
                }

                Thread.Sleep(10);
            }

            throw new TimeoutException();
        }

        private static ulong Source()
        {
            byte[] request = Wire.Field(26, Wire.Field(1, 0), Wire.Field(3, 48000), Wire.Field(4, 1));
            return Wire.Find(Ask(request), 26, 1, 1, 1);
        }

        private static ulong Track(ulong source)
        {
            return Wire.Find(Ask(Wire.Field(16, Wire.Field(1, "mic"), Wire.Field(2, source))), 16, 1, 1, 1);
        }

        private static ulong Connect(out ulong me)
        {
            Ask(Wire.Field(3, Wire.Field(1, "ref://local/hall"), Wire.Field(2, "me"), Wire.Field(3)));
            ulong room = Event(5, 3, 1, 1, 1);
            me = Event(5, 3, 2, 1, 1);
            Ask(Wire.Field(83, Wire.Field(1, room)));
            return room;
        }

        private static void Disconnect(ulong room)
        {
            Ask(Wire.Field(4, Wire.Field(1, room)));
            Event(7, 1);
        }

        public static string Clean(string arguments)
        {
            Start();
            ulong me;
            ulong room = Connect(out me);
            ulong source = Source();
            ulong track = Track(source);
            Ffi.reference_ffi_drop_handle(track);
            Ffi.reference_ffi_drop_handle(source);
            Disconnect(room);
            Ffi.reference_ffi_drop_handle(me);
            Ffi.reference_ffi_drop_handle(room);
            Ffi.reference_ffi_dispose();
            return "null";
        }

        public static string NeverReleased(string arguments)
        {
            Start();
            Source();
            return "null";
        }

        public static string ResponseKept(string arguments)
        {
            Start();
            Ask(Wire.Field(114), true);
            return "null";
        }

        public static string ReleasedTwice(string arguments)
        {
            Start();
            ulong source = Source();
            Ffi.reference_ffi_drop_handle(source);
            Ffi.reference_ffi_drop_handle(source);
            return "null";
        }

        public static string UnknownReleased(string arguments)
        {
            Start();
            Ffi.reference_ffi_drop_handle(123456);
            return "null";
        }

        public static string UsedAfterRelease(string arguments)
        {
            Start();
            ulong source = Source();
            Ffi.reference_ffi_drop_handle(source);
            Track(source);
            return "null";
        }

        private sealed class Owner
        {
            private readonly ulong id;

            internal Owner(ulong id)
            {
                this.id = id;
            }

            ~Owner()
            {
                Ffi.reference_ffi_drop_handle(id);
                Finalized = true;
            }
        }

        private static volatile bool Finalized;

        private static void Abandon()
        {
            new Owner(Source());
        }

        public static string ReleasedByFinalizer(string arguments)
        {
            Start();
            Thread thread = new Thread(Abandon);
            thread.Start();
            thread.Join();
            for (int turn = 0; turn < 100 && !Finalized; turn++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            return Finalized ? "true" : "false";
        }

        public static string ParentFirst(string arguments)
        {
            Start();
            ulong me;
            ulong room = Connect(out me);
            Disconnect(room);
            Ffi.reference_ffi_drop_handle(room);
            Ffi.reference_ffi_drop_handle(me);
            return "null";
        }

        public static string NotClosed(string arguments)
        {
            Start();
            ulong me;
            ulong room = Connect(out me);
            Ffi.reference_ffi_drop_handle(me);
            Ffi.reference_ffi_drop_handle(room);
            return "null";
        }

        public static string EventIgnored(string arguments)
        {
            Start();
            ulong me;
            ulong room = Connect(out me);
            Ask(Wire.Field(100, Wire.Field(1, "hall"), Wire.Field(2, "ann")));
            Event(1, 2, 1, 1, 1);
            Disconnect(room);
            Ffi.reference_ffi_drop_handle(me);
            Ffi.reference_ffi_drop_handle(room);
            return "null";
        }

        public static string Refused(string arguments)
        {
            Start();
            Track(99);
            return "null";
        }

        public static string AfterDispose(string arguments)
        {
            Start();
            Ffi.reference_ffi_dispose();
            Ffi.reference_ffi_drop_handle(Source());
            return "null";
        }
    }
}
