namespace Hyper2Kvm.Diagnostics;

/// <summary>The guest, the plan or the host is in a state in which going on would do harm: refused, with the remedy.</summary>
public sealed class GuestStateException : Hyper2KvmException
{
    public GuestStateException(string errorId, string subject, string message, string remedy, Exception? inner = null)
        : base(errorId, subject, message, remedy, inner)
    {
    }
}
