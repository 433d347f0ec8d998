using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Drivers;

namespace Hyper2Kvm.Migration.Stages;

/// <summary>Chooses the drivers for a guest that is not boot-ready.</summary>
internal static class PlanStage
{
    public static void Run(MigrationWork work)
    {
        if (work.IsReady)
        {
            string drivers = string.Join(", ", work.Layout!.BootReadyDrivers);
            work.Journal.Skip(KvmMigrationStep.Plan, $"The guest is boot-ready ({drivers}): no drivers are added.");
        }
        else if (work.IsFixed)
        {
            work.Journal.Repeat(KvmMigrationStep.Plan);
        }
        else
        {
            work.Journal.Do(KvmMigrationStep.Plan, () => ChooseDrivers(work, work.Layout!));
        }
    }

    private static string ChooseDrivers(MigrationWork work, WindowsLayout layout)
    {
        (string path, DriverRules rules) = work.Settings.Drivers
            ?? throw Missing(layout, $"'{layout.ImagePath}' is not boot-ready for VirtIO, and no drivers were given.");
        using DriverSource drivers = DriverSource.Open(path);
        work.Plan = DriverPlanner.Plan(layout, layout.ImagePath, drivers, rules, work.Bus, work.Settings.AllowUnsignedDrivers, work.Reporter);
        return $"{work.Plan.MatchedRule}: {string.Join(", ", work.Plan.Storage)}";
    }

    internal static GuestStateException Missing(WindowsLayout layout, string what) =>
        new("DriverSourceMissing", layout.ImagePath, what, "Give virtio-win.iso with -DriverSource.");
}
