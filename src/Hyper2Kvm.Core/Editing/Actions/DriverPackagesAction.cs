namespace Hyper2Kvm.Editing.Actions;

/// <summary>Puts packages where Windows finds them when it meets their devices.</summary>
/// <param name="Source">Full host path of the ISO or folder.</param>
/// <param name="Packages">The packages.</param>
public sealed record DriverPackagesAction(string Source, IReadOnlyList<PlannedPackage> Packages) : EditAction
{
    public override string Step => "DriverPackages";
}
