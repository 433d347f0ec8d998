namespace Hyper2Kvm.Registry;

/// <summary>The list forms of the format; the name of each is its signature.</summary>
internal enum SubkeyListKind
{
    /// <summary>li, index leaf: offsets alone.</summary>
    IndexLeaf,

    /// <summary>lf, fast leaf: offsets, each with the first four characters of the name.</summary>
    FastLeaf,

    /// <summary>lh, hash leaf: offsets, each with a hash of the name.</summary>
    HashLeaf,

    /// <summary>ri, index root: offsets of leaves.</summary>
    IndexRoot,
}
