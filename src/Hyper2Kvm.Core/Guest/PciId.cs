namespace Hyper2Kvm.Guest;

/// <summary>Ids of PCI devices, from the vendor to the revision: <c>VEN_1AF4&amp;DEV_1001&amp;SUBSYS_00021AF4&amp;REV_00</c>.</summary>
internal static class PciId
{
    /// <summary>The id itself or a longer one.</summary>
    public static bool IsOrExtends(string id, string beginning) =>
        id.StartsWith(beginning, StringComparison.OrdinalIgnoreCase) && (id.Length == beginning.Length || id[beginning.Length] is '&' or '\\');
}
