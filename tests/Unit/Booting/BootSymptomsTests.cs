using Hyper2Kvm.Booting;

namespace Hyper2Kvm.Unit.Booting;

public sealed class BootSymptomsTests
{
    [Theory]
    [InlineData("Windows Boot Manager\n\n File: \\Boot\\BCD\n Status: 0xc000000f\n Info: An error occurred", KvmBootOutcome.BootError, "0xC000000F")]
    [InlineData("Status: 0xc000000e", KvmBootOutcome.BootError, "0xC000000E")]
    [InlineData("Error code: 0xc0000225", KvmBootOutcome.BootError, "0xC0000225")]
    [InlineData("Status: 0xC0000428\nInfo: Windows cannot verify the digital signature", KvmBootOutcome.BootError, "0xC0000428")]
    [InlineData("Status: 0xc000014c", KvmBootOutcome.BootError, "0xC000014C")]
    [InlineData("Windows Boot Manager\n Status: 0xc00000bb", KvmBootOutcome.BootError, "0xC00000BB")]
    [InlineData("Status: 0xc000007b", KvmBootOutcome.BootError, "0xC000007B")]
    [InlineData("BOOTMGR is missing\nPress Ctrl+Alt+Del to restart", KvmBootOutcome.BootError, null)]
    [InlineData("NTLDR is missing", KvmBootOutcome.BootError, null)]
    [InlineData("No bootable device.", KvmBootOutcome.NoBootDevice, null)]
    [InlineData("BdsDxe: No bootable option or device was found.", KvmBootOutcome.NoBootDevice, null)]
    [InlineData("*** STOP: 0x0000007B (0xF78D2524,0xC0000034,0x00000000,0x00000000)", KvmBootOutcome.StopError, "0x0000007B")]
    [InlineData("*** STOP: 0x000000D1 (0x00000000,0x00000002)", KvmBootOutcome.StopError, "0x000000D1")]
    [InlineData("Stop code: INACCESSIBLE_BOOT_DEVICE", KvmBootOutcome.StopError, "0x0000007B")]
    [InlineData("*** STOP: 0xC0000218 {Registry File Failure}", KvmBootOutcome.StopError, "0xC0000218")]
    [InlineData("Windows Error Recovery\n Launch Startup Repair (recommended)", KvmBootOutcome.Recovery, null)]
    public void An_error_is_known_by_its_text(string text, KvmBootOutcome outcome, string? code)
    {
        BootDiagnosis diagnosis = BootSymptoms.Find(text)!;
        Assert.Equal(outcome, diagnosis.Outcome);
        Assert.Equal(code, diagnosis.Code);
        Assert.NotEmpty(diagnosis.Cause!);
        Assert.NotEmpty(diagnosis.Remedy!);
    }

    [Theory]
    [InlineData("    File: \\Windows\\system32\\winload.efi\n\n    Status: 0xc000000e\n", @"\Windows\system32\winload.efi")]
    [InlineData("    Datei: \\EFI\\Microsoft\\Boot\\BCD   \r\n\r\n    Status: 0xc000014c\r\n", @"\EFI\Microsoft\Boot\BCD")]
    public void The_file_that_the_boot_manager_names_is_told(string text, string file) =>
        Assert.EndsWith($" The screen names '{file}'.", BootSymptoms.Find(text)!.Cause, StringComparison.Ordinal);

    [Fact]
    public void A_status_without_a_file_is_told_without_one() =>
        Assert.DoesNotContain("names '", BootSymptoms.Find("C:\\ is no file\n Status: 0xc000000e")!.Cause, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("Booting from Hard Disk...")]
    [InlineData("[    0.000000] Linux version 6.12.0 mem 0x0000007b000-0x0000007bfff")]
    [InlineData("The device, \\Device\\Harddisk0, is ready")]
    public void Ordinary_text_is_no_error(string text) => Assert.Null(BootSymptoms.Find(text));

    [Fact]
    public void A_stop_code_has_a_name_a_cause_and_the_cmdlets_that_mend_it()
    {
        BootDiagnosis known = BootSymptoms.Stop(0x7B);
        Assert.Equal("INACCESSIBLE_BOOT_DEVICE", known.CodeName);
        Assert.Contains("Add-BootStartStorage", known.Remedy, StringComparison.Ordinal);
        BootDiagnosis unknown = BootSymptoms.Stop(0xDEADBEEF);
        Assert.Equal("0xDEADBEEF", unknown.Code);
        Assert.Null(unknown.CodeName);
    }
}
