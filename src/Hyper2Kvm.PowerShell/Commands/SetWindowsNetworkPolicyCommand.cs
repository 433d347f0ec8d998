using System.Collections;
using System.Management.Automation;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.PowerShell.Binding;
using Hyper2Kvm.PowerShell.Commands.Base;

namespace Hyper2Kvm.PowerShell.Commands;

/// <summary>Set-WindowsNetworkPolicy: what becomes of the guest's network settings.</summary>
[Cmdlet(VerbsCommon.Set, "WindowsNetworkPolicy", DefaultParameterSetName = EditSet, SupportsShouldProcess = true)]
[OutputType(typeof(GuestEdit))]
public sealed class SetWindowsNetworkPolicyCommand : LayoutEditCmdlet
{
    /// <summary>None by default: nothing is decided for the user.</summary>
    [Parameter]
    public NetworkPolicy? Policy { get; set; }

    [Parameter]
    public SwitchParameter RemoveGhostAdapters { get; set; }

    /// <summary>The addresses of the machine's network cards; those of the layout's machine by default.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] MacAddress { get; set; } = [];

    /// <summary>Addresses by the name or id of an adapter.</summary>
    [Parameter]
    [ValidateNotNull]
    public Hashtable AdapterMac { get; set; } = [];

    /// <summary>For Replace: a JSON file on the host, or an object of the same shape.</summary>
    [Parameter]
    [ValidateNotNull]
    public object? Configuration { get; set; }

    protected override IReadOnlyList<EditAction> Actions(WindowsLayout layout)
    {
        if ((Policy == NetworkPolicy.Replace) != (Configuration is not null))
        {
            throw new GuestStateException(
                "NetworkConfigurationMissing", Image, "-Policy Replace and -Configuration belong together.", "Give both, or neither.");
        }

        NetworkPlan plan = NetworkPlanner.Plan(WindowsNetworkReader.Read(layout, null, Image, this), new NetworkRequest
        {
            Policy = Policy,
            RemoveGhostAdapters = RemoveGhostAdapters,
            MacAddresses = MacAddress.Length > 0 ? MacAddress : [.. (layout.Machine?.Nics ?? []).Select(nic => nic.MacAddress).OfType<string>()],
            AdapterMacs = AdapterMac.Cast<DictionaryEntry>().ToDictionary(entry => $"{entry.Key}", entry => $"{entry.Value}"),
            Replacement = Replacement(),
        });
        foreach (string warning in plan.Warnings)
        {
            WriteWarning(warning);
        }

        return plan.Actions;
    }

    protected override string Description(WindowsLayout layout) => (Policy, RemoveGhostAdapters.IsPresent) switch
    {
        (null, _) => "Remove ghost network adapters",
        ({ } policy, false) => $"Set the network policy {policy}",
        ({ } policy, true) => $"Set the network policy {policy} and remove old network adapters",
    };

    private IReadOnlyList<AdapterSettings> Replacement()
    {
        object? bare = (Configuration as PSObject)?.BaseObject ?? Configuration;
        return bare switch
        {
            null => [],
            string path => AdapterSettingsReader.Parse(File.ReadAllText(HostPath(path)), path),
            _ => AdapterSettingsReader.Read(ObjectToJson.Convert(Configuration), "-Configuration"),
        };
    }
}
