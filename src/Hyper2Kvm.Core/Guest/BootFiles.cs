namespace Hyper2Kvm.Guest;

/// <summary>Where the programs lie that firmware starts.</summary>
internal static class BootFiles
{
    public const string EfiBootManager = @"\EFI\Microsoft\Boot\bootmgfw.efi";

    public const string BiosBootManager = @"\bootmgr";

    public const string BiosStore = @"\Boot\BCD";

    /// <summary>The primary partition of an MBR disk that holds the boot manager with its store, ntldr with boot.ini before Vista; null when
    /// there is none, or more than one, or one that cannot be read might be it.</summary>
    public static PartitionInfo? BiosSystemPartition(WindowsLayout layout, BcdDisk disk)
    {
        string manager = layout.Windows.Major < 6 ? @"\ntldr" : BiosBootManager;
        string store = layout.Windows.Major < 6 ? @"\boot.ini" : BiosStore;
        List<PartitionInfo> holders = [];
        foreach (PartitionInfo partition in layout.Partitions.Where(partition => partition.Number <= 4))
        {
            bool? holds = disk.Exists(partition, manager);
            if (holds is null && (partition.FileSystem.Length > 0 || partition.IsActive))
            {
                return null;
            }

            if (holds == true && disk.Exists(partition, store) == true)
            {
                holders.Add(partition);
            }
        }

        return holders is [var only] ? only : null;
    }

    /// <summary>What UEFI firmware starts from a disk that no boot entry of its NVRAM names.</summary>
    public static string EfiFallback(GuestArchitecture architecture) => architecture switch
    {
        GuestArchitecture.X86 => @"\EFI\Boot\bootia32.efi",
        GuestArchitecture.Arm64 => @"\EFI\Boot\bootaa64.efi",
        _ => @"\EFI\Boot\bootx64.efi",
    };
}
