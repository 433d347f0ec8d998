using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>hidinterrupt.inf of Windows Server 2016 and early Windows 10 claims ACPI0010, the container of processors: a processor that is
/// added while Windows runs gets a driver for buttons, and fails.</summary>
internal static class HidInterrupt
{
    public const string DeviceId = @"ACPI\ACPI0010";
    public const string IdKey = @"DriverDatabase\DeviceIds\" + DeviceId;
    public const string PackagesKey = @"DriverDatabase\DriverPackages";

    public static bool HasClaim(Hive system) => system.Find(IdKey)?.Values.Any(value => IsItsInf(value.Name)) == true;

    /// <summary><c>hidinterrupt.inf</c>, and the package <c>hidinterrupt.inf_amd64_0123456789abcdef</c>.</summary>
    public static bool IsItsInf(string name) => name.StartsWith("hidinterrupt.inf", StringComparison.OrdinalIgnoreCase);
}
