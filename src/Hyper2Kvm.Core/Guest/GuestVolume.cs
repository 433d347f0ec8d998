using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.FileSystems.Fat;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Partitions;

namespace Hyper2Kvm.Guest;

/// <summary>A partition and what lies on it.</summary>
internal sealed class GuestVolume
{
    private readonly Lazy<IGuestFileSystem?> _fileSystem;

    public GuestVolume(PartitionEntry partition, IBlockDevice device)
    {
        Partition = partition;
        Device = device;
        Kind = VolumeKind.Detect(device);
        _fileSystem = new Lazy<IGuestFileSystem?>(Open);
    }

    public PartitionEntry Partition { get; }

    /// <summary>The partition's bytes.</summary>
    public IBlockDevice Device { get; }

    /// <summary>See <see cref="VolumeKind"/>.</summary>
    public string Kind { get; }

    /// <summary>The file system, opened on first use; null where there is none that can be read, and <see cref="Fault"/> says why.</summary>
    public IGuestFileSystem? FileSystem => _fileSystem.Value;

    /// <summary>Why a known file system could not be opened. A damaged data volume must not hide the Windows beside it,
    /// so this is an error only where nothing else is found.</summary>
    public Hyper2KvmException? Fault { get; private set; }

    private IGuestFileSystem? Open()
    {
        try
        {
            return Kind switch
            {
                VolumeKind.Ntfs => NtfsVolume.Open(Device),
                VolumeKind.Fat => FatVolume.Open(Device),
                _ => null,
            };
        }
        catch (DiskFormatException damage)
        {
            Fault = damage;
        }
        catch (UnsupportedFeatureException feature)
        {
            Fault = feature;
        }

        return null;
    }
}
