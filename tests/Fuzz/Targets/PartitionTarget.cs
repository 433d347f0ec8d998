using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Partitions;

namespace Hyper2Kvm.Fuzz.Targets;

/// <summary>The start and the end of a disk, with its partition tables.</summary>
internal sealed class PartitionTarget(string name, params (string Folder, string Pattern)[] realSeeds) : FuzzTarget(name)
{
    public override IReadOnlyList<(string Folder, string Pattern)> RealSeeds => realSeeds;

    public override void Repair(IReadOnlyList<FuzzPart> parts)
    {
        Span<byte> bytes = parts[0].Bytes;
        for (int offset = 512; offset + 512 <= bytes.Length; offset += 512)
        {
            if (!bytes[offset..].StartsWith("EFI PART"u8))
            {
                continue;
            }

            ulong entries = Math.Min(Le.U64(bytes, offset + 72), 1 << 24) * 512;
            ulong length = (ulong)Le.U32(bytes, offset + 80) * Le.U32(bytes, offset + 84);
            if (length <= (ulong)bytes.Length && entries <= (ulong)bytes.Length - length)
            {
                Le.U32(bytes, offset + 88, Crc32.Compute(bytes.Slice((int)entries, (int)length)));
            }

            int size = (int)Math.Min(Le.U32(bytes, offset + 12), 512);
            Le.U32(bytes, offset + 16, 0u);
            Le.U32(bytes, offset + 16, Crc32.Compute(bytes.Slice(offset, size)));
        }
    }

    public override void Run(IReadOnlyList<FuzzPart> parts)
    {
        MemoryBlockDevice disk = new(parts[0].Bytes, 512);
        foreach (PartitionEntry entry in PartitionTable.Read(disk).Entries)
        {
            if (entry.Range.Offset < 0 || entry.Range.Length <= 0 || entry.Range.End > disk.Length)
            {
                throw new InvalidOperationException($"Partition {entry.Number} is not on the disk: {entry.Range}.");
            }
        }
    }
}
