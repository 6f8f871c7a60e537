using System;
using System.Buffers;

public sealed unsafe class Picture
{
    private MemoryHandle _memory;

    public ReadOnlyMemory<byte> Data { get; set; }

    internal void Pin() => _memory = Data.Pin();

    internal void* Start => _memory.Pointer;

    internal void Unpin()
    {
        _memory.Dispose();
        _memory = default(MemoryHandle);
    }
}
