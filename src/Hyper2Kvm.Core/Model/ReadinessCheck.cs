namespace Hyper2Kvm;

/// <summary>One thing that a VirtIO disk needs to be found at boot, as it is on the disk.</summary>
/// <param name="Id">Stable name: <c>ServiceStart</c>, <c>ServiceStartOverride</c>, <c>DriverFile</c>, <c>DeviceBinding</c>, <c>DeviceInstalled</c>,
/// <c>LastKnownGood</c>, <c>InstallLog</c>.</param>
/// <param name="Driver">The driver: <c>viostor</c>, <c>vioscsi</c>, or another to which the device is bound.</param>
/// <param name="IsRequired">Without it the driver does not start the machine; others are evidence only.</param>
/// <param name="Passed">It is as it must be.</param>
/// <param name="Evidence">What was found, and where.</param>
/// <param name="Remedy">What to do; empty when it passed.</param>
public sealed record ReadinessCheck(string Id, string Driver, bool IsRequired, bool Passed, string Evidence, string Remedy)
{
    /// <summary>The disk bus whose driver it is.</summary>
    public StorageBus Bus { get; init; }

    public override string ToString() => $"{Driver} {Id}: {(Passed ? "passed" : "not passed")}";
}
