using System.Globalization;
using Hyper2Kvm.Booting;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Domains;

namespace Hyper2Kvm.Migration.Stages;

/// <summary>Boots the domains on trial, where that is asked for.</summary>
internal static class BootStage
{
    private const long MiB = 1024 * 1024;

    /// <summary>QEMU's own, besides that of the guest.</summary>
    private const long MachineMemory = 192 * MiB;

    public static void Run(MigrationWork work)
    {
        if (work.Settings.BootTest is not { } test)
        {
            return;
        }

        if (work.Settings.Preview)
        {
            work.Journal.Skip(KvmMigrationStep.BootTest, "A rehearsal leaves nothing that could be booted.");
            return;
        }

        if (work.Journal.DidNothing && work.Journal.IsDone(KvmMigrationStep.BootTest, []))
        {
            work.Journal.Repeat(KvmMigrationStep.BootTest);
            work.Boots.AddRange(work.Journal.Earlier!.Boots);
            return;
        }

        work.Journal.Enter(KvmMigrationStep.BootTest);
        using (work.Host.TakeMemory((work.DomainFiles!.MemoryMiB * MiB) + MachineMemory, work.Reporter.Name, work.Token))
        {
            work.Journal.Do(KvmMigrationStep.BootTest, () => Boot(work, test));
        }
    }

    private static string Boot(MigrationWork work, MigrationBootTest test)
    {
        // The disks are here, wherever they will lie on the KVM host.
        DomainFiles here = new(
            DomainStage.Layout(work), work.Plan, work.FinalImage, work.Files!.Folder, DomainStage.SettingsFor(work, null), SilentReporter.Instance);
        foreach (KvmDomain domain in work.Domains)
        {
            string xml = work.Settings.Domain.KvmFolder is null ? domain.Xml : here.Make(domain.Phase, writes: false).Xml;
            KvmBootResult boot = KvmBootTester.Run(Request(work, test, domain, xml), work.Reporter, work.Token);
            work.Boots.Add(boot);
            if (!boot.IsSuccess)
            {
                throw new GuestStateException(
                    "BootNotReached", domain.Name, $"The {domain.Phase} domain of '{domain.Name}' came to {boot.Reached} only: {boot.Outcome}. {boot.Cause}".TrimEnd(),
                    boot.Remedy ?? "Look at the screenshots.");
            }
        }

        return string.Join(", ", work.Boots.Select(boot => string.Create(
            CultureInfo.InvariantCulture, $"{boot.Phase} reached {boot.Reached} in {boot.Duration.TotalSeconds:0} s ({boot.Accelerator})")));
    }

    private static KvmBootRequest Request(MigrationWork work, MigrationBootTest test, KvmDomain domain, string xml) => new()
    {
        Xml = xml,
        Domain = domain,
        Until = test.Until,
        SerialPattern = test.SerialPattern,
        Timeout = test.Timeout,
        UseKvm = test.UseKvm,
        QemuPath = test.QemuPath,
        OutputDirectory = work.Files!.Folder,
    };
}
