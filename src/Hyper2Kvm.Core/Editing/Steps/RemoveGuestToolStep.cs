using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Editing.Steps;

/// <summary>Switches a hypervisor's tools off, filters first: a device whose filter cannot start does not start either, which for a mouse is a
/// nuisance and for a disk the end of the boot.</summary>
/// <remarks>Files and the entry in the list of programs stay: nothing of them starts any more.</remarks>
internal sealed class RemoveGuestToolStep(RemoveGuestToolAction action) : IEditStep
{
    private const uint Disabled = 4;

    private static readonly string[] s_filterLists = ["UpperFilters", "LowerFilters"];
    private static readonly string[] s_orderKeys = ["Order", "HwOrder"];
    private static readonly string[] s_runKeys = [@"Microsoft\Windows\CurrentVersion\Run", @"Wow6432Node\Microsoft\Windows\CurrentVersion\Run"];

    private readonly GuestToolParts _parts = GuestToolParts.Of(action.Tool);

    public void Apply(EditableGuest guest)
    {
        bool found = false;
        foreach (string controlSet in guest.Layout.BootControlSets)
        {
            string[] services = [.. _parts.Services.Where(service =>
                guest.System.Hive.Find($@"{controlSet}\Services\{service}")?.GetValue("Start") is not null)];
            found |= services.Length > 0;
            RemoveFilters(guest.System, controlSet);
            RemoveNetworkProviders(guest.System, controlSet);
            foreach (string service in services)
            {
                string key = $@"{controlSet}\Services\{service}";
                guest.System.SetDword(key, "Start", Disabled);
                guest.System.DeleteKey($@"{key}\StartOverride");
            }

            foreach (string provider in _parts.TimeProviders.Select(name => $@"{controlSet}\Services\W32Time\TimeProviders\{name}"))
            {
                if (guest.System.Hive.Find(provider) is not null)
                {
                    guest.System.SetDword(provider, "Enabled", 0);
                }
            }
        }

        if (!found)
        {
            throw new GuestItemNotFoundException(
                "GuestToolNotFound",
                action.Tool.ToString(),
                $"'{guest.Layout.ImagePath}' has none of the services of {action.Tool}: there is nothing to switch off.");
        }

        foreach (string run in s_runKeys)
        {
            foreach (string value in _parts.RunValues)
            {
                guest.Software.DeleteValue(run, value);
            }
        }
    }

    /// <summary>Filters stand with classes, with the devices of a class, and with devices.</summary>
    private void RemoveFilters(HiveEditor system, string controlSet)
    {
        foreach (HiveKey deviceClass in SubkeysOf(system, $@"{controlSet}\Control\Class"))
        {
            RemoveFilters(system, deviceClass);
            foreach (HiveKey driver in deviceClass.Subkeys.ToArray())
            {
                RemoveFilters(system, driver);
            }
        }

        foreach (HiveKey bus in SubkeysOf(system, $@"{controlSet}\Enum"))
        {
            foreach (HiveKey instance in bus.Subkeys.SelectMany(device => device.Subkeys).ToArray())
            {
                RemoveFilters(system, instance);
            }
        }
    }

    private void RemoveFilters(HiveEditor system, HiveKey key)
    {
        foreach (string list in s_filterLists)
        {
            if (key.GetValue(list) is not { Type: HiveValueType.MultiString } value)
            {
                continue;
            }

            IReadOnlyList<string> filters = value.AsMultiString();
            string[] left = [.. filters.Where(filter => !_parts.Services.Contains(filter, StringComparer.OrdinalIgnoreCase))];
            if (left.Length == filters.Count)
            {
                continue;
            }

            if (left.Length == 0)
            {
                system.DeleteValue(key.Path, list);
            }
            else
            {
                system.SetMultiString(key.Path, list, left);
            }
        }
    }

    private void RemoveNetworkProviders(HiveEditor system, string controlSet)
    {
        string root = $@"{controlSet}\Control\NetworkProvider";
        foreach (string key in s_orderKeys.Select(name => $@"{root}\{name}"))
        {
            if (system.Hive.Find(key)?.GetValue("ProviderOrder") is { Type: HiveValueType.String } value)
            {
                string[] providers = value.AsString()!.Split(',');
                string[] left = [.. providers.Where(provider => !_parts.NetworkProviders.Contains(provider.Trim(), StringComparer.OrdinalIgnoreCase))];
                if (left.Length < providers.Length)
                {
                    system.SetString(key, "ProviderOrder", string.Join(',', left));
                }
            }
        }

        foreach (string provider in _parts.NetworkProviders)
        {
            system.DeleteValue($@"{root}\ProviderOrder", provider);
        }
    }

    private static HiveKey[] SubkeysOf(HiveEditor hive, string key) => [.. hive.Hive.Find(key)?.Subkeys ?? []];
}
