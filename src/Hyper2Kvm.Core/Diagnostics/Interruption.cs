namespace Hyper2Kvm.Diagnostics;

/// <summary>Ctrl+C for all that reads: whoever starts a work says what stops it, and each read of a host file looks at that, with the long
/// loops that only compute.</summary>
/// <remarks>So no parser, checker or probe hands a token down to its last loop, and none can forget to. The token belongs to the flow of
/// work that was started with it and to the tasks that this starts; another pipeline in the same process has its own.</remarks>
public static class Interruption
{
    private static readonly AsyncLocal<CancellationToken> s_token = new();

    /// <summary>Runs a work that stops at its next read once the token is cancelled.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static T StopsBy<T>(Func<T> work, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(work);
        CancellationToken before = s_token.Value;
        s_token.Value = token;
        try
        {
            return work();
        }
        finally
        {
            s_token.Value = before;
        }
    }

    /// <inheritdoc cref="StopsBy{T}"/>
    public static void StopsBy(Action work, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(work);
        StopsBy(
            () =>
            {
                work();
                return true;
            },
            token);
    }

    /// <summary>Runs what must come to its end once it has begun: the writes of an edit in place, the record of a commit.</summary>
    public static T Holds<T>(Func<T> work) => StopsBy(work, CancellationToken.None);

    /// <summary>For loops that run long without reading.</summary>
    /// <exception cref="OperationCanceledException">The work was stopped.</exception>
    public static void Check() => s_token.Value.ThrowIfCancellationRequested();
}
