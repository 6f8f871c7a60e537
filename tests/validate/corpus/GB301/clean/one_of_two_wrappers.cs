using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using LiveKit.Proto;

internal static class Native
{
    [DllImport("livekit_ffi", EntryPoint = "livekit_ffi_drop_handle", CallingConvention = CallingConvention.Cdecl)]
    [return: MarshalAs(UnmanagedType.U1)]
    internal static extern bool Drop(ulong handle);
}

internal abstract class Owner : SafeHandle
{
    private readonly ulong _id;

    protected Owner(ulong id) : base(IntPtr.Zero, true) { _id = id; SetHandle(new IntPtr(1)); }

    internal ulong Id => _id;

    public override bool IsInvalid => handle == IntPtr.Zero;

    protected sealed override bool ReleaseHandle() => GiveBack(_id);

    protected abstract bool GiveBack(ulong id);
}

internal sealed class SourceOwner : Owner
{
    internal SourceOwner(ulong id) : base(id) { }

    protected override bool GiveBack(ulong id) => Native.Drop(id);
}

internal sealed class TrackOwner : Owner
{
    internal TrackOwner(ulong id) : base(id) { }

    protected override bool GiveBack(ulong id) => Native.Drop(id);
}

internal sealed class Client
{
    internal static readonly Client Instance = new Client();

    internal FfiResponse Send(FfiRequest request) => throw new NotImplementedException();
}

public sealed class Source : IDisposable
{
    private readonly SourceOwner _source;
    private readonly TrackOwner _track;

    public Source()
    {
        var source = new FfiRequest { NewAudioSource = new NewAudioSourceRequest { SampleRate = 48000 } };
        _source = new SourceOwner(Client.Instance.Send(source).NewAudioSource.Source.Handle.Id);
        var track = new FfiRequest { CreateAudioTrack = new CreateAudioTrackRequest { SourceHandle = _source.Id } };
        _track = new TrackOwner(Client.Instance.Send(track).CreateAudioTrack.Track.Handle.Id);
    }

    public void Dispose()
    {
        _track.Dispose();
        _source.Dispose();
    }
}
