namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>Consecutive clusters of a stream.</summary>
/// <param name="Vcn">First cluster within the stream.</param>
/// <param name="Lcn">First cluster on the volume; <see cref="Sparse"/> when none are there and zeros are read.</param>
/// <param name="Count">Clusters.</param>
internal readonly record struct DataRun(long Vcn, long Lcn, long Count)
{
    public const long Sparse = -1;

    public bool IsSparse => Lcn == Sparse;

    public long EndVcn => Vcn + Count;
}
