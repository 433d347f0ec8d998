using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Migration;

/// <summary>The whole boot cycle for one machine: what the cmdlets do, in the order in which a person would call them.</summary>
public static class KvmMigrator
{
    /// <summary>Returns also when it failed: an error that belongs to the machine or the host is part of the outcome.</summary>
    /// <param name="source">What to migrate.</param>
    /// <param name="settings">How.</param>
    /// <param name="host">Shared with the other machines of the run.</param>
    /// <param name="reporter">Hears each step, on the caller's thread.</param>
    /// <param name="token">Stops it; what is done stays done, and a later run can go on from there.</param>
    public static MigrationOutcome Run(
        MigrationSource source, MigrationSettings settings, MigrationHost host, IReporter reporter, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(host);
        return new MigrationRun(source, settings, host, reporter, token).Run();
    }
}
