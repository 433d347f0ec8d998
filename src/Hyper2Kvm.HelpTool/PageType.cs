namespace Hyper2Kvm.HelpTool;

/// <summary>What a cmdlet takes from the pipeline or puts out.</summary>
internal sealed record PageType(string Name, IReadOnlyList<string> Description);
