namespace Hyper2Kvm;

/// <summary>A state of the guest that matters to an edit.</summary>
/// <param name="Id">Stable id, the same as of the error that an edit raises: <c>GuestHibernated</c>, <c>NtfsVolumeDirty</c> ...</param>
/// <param name="BlocksEdit">An edit is refused while this holds.</param>
/// <param name="Detail">What was found, and where.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record GuestCondition(string Id, bool BlocksEdit, string Detail, string Remedy)
{
    public override string ToString() => Id;
}
