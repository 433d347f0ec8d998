using Hyper2Kvm.Booting;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>Every way in which a boot store, or what belongs to it, is written, judged by the program that has to read it.</summary>
public sealed class WindowsBootManagerTests
{
    private const string RecoverySequence = @"\Elements\14000008]";

    [WindowsBootFact]
    public void An_edited_guest_is_started_by_both_domains()
    {
        using TempFolder folder = new();
        string disk = WindowsBootManager.Install(folder, Fixtures.SampleDisk);
        GuestEdit edit = Plans.Edit(WithFallback(disk));
        TakesTheStore(WindowsBootManager.Boot(folder, edit.ImagePath, DomainPhase.Bootstrap));
        TakesTheStore(WindowsBootManager.Boot(folder, edit.ImagePath, DomainPhase.Final));
    }

    [WindowsBootFact]
    public void A_store_of_another_disk_is_taken_when_it_is_repaired()
    {
        using TempFolder folder = new();
        string disk = WithFallback(WindowsBootManager.Install(folder, Fixtures.Variant("foreign-boot-store")));
        KvmBootResult broken = WindowsBootManager.Boot(folder, disk);
        Assert.Equal((KvmBootOutcome.BootError, WindowsBootManager.NoSuchDevice), (broken.Outcome, broken.Code));
        TakesTheStore(WindowsBootManager.Boot(folder, Repair(disk)));
    }

    [WindowsBootFact]
    public void A_disk_without_a_fallback_loader_starts_when_it_is_repaired()
    {
        using TempFolder folder = new();
        string disk = WindowsBootManager.Install(folder, Fixtures.Variant("no-fallback-loader"));
        Assert.Equal(KvmBootOutcome.NoBootDevice, WindowsBootManager.Boot(folder, disk).Outcome);
        TakesTheStore(WindowsBootManager.Boot(folder, Repair(disk)));
    }

    [WindowsBootFact("bcd/uefi-win10-fisummer.BCD")]
    public void The_store_of_a_real_Windows_10_is_led_to_this_disk() => IsLedHere("bcd/uefi-win10-fisummer.BCD");

    [WindowsBootFact("bcd/uefi-win10-regipy.BCD")]
    public void The_store_of_another_real_Windows_10_is_led_to_this_disk() => IsLedHere("bcd/uefi-win10-regipy.BCD");

    [WindowsBiosBootFact]
    public void A_BIOS_disk_that_got_another_signature_starts_when_it_is_repaired()
    {
        using TempFolder folder = new();
        string disk = WindowsBootManager.InstallForBios(folder, Fixtures.Windows7Disk);
        TakesTheStore(WindowsBootManager.Boot(folder, disk), "exe");
        using (FileStream stream = File.OpenWrite(disk))
        {
            stream.Position = 0x1B8;
            stream.Write([0x78, 0x56, 0x34, 0x12]);
        }

        Assert.Equal(WindowsBootManager.NoSuchDevice, WindowsBootManager.Boot(folder, disk).Code);
        string repaired = Repair(disk);
        TakesTheStore(WindowsBootManager.Boot(folder, repaired, DomainPhase.Bootstrap), "exe");
        TakesTheStore(WindowsBootManager.Boot(folder, repaired, DomainPhase.Final), "exe");
    }

    [WindowsBootFact]
    public void What_is_wrong_is_named()
    {
        using TempFolder folder = new();
        string disk = WithFallback(WindowsBootManager.Install(folder, Fixtures.Variant("no-boot-store")));
        KvmBootResult missing = WindowsBootManager.Boot(folder, disk);
        Assert.Equal((KvmBootOutcome.BootError, WindowsBootManager.NoSuchFile), (missing.Outcome, missing.Code));
        Assert.Contains(@"'\EFI\Microsoft\Boot\BCD'", missing.Cause, StringComparison.Ordinal);
    }

    private static void IsLedHere(string store)
    {
        using TempFolder folder = new();
        string disk = WithFallback(WindowsBootManager.Install(folder, Fixtures.SampleDisk));
        string file = folder.File("BCD");
        File.WriteAllBytes(file, SharedData.Read(store));
        ForgetRecovery(folder, file);
        WindowsBootManager.Copy(file, disk, "EFI/Microsoft/Boot/BCD");
        Assert.Equal(WindowsBootManager.NoSuchDevice, WindowsBootManager.Boot(folder, disk).Code);
        TakesTheStore(WindowsBootManager.Boot(folder, Repair(disk)));
    }

    private static void TakesTheStore(KvmBootResult result, string extension = "efi")
    {
        Assert.Equal((KvmBootOutcome.BootError, WindowsBootManager.NotAnImage), (result.Outcome, result.Code));
        Assert.EndsWith($@"The screen names '\Windows\system32\winload.{extension}'.", result.Cause, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A loader that cannot be started is followed by the recovery environment of the disk that the store comes from; its failure would hide
    /// what there is to see.</summary>
    private static void ForgetRecovery(TempFolder folder, string store)
    {
        string[] sequences = [.. ForeignTool.RunOk("hivexregedit", "--export", store, @"\").Split('\n').Where(line => line.EndsWith(RecoverySequence, StringComparison.Ordinal))];
        Assert.NotEmpty(sequences);
        string without = folder.File("without-recovery.reg");
        File.WriteAllText(without, "Windows Registry Editor Version 5.00\n\n" + string.Concat(sequences.Select(key => $"[-{key[1..]}\n\n")));
        ForeignTool.RunOk("hivexregedit", "--merge", store, without);
    }

    /// <summary>The firmware's memory is empty, so it starts what lies at the fallback path.</summary>
    private static string WithFallback(string rawDisk)
    {
        WindowsBootManager.Copy(WindowsBootManager.Find("bootmgfw.efi")!, rawDisk, "EFI/Boot/bootx64.efi");
        return rawDisk;
    }

    private static string Repair(string disk)
    {
        IReadOnlyList<EditAction> actions = BcdRepairer.Plan(disk, Plans.Probe(disk), SilentReporter.Instance);
        return Plans.Run(new GuestEditRequest { Layout = Plans.Probe(disk), ImagePath = disk, Actions = actions }).ImagePath;
    }
}
