// A binding of the lamp library as a careful person writes it.
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;

namespace Lamps
{
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal unsafe delegate void LampCallback(byte* data, UIntPtr length);

    internal static unsafe class Native
    {
        [DllImport("lamp")]
        internal static extern void lamp_initialize(IntPtr callback);

        [DllImport("lamp")]
        internal static extern ulong lamp_request(byte* data, UIntPtr length, byte** reply, UIntPtr* replyLength);

        [DllImport("lamp")]
        [return: MarshalAs(UnmanagedType.U1)]
        internal static extern bool lamp_drop_handle(ulong handle);

        [DllImport("lamp")]
        internal static extern void lamp_dispose();
    }

    internal sealed class LampHandle : SafeHandle
    {
        internal LampHandle(ulong id)
            : base(IntPtr.Zero, true)
        {
            Id = id;
            SetHandle(new IntPtr(1));
        }

        internal ulong Id { get; private set; }

        public override bool IsInvalid
        {
            get { return Id == 0; }
        }

        protected override bool ReleaseHandle()
        {
            return Native.lamp_drop_handle(Id);
        }
    }

    public sealed class Lamp : IDisposable
    {
        private readonly LampClient _client;
        private readonly LampHandle _handle;

        internal Lamp(LampClient client, ulong id)
        {
            _client = client;
            _handle = new LampHandle(id);
        }

        public event Action<Lamp> BurntOut;

        internal ulong Id
        {
            get { return _handle.Id; }
        }

        public void Dim(uint level)
        {
            if (!_client.Enter())
            {
                throw new ObjectDisposedException("LampClient");
            }

            bool held = false;
            try
            {
                _handle.DangerousAddRef(ref held);
                _client.Request(2, 1, _handle.Id, 2, level);
            }
            finally
            {
                if (held)
                {
                    _handle.DangerousRelease();
                }

                _client.Leave();
            }
        }

        public void Dispose()
        {
            // A client that is disposed of releases its lamps itself.
            if (_client.Enter())
            {
                try
                {
                    _client.Forget(this);
                    _handle.Dispose();
                }
                finally
                {
                    _client.Leave();
                }
            }
        }

        internal void Release()
        {
            _handle.Dispose();
        }

        internal void Raise()
        {
            Action<Lamp> handler = BurntOut;
            if (handler != null)
            {
                handler(this);
            }
        }
    }

    public sealed unsafe class LampClient : IDisposable
    {
        private static readonly object Gate = new object();
        private static readonly LampCallback Callback = OnEvent;
        private static LampClient _current;

        private readonly Dictionary<ulong, Lamp> _lamps = new Dictionary<ulong, Lamp>();
        private int _calls;
        private bool _closed;

        public static LampClient Start()
        {
            LampClient client = new LampClient();
            lock (Gate)
            {
                _current = client;
            }

            Native.lamp_initialize(Marshal.GetFunctionPointerForDelegate(Callback));
            return client;
        }

        public Lamp NewLamp()
        {
            if (!Enter())
            {
                throw new ObjectDisposedException("LampClient");
            }

            try
            {
                Lamp lamp = new Lamp(this, Request(1, 0, 0, 0, 0));
                lock (Gate)
                {
                    _lamps.Add(lamp.Id, lamp);
                }

                return lamp;
            }
            finally
            {
                Leave();
            }
        }

        public void Dispose()
        {
            List<Lamp> left;
            lock (Gate)
            {
                if (_closed)
                {
                    return;
                }

                _closed = true;
                while (_calls > 0)
                {
                    Monitor.Wait(Gate);
                }

                left = new List<Lamp>(_lamps.Values);
                _lamps.Clear();
            }

            foreach (Lamp lamp in left)
            {
                lamp.Release();
            }

            Native.lamp_dispose();
        }

        internal bool Enter()
        {
            lock (Gate)
            {
                if (_closed)
                {
                    return false;
                }

                _calls++;
                return true;
            }
        }

        internal void Leave()
        {
            lock (Gate)
            {
                _calls--;
                Monitor.PulseAll(Gate);
            }
        }

        internal void Forget(Lamp lamp)
        {
            lock (Gate)
            {
                _lamps.Remove(lamp.Id);
            }
        }

        /// <summary>Sends a request of up to two numbers; the handle in the answer, or 0.</summary>
        internal ulong Request(int number, int first, ulong firstValue, int second, ulong secondValue)
        {
            List<byte> inner = new List<byte>();
            if (first != 0)
            {
                inner.Add((byte)(first << 3));
                Write(inner, firstValue);
                inner.Add((byte)(second << 3));
                Write(inner, secondValue);
            }

            inner.Insert(0, (byte)inner.Count);
            inner.Insert(0, (byte)((number << 3) | 2));
            byte* reply;
            UIntPtr length;
            ulong buffer;
            fixed (byte* data = inner.ToArray())
            {
                buffer = Native.lamp_request(data, (UIntPtr)(uint)inner.Count, &reply, &length);
            }

            if (buffer == 0)
            {
                throw new InvalidOperationException("The lamp library refused.");
            }

            try
            {
                // The answer has its number, the lamp, the handle, the id: each the first field of the one around it.
                return number == 1 ? Find(reply, (int)length, 1, 1, 1, 1) : 0;
            }
            finally
            {
                Native.lamp_drop_handle(buffer);
            }
        }

        private static void OnEvent(byte* data, UIntPtr length)
        {
            ulong id = Find(data, (int)length, 1, 1);
            LampClient client;
            Lamp lamp;
            lock (Gate)
            {
                client = _current;
                client._lamps.TryGetValue(id, out lamp);
            }

            if (lamp != null)
            {
                lamp.Raise();
            }
        }

        private static ulong Find(byte* data, int length, params int[] path)
        {
            int end = length;
            int at = 0;
            int depth = 0;
            while (at < end)
            {
                ulong tag = Read(data, ref at);
                bool wanted = (int)(tag >> 3) == path[depth];
                ulong value = Read(data, ref at);
                if ((tag & 7) == 0)
                {
                    if (wanted)
                    {
                        return value;
                    }
                }
                else if (wanted)
                {
                    depth++;
                    end = at + (int)value;
                }
                else
                {
                    at += (int)value;
                }
            }

            return 0;
        }

        private static ulong Read(byte* data, ref int at)
        {
            ulong value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte one = data[at++];
                value |= (ulong)(one & 127) << shift;
                if (one < 128)
                {
                    return value;
                }
            }
        }

        private static void Write(List<byte> bytes, ulong value)
        {
            while (value >= 128)
            {
                bytes.Add((byte)(value | 128));
                value >>= 7;
            }

            bytes.Add((byte)value);
        }
    }
}
