using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Fuzz.Targets;

/// <summary>A hive with its logs: opened, walked, checked, edited, saved and opened again.</summary>
internal sealed class HiveTarget() : FuzzTarget("regf")
{
    private const int MostKeys = 3000;

    private static readonly DateTime s_now = new(2024, 1, 17, 0, 0, 0, DateTimeKind.Utc);

    public override IReadOnlyList<(string Folder, string Pattern)> RealSeeds => [("hive-edge", "*"), ("hive-dirty/*", WholeFolder)];

    public override int LargestSeed => 768 << 10;

    public override void Repair(IReadOnlyList<FuzzPart> parts) => RepairParts(parts);

    /// <summary>Checksums of base blocks and of the entries of logs.</summary>
    public static void RepairParts(IReadOnlyList<FuzzPart> parts)
    {
        foreach (FuzzPart part in parts)
        {
            if (part.Bytes.Length >= HiveBaseBlock.ChecksummedSize)
            {
                HiveBaseBlock block = new(part.Bytes);
                block.Checksum = block.ComputeChecksum();
            }

            RepairEntries(part.Bytes);
        }
    }

    public override void Run(IReadOnlyList<FuzzPart> parts)
    {
        IReadOnlyList<IBlockDevice> logs = [.. parts.Skip(1).Select(part => new MemoryBlockDevice(part.Bytes))];
        MemoryBlockDevice file = new(parts[0].Bytes);
        Hive hive = Hive.Open(file, logs, "HIVE");
        Walk(hive);
        _ = HiveChecker.Check(file);
        MemoryBlockDevice target = new([.. parts[0].Bytes]);
        Edit(hive, target);
        Walk(Hive.Open(target, [], "HIVE"));
        _ = HiveChecker.Check(target);
    }

    internal static void Walk(Hive hive)
    {
        Stack<HiveKey> keys = new([hive.Root]);
        int left = MostKeys;
        while (keys.TryPop(out HiveKey? key))
        {
            try
            {
                _ = key.ClassName;
                _ = key.LastWrittenUtc;
                foreach (HiveValue value in key.Values)
                {
                    _ = value.Format();
                    _ = value.AsMultiString();
                }

                foreach (HiveKey subkey in key.Subkeys)
                {
                    if (left-- > 0)
                    {
                        keys.Push(subkey);
                    }
                }
            }
            catch (Hyper2KvmException)
            {
                continue; // as a reader of another key would never see it
            }
        }
    }

    private static void Edit(Hive hive, MemoryBlockDevice target)
    {
        HiveKey key = hive.Root.Create("Fuzz\\Deep\\Key", s_now);
        key.SetValue("Text", 1, new byte[20], s_now);
        key.SetValue("Long", 3, new byte[20_000], s_now);
        key.DeleteValue("Text", s_now);
        foreach (HiveKey first in hive.Root.Subkeys)
        {
            if (first.Name != "Fuzz")
            {
                first.SetValue("New", 4, new byte[4], s_now);
                hive.Root.DeleteSubkey(first.Name, s_now);
                break;
            }
        }

        hive.Save(target, s_now);
    }

    private static void RepairEntries(Span<byte> bytes)
    {
        for (int offset = HiveLogEntry.FirstEntry; offset + 0x28 <= bytes.Length; offset += 512)
        {
            uint size = Le.U32(bytes, offset + 4);
            if (bytes[offset..].StartsWith("HvLE"u8) && size >= 0x28 && size <= bytes.Length - offset)
            {
                Le.U64(bytes, offset + 0x18, Marvin32.Hash(bytes.Slice(offset + 0x28, (int)size - 0x28)));
                Le.U64(bytes, offset + 0x20, Marvin32.Hash(bytes.Slice(offset, 0x20)));
            }
        }
    }
}
