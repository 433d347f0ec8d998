namespace Hyper2Kvm.Drivers;

/// <summary>A package found in a driver source.</summary>
/// <param name="Driver">Which driver it is.</param>
/// <param name="Directory">Its directory within the source, with forward slashes.</param>
/// <param name="IsFallback">It is not in the rule's first choice of directories.</param>
internal sealed record DriverLocation(DriverDefinition Driver, string Directory, bool IsFallback);
