namespace Hyper2Kvm;

/// <summary>One line of an INF models section: the device ids that a driver serves.</summary>
/// <param name="HardwareId">First id, for example <c>PCI\VEN_1AF4&amp;DEV_1001&amp;SUBSYS_00021AF4&amp;REV_00</c>.</param>
/// <param name="CompatibleIds">The ids after it.</param>
/// <param name="Description">As written, usually a <c>%token%</c>.</param>
public sealed record PlannedModel(string HardwareId, IReadOnlyList<string> CompatibleIds, string Description)
{
    public override string ToString() => HardwareId;
}
