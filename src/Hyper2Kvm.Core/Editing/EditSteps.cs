using Hyper2Kvm.Editing.Steps;

namespace Hyper2Kvm.Editing;

/// <summary>The steps by their names, so that an edit can be told as plain data and a rehearsal can repeat the ones before it.</summary>
public static class EditSteps
{
    /// <summary>What <c>Add-BootStartStorage</c> does.</summary>
    public static IReadOnlyList<string> AddBootStartStorage { get; } = [BootStartStorageStep.StepName, BootstrapControllersStep.StepName];

    /// <summary>What <c>Set-CriticalDeviceDatabase</c> does.</summary>
    public static IReadOnlyList<string> SetCriticalDeviceDatabase { get; } = [DeviceDatabaseStep.StepName];

    internal static IEditStep Create(string name) => name switch
    {
        BootStartStorageStep.StepName => new BootStartStorageStep(),
        BootstrapControllersStep.StepName => new BootstrapControllersStep(),
        DeviceDatabaseStep.StepName => new DeviceDatabaseStep(),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such step"),
    };
}
