namespace Hyper2Kvm.Fuzz;

/// <summary>One file of an input: most inputs have one, a hive has its logs, a VMDK its extents.</summary>
internal sealed record FuzzPart(string Name, byte[] Bytes);
