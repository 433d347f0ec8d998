namespace Hyper2Kvm.Inf;

/// <summary>One line of a models section.</summary>
/// <param name="Description">As written, usually a <c>%token%</c>.</param>
/// <param name="InstallSection">Name of the install section, undecorated.</param>
/// <param name="HardwareId">The first id.</param>
/// <param name="CompatibleIds">The ids after it.</param>
public sealed record InfModel(string Description, string InstallSection, string HardwareId, IReadOnlyList<string> CompatibleIds)
{
    /// <summary>All ids, the hardware id first.</summary>
    public IEnumerable<string> Ids => CompatibleIds.Prepend(HardwareId);
}
