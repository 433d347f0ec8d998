namespace Hyper2Kvm.FileSystems.Fat;

/// <summary>Width of an entry of the file allocation table.</summary>
public enum FatType
{
    Fat12 = 12,
    Fat16 = 16,
    Fat32 = 32,
}
