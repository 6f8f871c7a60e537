using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;

internal static class Native
{
    [DllImport("livekit_ffi", EntryPoint = "livekit_ffi_drop_handle", CallingConvention = CallingConvention.Cdecl)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static extern bool Drop(ulong handle);
}

internal class Owner : SafeHandle
{
    private readonly ulong _id;

    internal Owner(ulong id) : base(IntPtr.Zero, true) { _id = id; SetHandle(new IntPtr(1)); }

    internal ulong Id => _id;

    public override bool IsInvalid => handle == IntPtr.Zero;

    internal void Forget() => SetHandleAsInvalid();

    protected override bool ReleaseHandle() => Native.Drop(_id);
}

internal sealed class Bag : IDisposable
{
    private readonly Owner[] _owners = new Owner[4];

    internal void Put(int place, ulong id) => _owners[place] = new Owner(id);

    internal Owner Out(int place)
    {
        Owner owner = _owners[place];
        _owners[place] = null;
        return owner;
    }

    public void Dispose()
    {
        foreach (Owner owner in _owners)
        {
            owner?.Dispose();
        }
    }
}

internal abstract class Thing : IDisposable
{
    private readonly Owner _owner;

    protected Thing(Owner owner) { _owner = owner; }

    internal void Join(List<Thing> things) => things.Add(this);

    public void Dispose() => _owner.Dispose();
}

internal sealed class Thing0 : Thing
{
    private Thing0(Owner owner) : base(owner) { }

    internal static Thing0 Of(Bag bag, List<Thing> things)
    {
        Owner owner = bag.Out(0);
        Thing0 made = new Thing0(owner);
        made.Join(things);
        return made;
    }
}

internal sealed class Thing1 : Thing
{
    private Thing1(Owner owner) : base(owner) { }

    internal static Thing1 Of(Bag bag, List<Thing> things)
    {
        Owner owner = bag.Out(1);
        Thing1 made = new Thing1(owner);
        made.Join(things);
        return made;
    }
}

internal sealed class Thing2 : Thing
{
    private Thing2(Owner owner) : base(owner) { }

    internal static Thing2 Of(Bag bag, List<Thing> things)
    {
        Owner owner = bag.Out(2);
        Thing2 made = new Thing2(owner);
        made.Join(things);
        return made;
    }
}

internal sealed class Thing3 : Thing
{
    private Thing3(Owner owner) : base(owner) { }

    internal static Thing3 Of(Bag bag, List<Thing> things)
    {
        Owner owner = bag.Out(3);
        Thing3 made = new Thing3(owner);
        made.Join(things);
        return made;
    }
}

internal sealed class Thing4 : Thing
{
    private Thing4(Owner owner) : base(owner) { }

    internal static Thing4 Of(Bag bag, List<Thing> things)
    {
        Owner owner = bag.Out(4);
        Thing4 made = new Thing4(owner);
        made.Join(things);
        return made;
    }
}
