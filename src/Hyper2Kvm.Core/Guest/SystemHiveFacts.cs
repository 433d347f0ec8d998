using System.Globalization;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Guest;

/// <summary>What a SYSTEM hive says about its Windows.</summary>
internal sealed class SystemHiveFacts
{
    private readonly Hive _hive;

    private SystemHiveFacts(Hive hive, HiveKey controlSet, string controlSetName, IReadOnlyList<string> bootControlSets)
    {
        LastKnownGood = SetOf(hive, "LastKnownGood") is { } good && !bootControlSets.Contains(good) ? good : null;
        _hive = hive;
        Current = controlSet;
        ControlSet = controlSetName;
        BootControlSets = bootControlSets;
    }

    /// <summary><c>ControlSetNNN</c> of <c>Select\Current</c>.</summary>
    public string ControlSet { get; }

    /// <summary>The key of <see cref="ControlSet"/>.</summary>
    public HiveKey Current { get; }

    /// <summary>The sets that the next boot may take: <c>Current</c>, and <c>Default</c> where it differs.</summary>
    public IReadOnlyList<string> BootControlSets { get; }

    /// <summary>The set of 'Last known good configuration', where it is none of <see cref="BootControlSets"/>; Windows 8 and later mostly have none.</summary>
    public string? LastKnownGood { get; }

    public IReadOnlyList<string> ControlSets =>
        [.. _hive.Root.Subkeys.Select(key => key.Name)
            .Where(name => name.StartsWith("ControlSet", StringComparison.OrdinalIgnoreCase)
                && name.Length == 13 && int.TryParse(name.AsSpan(10), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Order(StringComparer.OrdinalIgnoreCase)];

    public bool HasDriverDatabase => _hive.Find("DriverDatabase") is not null;

    public string HostName =>
        Value(@"Services\Tcpip\Parameters", "Hostname")?.AsString() ?? Value(@"Control\ComputerName\ComputerName", "ComputerName")?.AsString() ?? "";

    public bool RealTimeIsUniversal => Value(@"Control\TimeZoneInformation", "RealTimeIsUniversal")?.AsInteger() == 1;

    /// <summary>Fast startup is on: a shut-down guest may be a hibernated one.</summary>
    public bool HiberbootEnabled => Value(@"Control\Session Manager\Power", "HiberbootEnabled")?.AsInteger() == 1;

    /// <summary><c>WinNT</c> on clients, <c>ServerNT</c> and <c>LanmanNT</c> on servers.</summary>
    public string ProductType => Value(@"Control\ProductOptions", "ProductType")?.AsString() ?? "";

    public string ProcessorArchitecture =>
        Value(@"Control\Session Manager\Environment", "PROCESSOR_ARCHITECTURE")?.AsString() ?? "";

    public bool SetupInProgress => _hive.Find("Setup")?.GetValue("SystemSetupInProgress")?.AsInteger() is > 0;

    /// <exception cref="GuestItemNotFoundException"><c>ControlSetNotFound</c>: the hive does not say what boots.</exception>
    public static SystemHiveFacts Read(Hive hive, string hivePath)
    {
        List<string> sets = [];
        foreach (string choice in (string[])["Current", "Default"])
        {
            if (SetOf(hive, choice) is { } name && !sets.Contains(name))
            {
                sets.Add(name);
            }
        }

        return sets.Count > 0 && hive.Find(sets[0]) is { } key
            ? new SystemHiveFacts(hive, key, sets[0], sets)
            : throw new GuestItemNotFoundException(
                "ControlSetNotFound",
                hivePath,
                $"{hivePath}: the key Select names no control set that exists, so nothing says which one boots.",
                "The hive is damaged or incomplete: restore it from a backup.");
    }

    /// <summary>A key below the current control set, or null.</summary>
    public HiveKey? Find(string key) => Current.Find(key);

    /// <summary>The set that a value of Select names, where it exists.</summary>
    private static string? SetOf(Hive hive, string choice) =>
        hive.Find("Select")?.GetValue(choice)?.AsInteger() is { } number
        && string.Create(CultureInfo.InvariantCulture, $"ControlSet{number:D3}") is var name
        && hive.Find(name) is not null ? name : null;

    private HiveValue? Value(string key, string name) => Current.Find(key)?.GetValue(name);
}
