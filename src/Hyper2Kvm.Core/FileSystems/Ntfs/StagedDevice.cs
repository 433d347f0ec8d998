using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>Holds one operation's writes back until all of it is known to work; then writes only the sectors that differ.</summary>
internal sealed class StagedDevice(IWritableBlockDevice device) : IWritableBlockDevice
{
    private const int Unit = 512;
    private const int MaxCommitBytes = 64 * 1024;

    private readonly Dictionary<long, byte[]> _units = [];

    public long Length => device.Length;

    public int SectorSize => device.SectorSize;

    public void Read(long offset, Span<byte> buffer)
    {
        device.Read(offset, buffer);
        if (_units.Count == 0 || buffer.Length == 0)
        {
            return;
        }

        for (long unit = offset / Unit; unit <= (offset + buffer.Length - 1) / Unit; unit++)
        {
            if (_units.TryGetValue(unit, out byte[]? staged))
            {
                long start = Math.Max(offset, unit * Unit);
                int count = (int)(Math.Min(offset + buffer.Length, (unit + 1) * Unit) - start);
                staged.AsSpan((int)(start - (unit * Unit)), count).CopyTo(buffer[(int)(start - offset)..]);
            }
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            long unit = offset / Unit;
            int within = (int)(offset % Unit);
            int count = Math.Min(data.Length, Unit - within);
            if (!_units.TryGetValue(unit, out byte[]? staged))
            {
                staged = new byte[Unit];
                device.Read(unit * Unit, staged.AsSpan(0, (int)Math.Min(Unit, Length - (unit * Unit))));
                _units.Add(unit, staged);
            }

            data[..count].CopyTo(staged.AsSpan(within));
            data = data[count..];
            offset += count;
        }
    }

    /// <summary>Writes content at once: to clusters that hold nothing yet, or to a file's own. Equal bytes are not written.</summary>
    public void WriteThrough(long offset, ReadOnlySpan<byte> data)
    {
        byte[] present = new byte[Math.Min(data.Length, MaxCommitBytes)];
        while (data.Length > 0)
        {
            int count = Math.Min(data.Length, present.Length);
            device.Read(offset, present.AsSpan(0, count));
            if (!data[..count].SequenceEqual(present.AsSpan(0, count)))
            {
                device.Write(offset, data[..count]);
            }

            PatchStaged(offset, data[..count]);
            data = data[count..];
            offset += count;
        }
    }

    /// <summary>Nothing has been written before this, and everything is afterwards.</summary>
    public void Commit()
    {
        byte[] present = new byte[Unit];
        long[] units = [.. _units.Keys];
        Array.Sort(units);
        foreach (long unit in units)
        {
            byte[] staged = _units[unit];
            int count = (int)Math.Min(Unit, Length - (unit * Unit));
            device.Read(unit * Unit, present.AsSpan(0, count));
            if (!staged.AsSpan(0, count).SequenceEqual(present.AsSpan(0, count)))
            {
                device.Write(unit * Unit, staged.AsSpan(0, count));
            }
        }

        _units.Clear();
    }

    public void Drop() => _units.Clear();

    public void Flush() => device.Flush();

    /// <summary>Keeps what is held back of the same sectors in step with a write that went through.</summary>
    private void PatchStaged(long offset, ReadOnlySpan<byte> data)
    {
        for (long unit = offset / Unit; _units.Count > 0 && unit * Unit < offset + data.Length; unit++)
        {
            if (_units.TryGetValue(unit, out byte[]? staged))
            {
                long start = Math.Max(offset, unit * Unit);
                int count = (int)(Math.Min(offset + data.Length, (unit + 1) * Unit) - start);
                data.Slice((int)(start - offset), count).CopyTo(staged.AsSpan((int)(start - (unit * Unit))));
            }
        }
    }
}
