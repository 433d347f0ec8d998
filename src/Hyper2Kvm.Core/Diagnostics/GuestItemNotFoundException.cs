namespace Hyper2Kvm.Diagnostics;

/// <summary>A file, key, partition or driver that must be there is not.</summary>
public sealed class GuestItemNotFoundException : Hyper2KvmException
{
    public GuestItemNotFoundException(string errorId, string item, string message, string? remedy = null)
        : base(errorId, item, message, remedy, null)
    {
    }
}
