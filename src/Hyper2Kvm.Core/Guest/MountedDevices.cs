using System.Buffers.Binary;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>Which drive letters a Windows gives to which partitions: the key <c>MountedDevices</c> of its SYSTEM hive.</summary>
/// <remarks>
/// <code>
/// value \DosDevices\C:   12 bytes: disk signature (uint32), byte offset of the partition (uint64), on an MBR disk
///                        24 bytes: "DMIO:ID:", partition GUID, on a GPT disk
///                        else: a device path in UTF-16, for removable media
/// </code>
/// </remarks>
internal sealed class MountedDevices
{
    public const string Key = "MountedDevices";

    private const string Prefix = @"\DosDevices\";

    private readonly List<(string Letter, uint Signature, ulong Offset, Guid? Partition)> _letters = [];

    /// <summary>The letters of fixed disks, in the order of the key: <c>C:</c>.</summary>
    public IEnumerable<string> Letters => _letters.Select(item => item.Letter);

    public static MountedDevices Read(Hive system)
    {
        MountedDevices devices = new();
        foreach (HiveValue value in system.Find(Key)?.Values ?? [])
        {
            if (value.Name.Length == Prefix.Length + 2 && value.Name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && value.DataSize <= 24)
            {
                devices.Add(value.Name[Prefix.Length..].ToUpperInvariant(), value.Data());
            }
        }

        return devices;
    }

    /// <summary>The letter of a partition of a disk, or null.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="diskSignature">The disk's signature; null for a GPT disk.</param>
    public string? LetterOf(PartitionInfo partition, uint? diskSignature) => LettersOf(partition, diskSignature).FirstOrDefault();

    /// <inheritdoc cref="LetterOf"/>
    public IEnumerable<string> LettersOf(PartitionInfo partition, uint? diskSignature)
    {
        foreach ((string letter, uint signature, ulong offset, Guid? id) in _letters)
        {
            if (id is not null ? id == partition.UniqueId : signature == diskSignature && offset == (ulong)partition.Offset)
            {
                yield return letter;
            }
        }
    }

    /// <summary>The name of a letter's value.</summary>
    /// <param name="letter">With its colon.</param>
    public static string ValueName(string letter) => Prefix + letter;

    /// <summary>The content of a letter's value; null for a partition without an id.</summary>
    /// <inheritdoc cref="LetterOf"/>
    public static byte[]? ValueOf(PartitionInfo partition, uint? diskSignature)
    {
        if (diskSignature is { } signature)
        {
            byte[] data = new byte[12];
            BinaryPrimitives.WriteUInt32LittleEndian(data, signature);
            BinaryPrimitives.WriteUInt64LittleEndian(data.AsSpan(4), (ulong)partition.Offset);
            return data;
        }

        return partition.UniqueId is { } id ? [.. "DMIO:ID:"u8, .. id.ToByteArray()] : null;
    }

    private void Add(string letter, byte[] data)
    {
        if (data.Length == 12)
        {
            _letters.Add((letter, Le.U32(data, 0), Le.U64(data, 4), null));
        }
        else if (data.Length == 24 && data.AsSpan(0, 8).SequenceEqual("DMIO:ID:"u8))
        {
            _letters.Add((letter, 0, 0, new Guid(data.AsSpan(8))));
        }
    }
}
