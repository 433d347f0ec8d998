namespace Hyper2Kvm;

/// <summary>What starts the guest; a migration keeps it.</summary>
public enum FirmwareMode
{
    Bios,
    Uefi,
}
