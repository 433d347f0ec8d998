using System.Globalization;
using Hyper2Kvm.Drivers;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Migration.Stages;

/// <summary>Edits the guest, in an overlay.</summary>
internal static class FixStage
{
    public static bool IsDone(MigrationWork work) => CopyStage.IsDone(work) && work.Journal.IsDone(KvmMigrationStep.Fix, [work.Files!.Overlay]);

    public static void Run(MigrationWork work)
    {
        if (work.IsFixed)
        {
            Repeat(work);
        }
        else
        {
            work.Journal.Do(KvmMigrationStep.Fix, () => Edit(work));
        }
    }

    private static void Repeat(MigrationWork work)
    {
        MigrationRecord earlier = work.Journal.Earlier!;
        work.Journal.Repeat(KvmMigrationStep.Fix);
        work.Changes.AddRange(earlier.Changes);
        work.Edit = new GuestEdit
        {
            Layout = work.Layout!,
            ImagePath = work.Files!.Overlay,
            SourcePath = work.WorkImage,
            Mode = EditMode.Overlay,
            Actions = [],
            Changes = earlier.Changes,
            BytesChanged = earlier.BytesChanged,
            Undo = work.UndoCommand,
            LogPath = ChangeLog.PathFor(work.Files.Overlay),
            Duration = work.Journal.Stages[^1].Duration,
        };
    }

    private static string Edit(MigrationWork work)
    {
        if (!work.Settings.Preview)
        {
            AtomicFile.CreateFolder(work.Files!.Folder);
        }

        GuestEdit edit = GuestEditor.Run(
            new GuestEditRequest
            {
                Layout = work.Layout!,
                Plan = work.Plan,
                ImagePath = work.WorkImage,
                Actions = Actions(work),
                Destination = work.Files!.Overlay,
                Force = work.Settings.Force,
                StandsForCopy = work.SystemDisk!.IsCopiedFirst,
                Preview = work.Settings.Preview,
            },
            work.Reporter,
            work.Token);
        work.Edit = edit;
        work.Changes.AddRange(edit.Changes);
        int count = edit.Changes.Count(change => change.Kind != GuestChangeKind.Unchanged);
        return string.Create(CultureInfo.InvariantCulture, $"{count} changes ({string.Join(", ", edit.Steps)}) in '{work.Files.Overlay}'");
    }

    private static List<EditAction> Actions(MigrationWork work)
    {
        MigrationSettings settings = work.Settings;
        return
        [
            .. work.Plan is { } plan
                ? EditSteps.AddBootStartStorage(plan, settings.RecoveryEnvironment).Concat(EditSteps.SetCriticalDeviceDatabase(plan))
                : [new BootstrapControllersAction()],
            .. Devices(work),
            .. Network(work),
            .. EditSteps.RemoveGuestTool(settings.RemovedTools),
            .. settings.FirstBootFiles.SelectMany(file => EditSteps.AddFirstBootAction(FirstBoot.FromFile(file, null, null, [], restartAfter: false))),
        ];
    }

    private static IReadOnlyList<EditAction> Devices(MigrationWork work)
    {
        MigrationSettings settings = work.Settings;
        WindowsLayout layout = work.Layout!;
        if (settings.Devices.Count == 0)
        {
            return [];
        }

        (string path, DriverRules rules) = settings.Drivers
            ?? throw PlanStage.Missing(layout, $"Drivers for {string.Join(", ", settings.Devices)} were asked for, and no source was given.");
        using DriverSource drivers = DriverSource.Open(path);
        return EditSteps.AddVirtioDriver(
            drivers.Path, DevicePlanner.Plan(layout, drivers, rules, [.. settings.Devices], settings.AllowUnsignedDrivers, work.Reporter));
    }

    private static IReadOnlyList<EditAction> Network(MigrationWork work)
    {
        MigrationSettings settings = work.Settings;
        if (settings.NetworkPolicy is null && !settings.RemoveGhostAdapters)
        {
            return [];
        }

        WindowsLayout layout = work.Layout!;
        NetworkPlan network = NetworkPlanner.Plan(WindowsNetworkReader.Read(layout, null, work.WorkImage, work.Reporter), new NetworkRequest
        {
            Policy = settings.NetworkPolicy,
            RemoveGhostAdapters = settings.RemoveGhostAdapters,
            MacAddresses = [.. (layout.Machine?.Nics ?? []).Select(nic => nic.MacAddress).OfType<string>()],
        });
        network.Warnings.ToList().ForEach(work.Reporter.Warning);
        return network.Actions;
    }
}
