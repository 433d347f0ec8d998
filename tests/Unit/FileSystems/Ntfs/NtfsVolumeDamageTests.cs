using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Fuzz;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.FileSystems.Ntfs;

public class NtfsVolumeDamageTests
{
    [DataFact(NtfsSamples.Streams)]
    public void Flipped_bytes_of_the_metadata_give_typed_errors_and_never_hang()
    {
        byte[] good = NtfsSamples.Read(NtfsSamples.Streams);
        List<int> places = MetadataBytes(good);
        Random random = new(20);
        int errors = 0;
        for (int round = 0; round < 50; round++)
        {
            byte[] bytes = [.. good];
            for (int i = 0; i < 6; i++)
            {
                bytes[places[random.Next(places.Count)]] ^= (byte)(1 << random.Next(8));
            }

            errors += Fails(bytes) ? 1 : 0;
        }

        Assert.InRange(errors, 8, 50);
    }

    [DataFact(NtfsSamples.Streams)]
    public void Every_cut_of_the_volume_gives_a_typed_error()
    {
        byte[] good = NtfsSamples.Read(NtfsSamples.Streams);
        for (int length = 0; length < good.Length - 1024; length += 200_021)
        {
            Assert.True(Fails(good[..length]), $"cut to {length}");
        }
    }

    [DataFact("ntfs/boot/4k.boot")]
    public void Every_flipped_byte_of_the_boot_sector_gives_a_value_or_a_typed_error()
    {
        byte[] good = SharedData.Read("ntfs/boot/4k.boot");
        for (int at = 0; at < 0x60; at++)
        {
            foreach (byte value in (ReadOnlySpan<byte>)[0x00, 0x01, 0x7F, 0x80, 0xF4, 0xFF])
            {
                byte[] bytes = [.. good];
                bytes[at] = value;
                try
                {
                    NtfsBootSector.Read(bytes);
                }
                catch (DiskFormatException e)
                {
                    Assert.Equal("NtfsBootSectorDamaged", e.ErrorId);
                }
            }
        }
    }

    /// <summary>Reads everything; false when that went well.</summary>
    private static bool Fails(byte[] bytes)
    {
        try
        {
            NtfsMount.Snapshot(NtfsVolume.Open(new MemoryBlockDevice(bytes, 512)));
            return false;
        }
        catch (Hyper2KvmException e)
        {
            Assert.NotEmpty(e.ErrorId);
            return true;
        }
    }

    /// <summary>Places in file records and index blocks, but not the words that only their update sequences guard.</summary>
    private static List<int> MetadataBytes(byte[] volume)
    {
        List<int> places = [.. Enumerable.Range(0, 0x60)];
        for (int at = 0; at + 512 <= volume.Length; at += 512)
        {
            ReadOnlySpan<byte> signature = volume.AsSpan(at, 4);
            if (signature.SequenceEqual("FILE"u8) || signature.SequenceEqual("INDX"u8))
            {
                places.AddRange(Enumerable.Range(at, 508));
            }
        }

        return places;
    }

    /// <summary>Found by the fuzzer: the message of the error read beyond the attribute that it was about.</summary>
    [Fact]
    public void Attribute_that_is_too_short_for_its_kind_is_a_finding()
    {
        FuzzTarget target = FuzzTargets.All.Single(target => target.Name == "ntfs");
        byte[] volume = SeedFiles.Load(target, data: null)[0][0].Bytes;
        int cluster = Le.U16(volume, 0x0B) * volume[0x0D];
        int record = ((int)Le.U64(volume, 0x30) * cluster) + (6 * 1024);
        int attribute = record + Le.U16(volume, record + 0x14);
        while (Le.U32(volume, attribute) != 0x80)
        {
            attribute += Le.I32(volume, attribute + 4);
        }

        Le.U32(volume, attribute + 4, 0x20u);
        Assert.NotEmpty(NtfsChecker.Check(new MemoryBlockDevice(volume, 512), CancellationToken.None));
    }
}
