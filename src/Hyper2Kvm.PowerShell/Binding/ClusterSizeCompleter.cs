namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Completes -ClusterSize of QCOW2: the usual one first, then the larger ones that go with large disks, then the smaller ones.</summary>
public sealed class ClusterSizeCompleter() : UsualValueCompleter("65536", "131072", "262144", "524288", "1048576", "2097152", "4096", "8192", "16384", "32768");
