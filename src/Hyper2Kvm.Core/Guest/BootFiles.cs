namespace Hyper2Kvm.Guest;

/// <summary>Where the programs lie that firmware starts.</summary>
internal static class BootFiles
{
    public const string EfiBootManager = @"\EFI\Microsoft\Boot\bootmgfw.efi";

    public const string BiosBootManager = @"\bootmgr";

    /// <summary>What UEFI firmware starts from a disk that no boot entry of its NVRAM names.</summary>
    public static string EfiFallback(GuestArchitecture architecture) => architecture switch
    {
        GuestArchitecture.X86 => @"\EFI\Boot\bootia32.efi",
        GuestArchitecture.Arm64 => @"\EFI\Boot\bootaa64.efi",
        _ => @"\EFI\Boot\bootx64.efi",
    };
}
