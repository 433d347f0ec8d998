namespace Hyper2Kvm;

public enum FindingSeverity
{
    Information,
    Warning,
    Error,
}
