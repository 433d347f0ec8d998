namespace Hyper2Kvm.Drivers;

/// <summary>The product that a rule is for.</summary>
public enum ProductKind
{
    Any,
    Client,
    Server,
}
