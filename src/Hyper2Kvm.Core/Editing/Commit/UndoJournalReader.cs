using System.Text;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Editing.Commit;

/// <summary>Reads a journal's parts one after the other. The checksum tells accidents; a journal made on purpose is bounded here.</summary>
internal sealed class UndoJournalReader(byte[] bytes, int start, string path)
{
    private int _at = start;

    /// <exception cref="DiskFormatException"><c>UndoJournalDamaged</c>: so many parts cannot be in the rest.</exception>
    public int Count(uint count, int leastEach) =>
        count > 0 && count <= (bytes.Length - _at) / leastEach ? (int)count : throw UndoJournal.Damaged(path, _at, "as many parts as the rest can hold", $"{count}");

    /// <summary>The name of a file beside the journal.</summary>
    public string Name(int limit)
    {
        long length = Le.U32(Take(4), 0);
        int place = _at;
        string name = length <= limit ? Encoding.UTF8.GetString(Take(length)) : "";
        bool isPlain = name.Length > 0 && name is not ("." or "..") && !name.AsSpan().ContainsAny('/', '\\', ':') && !name.Contains('\0', StringComparison.Ordinal);
        return isPlain ? name : throw UndoJournal.Damaged(path, place, "the name of a file beside the journal", $"'{name}'");
    }

    public long Number()
    {
        long number = Le.I64(Take(8), 0);
        return number >= 0 ? number : throw UndoJournal.Damaged(path, _at - 8, "a number that is not negative", $"{number}");
    }

    public DateTime Time()
    {
        long ticks = Number();
        return ticks <= DateTime.MaxValue.Ticks ? new DateTime(ticks, DateTimeKind.Utc) : throw UndoJournal.Damaged(path, _at - 8, "a time", $"{ticks}");
    }

    /// <param name="files">Of the journal.</param>
    /// <param name="previous">The region before, or null.</param>
    public UndoRegion Region(UndoFile[] files, UndoRegion? previous)
    {
        int place = _at;
        uint file = Le.U32(Take(4), 0);
        long length = Le.U32(Take(4), 0);
        long offset = Number();
        bool isInside = file < files.Length && length > 0 && offset <= files[file].Length - length;
        bool isInOrder = previous is null || file > previous.File || (file == previous.File && offset >= previous.Offset + previous.Before.Length);
        return isInside && isInOrder
            ? new UndoRegion((int)file, offset, Take(length).ToArray(), Take(length).ToArray())
            : throw UndoJournal.Damaged(path, place, "a region within its file, after the one before", $"{length} bytes at {offset} of file {file}");
    }

    public void End()
    {
        if (_at != bytes.Length)
        {
            throw UndoJournal.Damaged(path, _at, "the end", $"{bytes.Length - _at} bytes more");
        }
    }

    private ReadOnlySpan<byte> Take(long length)
    {
        if (length > bytes.Length - _at)
        {
            throw UndoJournal.Damaged(path, _at, $"{length} bytes", "the end of the journal");
        }

        _at += (int)length;
        return bytes.AsSpan(_at - (int)length, (int)length);
    }
}
