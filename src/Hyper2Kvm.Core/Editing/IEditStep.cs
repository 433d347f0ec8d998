namespace Hyper2Kvm.Editing;

/// <summary>Carries out one <see cref="EditAction"/> on a guest.</summary>
/// <remarks>A step is idempotent: where all is as it wants, it changes nothing. That is also how an edit is verified: the steps run
/// again over a fresh reading of the result and must find nothing to do.</remarks>
internal interface IEditStep
{
    void Apply(EditableGuest guest);
}
