namespace Hyper2Kvm.HelpTool;

/// <summary>A cmdlet's page, PlatyPS schema 2024-05-01.</summary>
internal sealed record CommandPage
{
    public required string Name { get; init; }

    public required string ExternalHelpFile { get; init; }

    public required string Synopsis { get; init; }

    /// <summary>Paragraphs of plain text.</summary>
    public required IReadOnlyList<string> Description { get; init; }

    public required IReadOnlyList<PageExample> Examples { get; init; }

    public required IReadOnlyList<PageParameter> Parameters { get; init; }

    public required IReadOnlyList<PageType> Inputs { get; init; }

    public required IReadOnlyList<PageType> Outputs { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    public required IReadOnlyList<PageLink> Links { get; init; }
}
