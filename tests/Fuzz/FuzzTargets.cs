using Hyper2Kvm.Fuzz.Targets;

namespace Hyper2Kvm.Fuzz;

/// <summary>Every parser that reads bytes which are not ours.</summary>
internal static class FuzzTargets
{
    /// <summary>A new parser is one line here, a class in Targets and a folder of seeds.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new ImageTarget("qcow2", ("qcow2", "*.gz")),
        new ImageTarget("vmdk", ("vmdk", "*.gz")),
        new ImageTarget("vhd", ("vhd", "*.gz")),
        new ImageTarget("vhdx", ("vhdx", "*.gz")),
        new ImageTarget("vdi", ("other-disk", "*.vdi.gz")),
        new ImageTarget("ova"),
        new MachineTarget("ovf", ("vmconfig", "*.ovf*")),
        new MachineTarget("vmx", ("vmconfig", "*.vmx*")),
        new MachineTarget("libvirt", ("vmconfig", "*.xml*")),
        new PartitionTarget("mbr", ("partition", "mbr*")),
        new PartitionTarget("gpt", ("partition", "gpt*")),
        new VolumeTarget("ntfs", ("ntfs", "ntfs-testfs1*.gz")),
        new VolumeTarget("fat", ("fat", "*")),
        new VolumeTarget("iso", ("iso", "*")),
        new HiveTarget(),
        new BcdTarget(),
        new InfTarget(),
        new RulesTarget(),
    ];
}
