namespace Hyper2Kvm.Inf;

/// <summary>The models section that a Windows selects for one manufacturer.</summary>
/// <param name="Manufacturer">As written, usually a <c>%token%</c>.</param>
/// <param name="Section">Name of the section with its decoration.</param>
/// <param name="Models">Its lines, in order.</param>
public sealed record InfModels(string Manufacturer, string Section, IReadOnlyList<InfModel> Models);
