namespace Hyper2Kvm;

/// <summary>What we want: the drivers for this guest and where they come from.</summary>
public sealed record VirtioDriverPlan
{
    /// <summary>Not public, for PowerShell would make a plan full of nulls from any object that has some of its properties.</summary>
    internal VirtioDriverPlan()
    {
    }

    public required WindowsLayout Layout { get; init; }

    /// <summary>The image that the next step edits; the same as the layout's unless an edit came before.</summary>
    public required string ImagePath { get; init; }

    /// <summary>Disk bus of the final domain.</summary>
    public required StorageBus Bus { get; init; }

    /// <summary>Boot storage drivers; the one for <see cref="Bus"/> comes first.</summary>
    public required IReadOnlyList<PlannedDriver> Storage { get; init; }

    /// <summary>Full host path of the ISO or folder.</summary>
    public required string Source { get; init; }

    /// <summary>Drivers that this Windows does not load because of their signature were to be taken all the same.</summary>
    public bool AllowsUnsignedDrivers { get; init; }

    /// <summary>The rule that chose, for example <c>2k22</c>, and the folder taken if it was a fallback.</summary>
    public required string MatchedRule { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    public override string ToString() => ImagePath;
}
