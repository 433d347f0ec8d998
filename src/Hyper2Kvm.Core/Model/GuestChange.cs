namespace Hyper2Kvm;

/// <summary>One change to the guest.</summary>
/// <param name="Step">The step that made it.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Target">Guest path, or <c>HKLM\SYSTEM\ControlSet001\Services\viostor\Start</c>.</param>
/// <param name="Before">Content before, for people; null when there was none.</param>
/// <param name="After">Content after, for people; null when there is none.</param>
public sealed record GuestChange(string Step, GuestChangeKind Kind, string Target, string? Before, string? After)
{
    public override string ToString() => $"{Kind} {Target}";
}
