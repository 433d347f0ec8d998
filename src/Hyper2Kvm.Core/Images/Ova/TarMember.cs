using Hyper2Kvm.Blocks;

namespace Hyper2Kvm.Images.Ova;

/// <summary>A file in a tar archive.</summary>
/// <param name="Name">With forward slashes, without a leading <c>./</c>.</param>
/// <param name="Range">Where its content lies in the archive.</param>
public sealed record TarMember(string Name, BlockRange Range)
{
    /// <summary>Lower case with its dot; empty when there is none.</summary>
    public string Extension => Path.GetExtension(Name).ToLowerInvariant();

    public override string ToString() => Name;
}
