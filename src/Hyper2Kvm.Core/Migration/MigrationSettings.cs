using System.Globalization;
using System.Text;
using System.Text.Json;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Domains;
using Hyper2Kvm.Drivers;
using Hyper2Kvm.Images.Conversion;

namespace Hyper2Kvm.Migration;

/// <summary>How machines are to be migrated.</summary>
public sealed record MigrationSettings
{
    private const int HashDigits = 16;

    /// <summary>Partition number of the Windows that is meant, on disks that hold several.</summary>
    public int? Partition { get; init; }

    /// <summary>Full path of the virtio-win ISO or of a folder with its content; a guest that is boot-ready needs none.</summary>
    public string? DriverSource { get; init; }

    public DriverRules? Rules { get; init; }

    /// <summary>Bus of the final domain; null: the one that the guest is ready for, else virtio-blk.</summary>
    public StorageBus? Bus { get; init; }

    public bool AllowUnsignedDrivers { get; init; }

    /// <summary>Devices besides storage whose packages are laid ready; each must be in the driver source.</summary>
    public IReadOnlyList<VirtioDevice> Devices { get; init; } = [];

    /// <summary>The storage drivers go into the recovery environment too.</summary>
    public bool RecoveryEnvironment { get; init; }

    public NetworkPolicy? NetworkPolicy { get; init; }

    public bool RemoveGhostAdapters { get; init; }

    public IReadOnlyList<GuestTool> RemovedTools { get; init; } = [];

    /// <summary>Full paths of scripts, packages and programs that are to run at the first boot.</summary>
    public IReadOnlyList<string> FirstBootFiles { get; init; } = [];

    public bool RepairBcd { get; init; }

    /// <summary>Of the domains; bus, image format and machine are filled in.</summary>
    public DomainSettings Domain { get; init; } = new();

    /// <summary>Null: the disks stay as they are where that is possible.</summary>
    public ConversionSettings? Conversion { get; init; }

    public bool SkipFreeSpace { get; init; }

    public bool Verify { get; init; }

    /// <summary>Null: no boot on trial.</summary>
    public MigrationBootTest? BootTest { get; init; }

    /// <summary>Full path of the folder for all results; null: that of the image.</summary>
    public string? OutputDirectory { get; init; }

    /// <summary>Go on where an earlier run stopped.</summary>
    public bool Resume { get; init; }

    /// <summary>Begin anew, and replace what lies in the way.</summary>
    public bool Force { get; init; }

    /// <summary>Rehearse: write nothing.</summary>
    public bool Preview { get; init; }

    /// <summary>Where drivers come from and how they are chosen; null where none were given.</summary>
    internal (string Source, DriverRules Rules)? Drivers => DriverSource is null || Rules is null ? null : (DriverSource, Rules);

    /// <summary>What a stage depends on, as a hash: a stage that was done with other settings is done again.</summary>
    internal string HashFor(KvmMigrationStep step)
    {
        IEnumerable<object?> parts = step switch
        {
            KvmMigrationStep.Fix =>
            [
                Partition, Stamp(DriverSource), JsonSerializer.Serialize(Rules), Bus, AllowUnsignedDrivers, NetworkPolicy, RemoveGhostAdapters,
                RecoveryEnvironment, .. Devices.Cast<object>(), .. RemovedTools.Cast<object>(), .. FirstBootFiles.Select(Stamp),
            ],
            KvmMigrationStep.Backup => [RepairBcd],
            KvmMigrationStep.Domains => DomainParts(),
            KvmMigrationStep.Copy or KvmMigrationStep.Convert => [Conversion, SkipFreeSpace, Verify],
            KvmMigrationStep.BootTest => [BootTest?.Until, BootTest?.SerialPattern, .. DomainParts()],
            _ => [],
        };
        string text = string.Join('\n', parts.Select(part => Convert.ToString(part, CultureInfo.InvariantCulture)));
        return Sha256Text.Of(Encoding.UTF8.GetBytes(text))[..HashDigits];
    }

    /// <summary>A file that is another now, under the same name, is another setting.</summary>
    private static string? Stamp(string? path) =>
        File.Exists(path) ? $"{path} {MigrationSourceFile.Of(path)}" : path;

    private IEnumerable<object?> DomainParts() =>
    [
        Bus, Conversion, DriverSource, Domain.Kind, .. Domain.Phases.Cast<object>(), Domain.Name, Domain.Uuid, .. Domain.MacAddresses ?? [],
        Domain.MemoryMiB, Domain.Sockets, Domain.Cores, Domain.DriverIso, Domain.KvmFolder, Domain.NetworkName, Domain.CpuMode, Domain.SecureBoot,
        Domain.Tpm, .. (Domain.NetworkMap ?? new Dictionary<string, string>()).OrderBy(pair => pair.Key, StringComparer.Ordinal).Cast<object>(),
    ];
}
