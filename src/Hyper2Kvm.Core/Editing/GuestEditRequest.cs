namespace Hyper2Kvm.Editing;

/// <summary>What is to be done to which guest.</summary>
public sealed record GuestEditRequest
{
    /// <summary>The guest as the user knows it: the edit looks for the Windows on this partition.</summary>
    public required WindowsLayout Layout { get; init; }

    /// <summary>Carried on in the result for the cmdlets after it.</summary>
    public VirtioDriverPlan? Plan { get; init; }

    /// <summary>The image to edit: the source, or an overlay of an earlier edit.</summary>
    public required string ImagePath { get; init; }

    /// <summary>In this order; see <see cref="EditSteps"/>.</summary>
    public required IReadOnlyList<EditAction> Actions { get; init; }

    /// <summary>Actions of rehearsals before this one: they are done first, and are not counted as changes of this edit.</summary>
    public IReadOnlyList<EditAction> RehearsedActions { get; init; } = [];

    /// <summary>The overlay to write; null for <c>name.kvm.qcow2</c> beside the image.</summary>
    public string? Destination { get; init; }

    /// <summary>Replace a file at the destination even when no edit of ours made it.</summary>
    public bool Force { get; init; }

    /// <summary>Write into the image itself, with an undo journal beside it.</summary>
    public bool InPlace { get; init; }

    /// <summary>Of a rehearsal: the image stands for a copy of it that is still to be made, over which there can be an overlay.</summary>
    public bool StandsForCopy { get; init; }

    /// <summary>Rehearse: do everything but write nothing.</summary>
    public bool Preview { get; init; }
}
