using System.Globalization;
using System.Text.RegularExpressions;

namespace Hyper2Kvm.Booting;

/// <summary>The errors of firmware, boot manager and loader by their texts, and stop codes by their numbers.</summary>
internal static partial class BootSymptoms
{
    private const string BootEntry = "The boot store's device or path does not lead to the loader.";
    private const string RepairStore = "Test-Bcd says what is wrong; Repair-Bcd mends what can be known.";
    private const string AddDriver = "New-VirtioDriverPlan, Add-BootStartStorage and Set-CriticalDeviceDatabase, then boot the Bootstrap domain once.";
    private const string Signature = "A boot driver or the loader is not signed as this Windows demands.";
    private const string OtherDriver = "Take drivers of virtio-win that Microsoft has signed: Get-VirtioDriver shows signatures.";
    private const string HiveDamaged = "The SYSTEM hive cannot be read.";
    private const string CheckDisk = "Test-WindowsDisk checks the hive; Undo-GuestEdit takes the edit back.";
    private const string CheckHives = "Test-WindowsDisk checks the hives, Test-Bcd the boot store; Undo-GuestEdit takes the edit back.";

    private static readonly BootSymptom[] s_texts =
    [
        // A stop error first: its parameters look like the boot manager's codes.
        new(@"\b(0x)?0*7b\b.{0,200}INACCESSIBLE_BOOT_DEVICE|INACCESSIBLE_BOOT_DEVICE|\*\*\* STOP: 0x0*7B\b", KvmBootOutcome.StopError, "0x0000007B", "", ""),
        new(@"\*\*\* STOP: 0x(?<stop>[0-9A-F]{8})|!SAC>.{0,40}bugcheck.{0,20}0x(?<stop>[0-9A-F]+)", KvmBootOutcome.StopError, null, "", ""),
        new("(?<code>0xc0000428)", KvmBootOutcome.BootError, null, Signature, OtherDriver),
        new("(?<code>0xc000014c|0xc0000218)", KvmBootOutcome.BootError, null, "A hive cannot be read: SYSTEM, or the boot store.", CheckHives),
        new("(?<code>0xc000000e|0xc0000225)", KvmBootOutcome.BootError, null, BootEntry, RepairStore),
        new("(?<code>0xc000000f|0xc0000034)", KvmBootOutcome.BootError, null, "The boot store, or a file that it names, is not there.", RepairStore),
        new("(?<code>0xc0000098)", KvmBootOutcome.BootError, null, "The boot store has no entry that can be started.", RepairStore),
        new("(?<code>0xc0210000)", KvmBootOutcome.BootError, null, "The volume is encrypted with BitLocker.", "Suspend BitLocker in the source, or have its recovery key at hand."),
        new("(?<code>0xc0000221|0xc000007b)", KvmBootOutcome.BootError, null, "A file is cut short or made for another processor.", "A driver: take it anew, New-VirtioDriverPlan, Add-BootStartStorage -Force. Any other: copy it anew from the source."),
        new(@"Windows Boot Manager.{0,1500}?\b(?<code>0xc0[0-9a-f]{6})\b", KvmBootOutcome.BootError, null, "The boot manager or the loader gave up.", RepairStore),
        new("BOOTMGR is missing|NTLDR is missing|BOOTMGR is compressed", KvmBootOutcome.BootError, null, "The active partition has no boot manager, or another partition is active.", RepairStore),
        new("Choose an option.{0,400}Troubleshoot|Windows Error Recovery|Startup Repair|Automatic Repair", KvmBootOutcome.Recovery, null,
            "Windows wants to repair itself after earlier boots that failed.", "Look at what failed first; Test-Bcd shows bootstatuspolicy and recoverysequence."),
        new("No bootable device|Boot failed: could not read the boot disk|BdsDxe: No bootable option|UEFI Interactive Shell|Invalid partition table|Missing operating system|Error loading operating system", KvmBootOutcome.NoBootDevice, null,
            "The firmware finds nothing to start: BIOS and UEFI mixed up, no active partition, or no fallback loader on the EFI system partition.", RepairStore),
    ];

    private static readonly Dictionary<uint, (string Name, string Cause, string Remedy)> s_stops = new()
    {
        [0x7B] = ("INACCESSIBLE_BOOT_DEVICE", "No driver for the disk's controller starts at boot, or a filter driver of the old hypervisor is missing.", AddDriver),
        [0x74] = ("BAD_SYSTEM_CONFIG_INFO", HiveDamaged, CheckDisk),
        [0xC0000218] = ("STATUS_CANNOT_LOAD_REGISTRY_FILE", HiveDamaged, CheckDisk),
        [0x7E] = ("SYSTEM_THREAD_EXCEPTION_NOT_HANDLED", "A driver failed; often one that the old hypervisor's tools left.", "Remove-GuestTool"),
        [0x50] = ("PAGE_FAULT_IN_NONPAGED_AREA", "A driver failed; often one that the old hypervisor's tools left.", "Remove-GuestTool"),
        [0xD1] = ("DRIVER_IRQL_NOT_LESS_OR_EQUAL", "A driver failed; often one that the old hypervisor's tools left.", "Remove-GuestTool"),
        [0x5C] = ("HAL_INITIALIZATION_FAILED", "The HAL of this Windows does not fit the machine.", "Give the domain the machine type pc, with or without ACPI as the source had it."),
        [0x79] = ("MISMATCHED_HAL", "The HAL of this Windows does not fit the machine.", "Give the domain the machine type pc, with or without ACPI as the source had it."),
        [0x24] = ("NTFS_FILE_SYSTEM", "The volume of Windows is damaged.", "Test-WindowsDisk"),
        [0xED] = ("UNMOUNTABLE_BOOT_VOLUME", "The volume of Windows is damaged.", "Test-WindowsDisk"),
        [0x124] = ("WHEA_UNCORRECTABLE_ERROR", "The processor model or the Hyper-V enlightenments do not fit.", "Try the CPU mode host-passthrough."),
        [0x5D] = ("UNSUPPORTED_PROCESSOR", "The processor model lacks what this Windows demands.", "Try the CPU mode host-passthrough."),
        [0xC4] = ("DRIVER_VERIFIER_DETECTED_VIOLATION", "Driver Verifier is on and found a fault in a driver.", "Turn it off in the source: verifier /reset"),
        [0xEF] = ("CRITICAL_PROCESS_DIED", "A process that Windows cannot run without ended.", "Test-WindowsDisk; boot the Bootstrap domain."),
    };

    /// <summary>The first symptom in a text; null when it has none.</summary>
    public static BootDiagnosis? Find(string text)
    {
        foreach (BootSymptom symptom in s_texts)
        {
            Match match = Regex.Match(text, symptom.Text, RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
            if (!match.Success)
            {
                continue;
            }

            if (match.Groups["code"] is { Success: true } status)
            {
                string cause = FileNamedBefore(text, status.Index) is { } file ? $"{symptom.Cause} The screen names '{file}'." : symptom.Cause;
                return new BootDiagnosis(symptom.Outcome, $"0x{status.Value[2..].ToUpperInvariant()}", null, cause, symptom.Remedy);
            }

            if (symptom.Outcome != KvmBootOutcome.StopError)
            {
                return new BootDiagnosis(symptom.Outcome, null, null, symptom.Cause, symptom.Remedy);
            }

            string digits = match.Groups["stop"] is { Success: true } stop ? stop.Value : symptom.Code?[2..] ?? "0";
            return Stop(uint.TryParse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out uint code) ? code : 0);
        }

        return null;
    }

    /// <summary>A stop code, as Windows reports it to the hypervisor or shows it.</summary>
    public static BootDiagnosis Stop(uint code)
    {
        (string? name, string cause, string remedy) = s_stops.TryGetValue(code, out (string Name, string Cause, string Remedy) known)
            ? known
            : (null, "Windows stopped; look the code up in Microsoft's bug check reference.", "Boot the Bootstrap domain, or take the edit back: Undo-GuestEdit.");
        return new BootDiagnosis(KvmBootOutcome.StopError, string.Create(CultureInfo.InvariantCulture, $"0x{code:X8}"), name, cause, remedy);
    }

    /// <summary>The boot manager names a file, and below it the status; in which language is all the same.</summary>
    private static string? FileNamedBefore(string text, int end)
    {
        int start = Math.Max(0, end - 400);
        return NamedFile().Match(text, start, end - start) is { Success: true } named ? named.Groups["file"].Value : null;
    }

    [GeneratedRegex(@"[^\r\n\\]:[ ]*(?<file>\\[^ \r\n:][^\r\n:]{0,200}?)[ ]*[\r\n][^\\]*$", RegexOptions.CultureInvariant)]
    private static partial Regex NamedFile();
}
