using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Registry;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Registry;

/// <summary>Bad bytes give typed errors: they never crash, never hang, and never make the checker throw.</summary>
public sealed class HiveDamageTests
{
    private const string New1 = "hive-dirty/yarp-NewDirtyHive1/NewDirtyHive";
    private const string Old = "hive-dirty/yarp-OldDirtyHive/OldDirtyHive";

    [Fact]
    public void Truncations()
    {
        byte[] sound = Sample();
        for (int length = 0; length < sound.Length; length += length < 600 ? 1 : 509)
        {
            Assert.IsType<DiskFormatException>(Use(sound[..length]));
        }
    }

    [Fact]
    public void Flips_of_every_byte_at_the_start_and_of_random_ones()
    {
        byte[] sound = Sample();
        Random random = new(11);
        for (int i = 0; i < 1200; i++)
        {
            byte[] damaged = [.. sound];
            int place = i < 300 ? 4096 + i : random.Next(4096, damaged.Length);
            damaged[place] = (byte)(random.Next(3) switch { 0 => 0xFF, 1 => 0, _ => damaged[place] ^ (1 << random.Next(8)) });
            Use(damaged);
        }
    }

    [Fact]
    public void Base_blocks_with_a_right_checksum_and_wrong_fields()
    {
        byte[] sound = Sample();
        foreach (uint value in (uint[])[0, 1, 0x1001, 0x7FFFF000, 0x80000000, 0xFFFFF000, 0xFFFFFFFF])
        {
            for (int field = 0; field < 0x30; field += 4)
            {
                byte[] damaged = [.. sound];
                BitConverter.TryWriteBytes(damaged.AsSpan(field), value);
                HiveBaseBlock block = new(damaged);
                block.Checksum = block.ComputeChecksum();
                Use(damaged);
            }
        }
    }

    [DataFact(New1 + ".gz", Old + ".gz")]
    public void Damaged_logs()
    {
        Random random = new(5);
        foreach (string hive in (string[])[New1, Old])
        {
            byte[] primary = SharedData.Read(hive + ".gz");
            byte[] sound = SharedData.Read(hive + ".LOG1");
            for (int i = 0; i < 120; i++)
            {
                byte[] log = i % 4 == 0 ? sound[..random.Next(sound.Length)] : [.. sound];
                if (log.Length > 0)
                {
                    log[random.Next(Math.Min(log.Length, 3000))] ^= (byte)(1 << random.Next(8));
                }

                Guarded(() => HiveTree.Of(HiveTree.Open(primary, log, [])));
            }
        }
    }

    /// <summary>A small hive with all that there is: two kinds of names, big data, a list of subkeys.</summary>
    private static byte[] Sample()
    {
        byte[] original = TestHive.Bytes();
        Hive hive = HiveTree.Open(original);
        for (int i = 0; i < 120; i++)
        {
            hive.Root.Create($@"Many\{i}", TestHive.Now);
        }

        hive.Root.Create(@"Ключ\a\b\c", TestHive.Now).SetValue("text", HiveValueType.String, TestHive.Text("hello\0"), TestHive.Now);
        hive.Root.SetValue("big", HiveValueType.Binary, new byte[20_000], TestHive.Now);
        hive.Root.SetValue("", HiveValueType.Dword, [1, 2, 3, 4], TestHive.Now);
        return HiveTree.Saved(hive, original);
    }

    /// <summary>Reads all, edits, saves and checks.</summary>
    private static Hyper2KvmException? Use(byte[] hive)
    {
        Assert.NotNull(HiveChecker.Check(new MemoryBlockDevice(hive)));
        return Guarded(() =>
        {
            Hive opened = HiveTree.Open(hive);
            HiveTree.Of(opened);
            opened.Root.Create("New", TestHive.Now).SetValue("x", HiveValueType.Binary, new byte[50], TestHive.Now);
            opened.Root.DeleteValue("big");
            opened.Root.DeleteSubkey("Many");
            HiveTree.Saved(opened, hive);
        });
    }

    private static Hyper2KvmException? Guarded(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Hyper2KvmException error)
        {
            return error;
        }
    }
}
