using System;
using System.Runtime.InteropServices;
using LiveKit.Proto;

namespace Conference.Internal
{
    /// <summary>Owns one native handle; ids have 64 bits on every platform.</summary>
    internal sealed class FfiHandle : SafeHandle
    {
        private readonly ulong _id;

        internal FfiHandle(ulong id) : base(IntPtr.Zero, true)
        {
            _id = id;
            SetHandle(id == 0 ? IntPtr.Zero : new IntPtr(1));
        }

        internal static FfiHandle FromOwned(FfiOwnedHandle owned) => new FfiHandle(owned.Id);

        internal ulong Id
        {
            get
            {
                if (IsClosed)
                {
                    throw new ObjectDisposedException(nameof(FfiHandle));
                }

                return _id;
            }
        }

        public override bool IsInvalid => handle == IntPtr.Zero;

        internal void MarkTaken()
        {
            SetHandleAsInvalid();
        }

        protected override bool ReleaseHandle()
        {
            return NativeMethods.DropHandle(_id);
        }
    }
}
