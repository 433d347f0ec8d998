using System.Text;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>What in a Windows' own settings may go wrong when it starts on new hardware, beyond its boot store and its drivers.</summary>
internal sealed class FirstStartWarnings(Hive system, Hive software, SystemHiveFacts facts, MountedDevices mounted)
{
    private const int MaxRenames = 1 << 20;
    private const int MaxNamed = 3;

    private static readonly string[] s_renameValues = ["PendingFileRenameOperations", "PendingFileRenameOperations2"];

    /// <param name="partitions">Of the disk.</param>
    /// <param name="windows">That of Windows.</param>
    /// <param name="diskSignature">Of an MBR disk.</param>
    /// <param name="isServer">Servers keep shared disks offline by default.</param>
    public IEnumerable<LayoutWarning> Find(IReadOnlyList<PartitionInfo> partitions, PartitionInfo windows, uint? diskSignature, bool isServer)
    {
        string[] here = [.. partitions.SelectMany(partition => mounted.LettersOf(partition, diskSignature))];
        string[] elsewhere = [.. mounted.Letters.Except(here, StringComparer.OrdinalIgnoreCase)];
        string own = SoftwareHiveFacts.OwnLetter(software);
        if (mounted.Letters.Contains(own, StringComparer.OrdinalIgnoreCase)
            && !mounted.LettersOf(windows, diskSignature).Contains(own, StringComparer.OrdinalIgnoreCase))
        {
            yield return new LayoutWarning(
                "DriveLetterMoved",
                $"Windows was installed as {own}, but its list of drive letters (MountedDevices) gives {own} to another partition than "
                + $"{windows.Number}: the disk's id or the partition has changed. Windows may start with another letter, and nobody can log on. "
                + "Set-WindowsBootPolicy -RestoreDriveLetter gives it its own again.");
        }

        if (SanPolicyWarning(elsewhere, isServer) is { } san)
        {
            yield return san;
        }

        foreach (string page in PageFiles().Where(page => elsewhere.Contains(page[..2], StringComparer.OrdinalIgnoreCase)))
        {
            yield return new LayoutWarning(
                "PageFileElsewhere",
                $"A page file is on another disk: {PlainText.Escape(page)}. Without that disk Windows starts with a temporary one and writes no crash dump. "
                + "Set-WindowsBootPolicy -SystemManagedPageFile gives it one of its own.");
        }

        foreach (string dump in DumpFiles().Where(dump => elsewhere.Contains(dump[..2], StringComparer.OrdinalIgnoreCase)))
        {
            yield return new LayoutWarning("CrashDumpElsewhere", $"Crash dumps go to another disk: {PlainText.Escape(dump)}. Without that disk Windows writes none. "
                + "Set-WindowsBootPolicy -DefaultDumpFile puts them where Windows does by itself.");
        }

        if (RenamesWarning() is { } renames)
        {
            yield return renames;
        }

        if (software.Find(@"Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired") is not null)
        {
            yield return new LayoutWarning(
                "UpdateRestartPending", "Windows Update waits for a restart. If it can still be started where it comes from, restart it there first.");
        }

        if (facts.LastKnownGood is { } good)
        {
            yield return new LayoutWarning(
                "LastKnownGoodDiffers",
                $"'Last known good configuration' is {good}: Add-BootStartStorage and Set-CriticalDeviceDatabase put the storage drivers into it too, "
                + "so that it starts on KVM; settings, network and first-boot actions do not follow.");
        }

        if (Value(@"Services\mountmgr", "NoAutoMount") == 1)
        {
            yield return new LayoutWarning("NoAutoMount", "New volumes get no drive letters (NoAutoMount): give them letters in the guest.");
        }

        foreach (LayoutWarning isolation in IsolationWarnings())
        {
            yield return isolation;
        }

        if (HidInterrupt.HasClaim(system))
        {
            yield return new LayoutWarning("HidInterruptClaim", "hidinterrupt.inf claims ACPI0010: a processor that is added while Windows runs fails. "
                + "Set-WindowsBootPolicy -RemoveHidInterruptClaim takes the claim away.");
        }
    }

    private LayoutWarning? SanPolicyWarning(string[] elsewhere, bool isServer)
    {
        SanPolicy policy = (SanPolicy)(Value(@"Services\partmgr\Parameters", "SanPolicy") ?? (isServer ? 2u : 1u));
        return elsewhere.Length == 0 || policy == SanPolicy.OnlineAll
            ? null
            : new LayoutWarning(
                "DataDisksOffline",
                $"The drive letters {string.Join(", ", elsewhere)} are on other disks, and the policy for new disks is {policy}: on a new controller "
                + "Windows may keep them offline. Set-WindowsBootPolicy -SanPolicy OnlineAll brings them online.");
    }

    /// <summary>Pairs of names, the second empty where the first is deleted, so that they are no list as others; four bytes are an empty one.</summary>
    private LayoutWarning? RenamesWarning()
    {
        string[] names = [.. s_renameValues
            .Select(name => facts.Find(@"Control\Session Manager")?.GetValue(name))
            .Where(value => value is { DataSize: > 4 and <= MaxRenames })
            .SelectMany(value => Encoding.Unicode.GetString(value!.Data()).Split('\0', StringSplitOptions.RemoveEmptyEntries))];
        if (names.Length == 0)
        {
            return null;
        }

        string[] drivers = [.. names.Where(name => name.Contains(@"\System32\drivers\", StringComparison.OrdinalIgnoreCase))
            .Select(name => PlainText.Escape(name[(name.LastIndexOf('\\') + 1)..])).Distinct(StringComparer.OrdinalIgnoreCase).Take(MaxNamed)];
        return new LayoutWarning(
            "RenamesPending",
            "Files wait to be renamed or deleted at the next start (PendingFileRenameOperations), as after an installation: Windows does "
            + "that on KVM, before its services start. If it can still be started where it comes from, restart it there first."
            + (drivers.Length == 0 ? "" : $" Drivers are among them ({string.Join(", ", drivers)}): what an edit writes to these does not stay."));
    }

    private IEnumerable<string> PageFiles() =>
        (facts.Find(@"Control\Session Manager\Memory Management")?.GetValue("PagingFiles")?.AsMultiString() ?? [])
            .Where(page => page.Length > 2 && page[1] == ':');

    private IEnumerable<string> DumpFiles() => CrashDumpFiles.Copies.Select(copy => copy.Name).Append(CrashDumpFiles.Dedicated)
        .Select(name => facts.Find(CrashDumpFiles.Key)?.GetValue(name)?.AsString() ?? "")
        .Where(dump => dump.Length > 2 && dump[1] == ':');

    private IEnumerable<LayoutWarning> IsolationWarnings()
    {
        bool isOn = VirtualizationSecurity.IsOn(facts.Current, software);
        bool guards = VirtualizationSecurity.HasCredentialGuard(facts.Current, software);
        if (!isOn && !guards)
        {
            yield break;
        }

        string what = !isOn ? "Credential Guard" : guards ? "Virtualization-based security with Credential Guard" : "Virtualization-based security";
        yield return new LayoutWarning(
            "VirtualizationSecurityOn",
            $"{what} is on: Windows starts a hypervisor of its own, which needs nested virtualization on the KVM host. Where the host's "
            + "processor cannot do that, or processors are to be added while Windows runs, turn it off: "
            + (isOn ? "Set-WindowsBootPolicy -DisableVirtualizationBasedSecurity." : "Set-WindowsBootPolicy -DisableCredentialGuard.")
            + (VirtualizationSecurity.IsLocked(facts.Current, software)
                ? " It is locked in the firmware of the old machine; that lock does not come along unless the NVRAM does, and its first start on KVM makes a new one where it is still on."
                : ""));
        if (VirtualizationSecurity.IsSet(facts.Find(VirtualizationSecurity.Key), VirtualizationSecurity.MandatoryValue))
        {
            yield return new LayoutWarning(
                "VirtualizationSecurityMandatory",
                "Virtualization-based security is mandatory: where its hypervisor cannot start, Windows does not start at all. "
                + "Set-WindowsBootPolicy -DisableVirtualizationBasedSecurity takes that away.");
        }
    }

    private ulong? Value(string key, string name) => facts.Find(key)?.GetValue(name)?.AsInteger();
}
