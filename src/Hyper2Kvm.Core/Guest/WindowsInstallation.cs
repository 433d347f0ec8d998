using Hyper2Kvm.FileSystems;

namespace Hyper2Kvm.Guest;

/// <summary>One Windows found on a disk.</summary>
/// <param name="Volume">Where it lies.</param>
/// <param name="FileSystem">That volume's file system.</param>
/// <param name="Root">Path of WindowsRoot, spelled as stored.</param>
/// <param name="System32">Path of the system directory, spelled as stored.</param>
internal sealed record WindowsInstallation(GuestVolume Volume, IGuestFileSystem FileSystem, GuestPath Root, GuestPath System32);
