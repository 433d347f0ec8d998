namespace Hyper2Kvm.Images.Conversion;

/// <summary>A stretch of a disk that is converted or compared in one piece.</summary>
internal sealed class Chunk(long offset, int length)
{
    private readonly List<(int At, DiskRun Run)> _runs = [];

    /// <summary>On the disk.</summary>
    public long Offset { get; } = offset;

    /// <summary>In bytes; the last chunk of a disk may be shorter.</summary>
    public int Length { get; } = length;

    /// <summary>Bytes that are somewhere in a file; the rest is zero.</summary>
    public int Held { get; private set; }

    /// <summary>The same stretch of the disk to compare with.</summary>
    public Chunk? Twin { get; set; }

    /// <summary>Adds a run behind those that are there.</summary>
    /// <param name="at">Where it starts in the chunk.</param>
    /// <param name="run">Not zeros.</param>
    public void Add(int at, DiskRun run)
    {
        _runs.Add((at, run));
        Held += (int)run.Length;
    }

    /// <summary>Reads it all. Safe for several threads at once.</summary>
    /// <param name="buffer">At least as long; what is behind the chunk is zero afterwards.</param>
    public void Read(Span<byte> buffer)
    {
        int filled = 0;
        foreach ((int at, DiskRun run) in _runs)
        {
            buffer[filled..at].Clear();
            filled = at + (int)run.Length;
            run.Read(buffer[at..filled]);
        }

        buffer[filled..].Clear();
    }
}
