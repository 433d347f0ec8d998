using System.Globalization;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Registry;

/// <summary>Brings a dirty hive up to date from its transaction logs, in memory, by the rules of Windows.</summary>
/// <remarks>
/// Source: github.com/msuhanov/regf, "Dirty state of a hive" and "Multiple transaction log files".
/// <list type="bullet">
/// <item>Dirty is a hive whose two sequence numbers differ or whose base block has a wrong checksum.</item>
/// <item>New logs (HvLE entries): the log whose entries are older comes first. Its first entry has the log's own sequence number, not less
/// than the secondary one of the hive; from there on each entry is one more than the last, across both logs. Between the hive and the
/// first entry there may be a gap (Windows writes part of the hive back without touching its base block). At the first entry with a
/// wrong hash replay ends: a flush that the power cut.</item>
/// <item>Old logs (DIRT): the first log with the hive's last-written time.</item>
/// <item>A broken base block comes from the log: from the one with the latest entries, which alone is then applied; or from a DIRT log
/// that is not older than the first bin, which keeps a copy of the last-written time.</item>
/// </list>
/// Windows puts dummy bins where replay leaves broken ones; we refuse.
/// </remarks>
internal sealed class HiveRecovery(string name, byte[] baseBlock, HivePages pages)
{
    private readonly List<string> _remarks = [];

    /// <summary>Replays the logs. The base block ends up as in the memory of Windows: the last sequence number applied, clean.</summary>
    /// <returns>What was done, for people.</returns>
    /// <exception cref="GuestStateException">HiveDirty: no log fits.</exception>
    /// <exception cref="DiskFormatException">HiveDamaged: what replay gives is no hive.</exception>
    public string Run(IReadOnlyList<HiveLog> logs)
    {
        bool isWhole = new HiveBaseBlock(baseBlock).IsWhole;
        string? done = isWhole ? WithOwnBaseBlock(logs) : WithBaseBlockOfLog(logs);
        if (done is null)
        {
            throw !isWhole ? BrokenBaseBlock() : new GuestStateException(
                "HiveDirty",
                name,
                $"The hive {name} was not written to the end, and {(logs.Count == 0 ? "there is no usable log beside it" : "its logs do not fit it")}.",
                "Boot Windows once where it ran before and shut it down cleanly (not hibernated), then try again.");
        }

        HiveBins.Check(pages, name);
        return string.Join("; ", [done, .. _remarks]);
    }

    private DiskFormatException BrokenBaseBlock()
    {
        HiveBaseBlock block = new(baseBlock);
        return block.HasSignature
            ? Hive.Damaged(name, "base block", 0x1FC, $"the checksum {block.ComputeChecksum():X8}, or a log to take the base block from", $"{block.Checksum:X8}")
            : Hive.Damaged(name, "base block", 0, "the signature 'regf'", $"bytes {Convert.ToHexString(baseBlock.AsSpan(0, 4))}");
    }

    private string? WithOwnBaseBlock(IReadOnlyList<HiveLog> logs)
    {
        HiveBaseBlock block = new(baseBlock);
        List<HiveLog> withEntries = [];
        foreach (HiveLog log in logs)
        {
            if (log.HasEntries)
            {
                withEntries.Add(log);
            }
        }

        withEntries.Sort((left, right) => left.Sequence.CompareTo(right.Sequence));
        if (ApplyEntries(withEntries, block.SecondarySequence) is { } done)
        {
            return done;
        }

        foreach (HiveLog log in logs)
        {
            if (!log.HasEntries && new HiveBaseBlock(log.BaseBlock).LastWritten == block.LastWritten)
            {
                return ApplyDirtyVector(log);
            }
        }

        return null;
    }

    private string? WithBaseBlockOfLog(IReadOnlyList<HiveLog> logs)
    {
        HiveLog? latest = null;
        foreach (HiveLog log in logs)
        {
            if (log.HasEntries && (latest is null || log.Sequence > latest.Sequence))
            {
                latest = log;
            }
        }

        if (latest is not null)
        {
            TakeBaseBlock(latest);
            return ApplyEntries([latest], latest.Sequence);
        }

        Span<byte> bin = stackalloc byte[CellAllocator.BinHeader];
        pages.Read(0, bin);
        foreach (HiveLog log in logs)
        {
            if (new HiveBaseBlock(log.BaseBlock).LastWritten >= Le.I64(bin, 0x14))
            {
                TakeBaseBlock(log);
                return ApplyDirtyVector(log);
            }
        }

        return null;
    }

    private void TakeBaseBlock(HiveLog log)
    {
        log.BaseBlock.CopyTo(baseBlock, 0);
        new HiveBaseBlock(baseBlock).FileType = HiveBaseBlock.PrimaryType;
        _remarks.Add($"base block from {log.Name}");
    }

    private string? ApplyEntries(List<HiveLog> logs, uint oldest)
    {
        int applied = 0;
        uint first = 0;
        uint last = 0;
        List<string> used = [];
        foreach ((HiveLogEntry entry, string log) in Applicable(logs, oldest))
        {
            Apply(entry);
            first = applied++ == 0 ? entry.Sequence : first;
            last = entry.Sequence;
            if (!used.Contains(log))
            {
                used.Add(log);
            }
        }

        return applied == 0
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"replayed {applied} log entries, sequence {first}..{last} from {string.Join(", ", used)}");
    }

    /// <summary>The entries to apply, in order: whole, not older than the hive, and each one more than the last.</summary>
    private IEnumerable<(HiveLogEntry Entry, string Log)> Applicable(List<HiveLog> logs, uint oldest)
    {
        uint? next = null;
        foreach (HiveLog log in logs)
        {
            uint expected = log.Sequence;
            foreach (HiveLogEntry entry in log.Entries())
            {
                // Behind the entries of this round lie those of an earlier one.
                if (entry.Sequence != expected)
                {
                    break;
                }

                expected = unchecked(expected + 1);
                if (!entry.HasRightHashes || !entry.HasRightPages())
                {
                    _remarks.Add(string.Create(
                        CultureInfo.InvariantCulture, $"entry {entry.Sequence} of {log.Name} was not written to the end and is left out"));
                    break;
                }

                if (entry.Sequence < oldest)
                {
                    continue;
                }

                if (next is not null && entry.Sequence != next)
                {
                    break;
                }

                next = expected;
                yield return (entry, log.Name);
            }
        }
    }

    private void Apply(HiveLogEntry entry)
    {
        entry.Apply(pages);
        HiveBaseBlock block = new(baseBlock)
        {
            BinsSize = entry.BinsSize,
            PrimarySequence = entry.Sequence,
            SecondarySequence = entry.Sequence,
        };
        block.Flags = (block.Flags & ~1u) | (entry.Flags & 1);
        block.Checksum = block.ComputeChecksum();
    }

    private string ApplyDirtyVector(HiveLog log)
    {
        int applied = DirtyVectorLog.Apply(log, pages, name);
        HiveBaseBlock block = new(baseBlock) { BinsSize = new HiveBaseBlock(log.BaseBlock).BinsSize };
        block.SecondarySequence = block.PrimarySequence;
        block.Checksum = block.ComputeChecksum();
        return string.Create(CultureInfo.InvariantCulture, $"replayed {applied} pages of 512 bytes from {log.Name}");
    }
}
