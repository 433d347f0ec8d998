using Hyper2Kvm.Domains;
using Hyper2Kvm.Images;

namespace Hyper2Kvm.Migration.Stages;

/// <summary>Writes the domains.</summary>
internal static class DomainStage
{
    public static void Run(MigrationWork work)
    {
        work.Journal.Enter(KvmMigrationStep.Domains);
        MigrationSettings settings = work.Settings;
        DomainFiles files = new(Layout(work), work.Plan, work.FinalImage, work.Files!.Folder, SettingsFor(work, settings.Domain.KvmFolder), work.Reporter);
        work.DomainFiles = files;
        IReadOnlyList<DomainPhase> phases = [.. settings.Domain.Phases.Distinct()];
        foreach (DomainPhase phase in phases)
        {
            // Domains have the guest's name, which clones share: their files must not replace each other.
            work.Host.Claim(files.PathOf(phase), $"{work.Source}");
        }

        IEnumerable<string> paths = phases.Select(files.PathOf).Concat(phases.Any(files.HasDummyDisk) ? [files.DummyDisk] : []);
        if (work.IsFixed && work.Journal.IsDone(KvmMigrationStep.Domains, paths))
        {
            work.Journal.Repeat(KvmMigrationStep.Domains);
            work.Domains.AddRange(phases.Select(files.Load));
            return;
        }

        work.Journal.Do(KvmMigrationStep.Domains, () => Write(work, files, phases));
    }

    /// <summary>What the domains are to be like.</summary>
    /// <param name="work">The run.</param>
    /// <param name="kvmFolder">Where the disks will lie; null: where they are.</param>
    public static DomainSettings SettingsFor(MigrationWork work, string? kvmFolder) => work.Settings.Domain with
    {
        Bus = work.Bus,
        ImageFormat = work.FinalImage == work.Files!.Overlay ? ImageFormat.Qcow2 : work.Settings.Conversion!.Format,
        DriverIso = work.Settings.Domain.DriverIso ?? (File.Exists(work.Settings.DriverSource) ? work.Settings.DriverSource : null),
        KvmFolder = kvmFolder,
        Force = work.Settings.Force,
    };

    /// <summary>The guest as it is after the edit, with its data disks where they will be.</summary>
    public static WindowsLayout Layout(MigrationWork work) => work.Edit!.Layout with
    {
        DataDisks = [.. work.Layout!.DataDisks.Select((disk, index) => work.IsCopied(work.DataDisks[index])
            ? disk with { ImagePath = work.DataDisks[index].Target, Format = work.DataDisks[index].Format, Obstacle = null }
            : disk)],
    };

    private static string Write(MigrationWork work, DomainFiles files, IReadOnlyList<DomainPhase> phases)
    {
        bool isPreview = work.Settings.Preview;
        if (phases.Contains(DomainPhase.Final))
        {
            files.CheckReady(isPreview ? work.WorkImage : work.Files!.Overlay, allowsNotReady: false, isPreview);
        }

        work.Domains.AddRange(phases.Select(phase => files.Make(phase, writes: !isPreview)));
        return string.Join(", ", phases.Select(phase => $"'{files.PathOf(phase)}'"));
    }
}
