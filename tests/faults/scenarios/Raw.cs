// Bytes as the library would deliver them.
using System;
using System.Reflection;
using System.Runtime.InteropServices;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    internal static unsafe class Raw
    {
        private static readonly NativeCallback Callback =
            (NativeCallback)typeof(ReferenceClient).GetField("Callback", BindingFlags.NonPublic | BindingFlags.Static).GetValue(null);

        /// <summary>Calls the native callback.</summary>
        internal static void Deliver(byte[] envelope)
        {
            Deliver(envelope, envelope.Length);
        }

        internal static void Deliver(byte[] envelope, int length)
        {
            // Memory of exactly that size: whoever reads beyond it reads what is not his.
            IntPtr memory = Marshal.AllocHGlobal(Math.Max(length, 1));
            try
            {
                Marshal.Copy(envelope, 0, memory, length);
                Callback((byte*)memory, (UIntPtr)length);
            }
            finally
            {
                Marshal.FreeHGlobal(memory);
            }
        }

        /// <summary>The callback of a connect that brings a room and its local participant.</summary>
        internal static byte[] Connected(ulong asyncId, ulong room, ulong participant)
        {
            return new FfiEvent
            {
                Connect = new ConnectCallback
                {
                    AsyncId = asyncId,
                    Result = new ConnectCallback.ResultType
                    {
                        Room = new OwnedRoom { Handle = new FfiOwnedHandle { Id = room }, Info = new RoomInfo { Name = "n" } },
                        LocalParticipant = new OwnedParticipant
                        {
                            Handle = new FfiOwnedHandle { Id = participant },
                            Info = new ParticipantInfo { Identity = "i", Name = "n", Sid = "s" },
                        },
                    },
                },
            }.ToByteArray();
        }
    }
}
