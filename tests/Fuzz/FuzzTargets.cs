using System.Text;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.FileSystems.Ntfs;
using Hyper2Kvm.Fuzz.Targets;
using Hyper2Kvm.Guest;

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
        new CatalogTarget(),
        new SignatureTarget(),
        new RulesTarget(),
        new BytesTarget("setupapi", bytes => _ = SetupLog.Read(new MemoryBlockDevice(bytes)), ("setupapi", "*.gz")),
        new BytesTarget("bootini", ReadBootIni),
        new BytesTarget("xpress", bytes => XpressHuffman.Decompress(bytes, new byte[32 << 10])),
        new RecordTarget(),
        new GuestTarget(),
    ];

    private static void ReadBootIni(byte[] bytes)
    {
        BootIni ini = BootIni.Parse(Encoding.Latin1.GetString(bytes));
        foreach ((string place, _) in ini.Systems)
        {
            _ = BootIni.TryReadPlace(place, out _, out _, out _, out _);
        }
    }
}
