using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Editing.Steps;

/// <summary>Removes adapters as Windows does when a device is uninstalled, with everything that refers to them.</summary>
/// <remarks>The index of the adapter's LUID stays taken (NDIS\IfTypes): a new adapter that got it would find what is left under it.</remarks>
internal sealed class RemoveAdaptersStep(RemoveAdaptersAction action) : IEditStep
{
    private static readonly string[] s_linkages = ["Bind", "Export", "Route"];
    private static readonly string[] s_perService = [@"Parameters\Adapters", @"Parameters\NdisAdapters", @"Parameters\Interfaces", @"Parameters\DNSRegisteredAdapters"];

    private static readonly TimeSpan s_oneStart = TimeSpan.FromDays(1);

    public void Apply(EditableGuest guest)
    {
        HiveEditor system = guest.System;
        foreach (string controlSet in guest.Layout.BootControlSets)
        {
            foreach (NetworkAdapter adapter in AdapterKeys.Find(system, controlSet, action.Adapters))
            {
                RemoveDevice(system, controlSet, adapter.InstanceId);
                RemoveFromServices(system, controlSet, adapter.Id);
                AdapterKeys.DeleteNsiRows(system, controlSet, adapter.Luid);
                system.DeleteKey($@"{controlSet}\Control\NetworkSetup2\Interfaces\{adapter.Id:B}");
                system.DeleteKey($@"{controlSet}\Control\Network\{NetworkAdapterReader.Class}\{adapter.Id:B}");
                if (adapter.ClassKey.Length > 0)
                {
                    system.DeleteKey($@"{controlSet}\Control\Class\{NetworkAdapterReader.Class}\{adapter.ClassKey}");
                }
            }
        }

        RemoveStaleProfiles(guest.Software);
    }

    private static void RemoveDevice(HiveEditor system, string controlSet, string instanceId)
    {
        string key = $@"{controlSet}\Enum\{instanceId}";
        if (instanceId.Count(c => c == '\\') != 2 || system.Hive.Find(key) is not { } device)
        {
            return;
        }

        if (device.GetValue("ContainerID")?.AsString() is { Length: > 0 } container)
        {
            foreach (HiveKey based in SubkeysOf(system, $@"{controlSet}\Control\DeviceContainers\{container}\BaseContainers"))
            {
                system.DeleteValue(based.Path, instanceId);
            }
        }

        foreach (HiveKey deviceClass in SubkeysOf(system, $@"{controlSet}\Control\DeviceClasses"))
        {
            foreach (HiveKey link in SubkeysOf(system, deviceClass.Path))
            {
                if (string.Equals(link.GetValue("DeviceInstance")?.AsString(), instanceId, StringComparison.OrdinalIgnoreCase))
                {
                    system.DeleteKey(link.Path);
                }
            }
        }

        system.DeleteKey(key);
        string parent = key[..key.LastIndexOf('\\')];
        if (system.Hive.Find(parent) is { SubkeyCount: 0 })
        {
            system.DeleteKey(parent);
        }
    }

    private static void RemoveFromServices(HiveEditor system, string controlSet, Guid id)
    {
        string name = id.ToString("B");
        system.DeleteKey($@"{controlSet}\Services\{name}"); // up to Windows 7: a copy of the settings
        foreach (HiveKey service in SubkeysOf(system, $@"{controlSet}\Services"))
        {
            foreach (string place in s_perService)
            {
                system.DeleteKey($@"{service.Path}\{place}\{name}");
                system.DeleteKey($@"{service.Path}\{place}\Tcpip_{name}");
            }

            HiveKey? linkage = service.Find("Linkage");
            foreach (string list in s_linkages)
            {
                if (linkage?.GetValue(list) is { Type: HiveValueType.MultiString } value)
                {
                    string[] kept = [.. value.AsMultiString().Where(entry => !entry.Contains(name, StringComparison.OrdinalIgnoreCase))];
                    if (kept.Length < value.AsMultiString().Count)
                    {
                        system.SetMultiString(linkage.Path, list, kept);
                    }
                }
            }
        }
    }

    /// <summary>Profiles by which Windows will know no network again, and those of a gateway that a newer one has replaced: what a network
    /// that was new at every start has left behind. Several cards behind one router are connected at the same start, and all stay.</summary>
    private static void RemoveStaleProfiles(HiveEditor software)
    {
        string profiles = $@"{NetworkProfilesReader.NetworkList}\Profiles";
        IReadOnlyList<NetworkProfile> all = NetworkProfilesReader.Read(software.Hive);
        HashSet<Guid> known = [.. NetworkProfilesReader.Signatures(software.Hive)
            .Select(signature => Guid.TryParse(signature.GetValue("ProfileGuid")?.AsString(), out Guid id) ? id : Guid.Empty)];
        HashSet<Guid> stale = [.. all.Where(profile => !known.Contains(profile.Id)).Select(profile => profile.Id)];
        foreach (IGrouping<string?, NetworkProfile> sameGateway in all.Where(profile => profile.GatewayMac is not null).GroupBy(profile => profile.GatewayMac))
        {
            DateTime newest = sameGateway.Max(profile => profile.LastConnected ?? DateTime.MinValue);
            stale.UnionWith(sameGateway
                .Where(profile => profile.Category != "Domain" && newest - (profile.LastConnected ?? DateTime.MinValue) > s_oneStart)
                .Select(profile => profile.Id));
        }

        HashSet<Guid> left = [.. all.Select(profile => profile.Id).Where(id => !stale.Contains(id))];
        string[] signatures = [.. NetworkProfilesReader.Signatures(software.Hive)
            .Where(signature => !Guid.TryParse(signature.GetValue("ProfileGuid")?.AsString(), out Guid id) || !left.Contains(id))
            .Select(signature => signature.Path)];
        foreach (string signature in signatures)
        {
            software.DeleteKey(signature);
        }

        foreach (Guid id in stale)
        {
            software.DeleteKey($@"{profiles}\{id:B}");
        }
    }

    /// <summary>Taken at once, so that they may be deleted meanwhile.</summary>
    private static HiveKey[] SubkeysOf(HiveEditor hive, string key) => [.. hive.Hive.Find(key)?.Subkeys ?? []];
}
