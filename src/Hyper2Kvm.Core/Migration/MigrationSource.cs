namespace Hyper2Kvm.Migration;

/// <summary>What is to be migrated: an image, a machine, or a disk that was looked at already. Exactly one of the three is given.</summary>
public sealed record MigrationSource
{
    /// <summary>Full path of an image, or of a disk inside an OVA.</summary>
    public string? ImagePath { get; init; }

    public SourceMachine? Machine { get; init; }

    public WindowsLayout? Layout { get; init; }

    /// <summary>What the user named, for people.</summary>
    public override string ToString() => ImagePath ?? Layout?.ImagePath ?? Machine!.Origin;

    /// <summary>A name for it before the guest is known.</summary>
    internal string Name => Machine?.Name ?? Layout?.Machine?.Name ?? MigrationFiles.BaseOf(ImagePath ?? Layout!.ImagePath);
}
