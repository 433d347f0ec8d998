using Hyper2Kvm.Images;

namespace Hyper2Kvm;

/// <summary>A disk of the machine besides the one that Windows boots from. It needs no edit.</summary>
public sealed record DataDisk
{
    /// <summary>Not public, for PowerShell would make one full of nulls from any object that has some of its properties.</summary>
    internal DataDisk()
    {
    }

    /// <summary>Full host path of the image.</summary>
    public required string ImagePath { get; init; }

    public required ImageFormat Format { get; init; }

    /// <summary>Bytes that the guest sees.</summary>
    public required long VirtualSize { get; init; }

    /// <summary>The firmware starts from this disk: it has the boot store, and the Windows disk has none.</summary>
    public bool IsBootDisk { get; init; }

    /// <summary>What keeps a domain from using the image as it is, in words that follow "because"; or null.</summary>
    public string? Obstacle { get; init; }

    public override string ToString() => ImagePath;
}
