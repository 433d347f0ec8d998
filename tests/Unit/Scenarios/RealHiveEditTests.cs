using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>The edits that are not of drivers, on the real hives of each generation: nothing is changed that is not told, a second run
/// changes nothing, and the undo brings every byte back.</summary>
public sealed class RealHiveEditTests
{
    private static readonly Dictionary<string, (string File, Generation Windows)> s_guests = new()
    {
        ["XP SP3"] = (WindowsXpGuest.System, new Generation("XP", 2600, false, GuestArchitecture.X86)),
        ["7 SP1"] = (Windows7Guest.System, new Generation("7", 7601, false, GuestArchitecture.X86)),
        ["10 1709"] = (Windows10DirtyGuest.System, new Generation("10", 16299, false, GuestArchitecture.X64)),
        ["10 1903"] = (Windows10Guest.System, new Generation("10", 18363, false, GuestArchitecture.X64)),
    };

    [HivexTheory(WindowsXpGuest.System, Windows7Guest.System, Windows10DirtyGuest.System, Windows10Guest.System)]
    [InlineData("XP SP3")]
    [InlineData("7 SP1")]
    [InlineData("10 1709")]
    [InlineData("10 1903")]
    public void Boot_policy(string guest) => Judge(guest, _ => [OfflineEditJudge.Policy]);

    [HivexTheory(WindowsXpGuest.System, Windows7Guest.System, Windows10DirtyGuest.System, Windows10Guest.System)]
    [InlineData("XP SP3")]
    [InlineData("7 SP1")]
    [InlineData("10 1709")]
    [InlineData("10 1903")]
    public void First_boot_action(string guest) => Judge(guest, request =>
    {
        string script = Path.Combine(Path.GetDirectoryName(request.ImagePath)!, "hello.cmd");
        File.WriteAllText(script, "@echo hello\r\n");
        return EditSteps.AddFirstBootAction(FirstBoot.FromFile(script, null, null, [], false));
    });

    [HivexTheory(WindowsXpGuest.System, Windows7Guest.System, Windows10DirtyGuest.System, Windows10Guest.System)]
    [InlineData("XP SP3", GuestTool.HyperV)]
    [InlineData("7 SP1", GuestTool.VMware)]
    [InlineData("10 1903", GuestTool.VMware)]
    public void Guest_tool_removed(string guest, GuestTool tool) => Judge(guest, _ => EditSteps.RemoveGuestTool([tool]));

    [HivexTheory(WindowsXpGuest.System, Windows7Guest.System, Windows10DirtyGuest.System, Windows10Guest.System)]
    [InlineData("XP SP3")]
    [InlineData("7 SP1")]
    [InlineData("10 1709")]
    [InlineData("10 1903")]
    public void Network_left_to_dhcp(string guest) =>
        Judge(guest, request => Network(request, new NetworkRequest { Policy = NetworkPolicy.Dhcp, RemoveGhostAdapters = true }));

    /// <summary>The settings go to the one card of the machine; Windows has them from the first boot on.</summary>
    [HivexTheory(Windows7Guest.System, Windows10DirtyGuest.System, Windows10Guest.System)]
    [InlineData("7 SP1")]
    [InlineData("10 1709")]
    [InlineData("10 1903")]
    public void Network_preserved(string guest) => Judge(guest, request => Network(
        request, new NetworkRequest { Policy = NetworkPolicy.Preserve, RemoveGhostAdapters = true, MacAddresses = ["52:54:00:12:34:56"] }));

    [HivexTheory(Windows7Guest.System, Windows10DirtyGuest.System, Windows10Guest.System)]
    [InlineData("7 SP1")]
    [InlineData("10 1709")]
    [InlineData("10 1903")]
    public void Network_replaced(string guest) => Judge(guest, request => Network(request, new NetworkRequest
    {
        Policy = NetworkPolicy.Replace,
        Replacement = [new AdapterSettings { MacAddress = "52:54:00:12:34:56", UsesDhcp = false, Addresses = [new NetworkAddress("192.0.2.7", 24)], DnsServers = ["192.0.2.1"] }],
    }));

    private static IReadOnlyList<EditAction> Network(GuestEditRequest request, NetworkRequest wanted) =>
        NetworkPlanner.Plan(WindowsNetworkReader.Read(request.Layout, null, request.ImagePath, SilentReporter.Instance), wanted).Actions;

    private static void Judge(string guest, Func<GuestEditRequest, IReadOnlyList<EditAction>> actions)
    {
        (string file, Generation windows) = s_guests[guest];
        using TempFolder folder = new();
        string disk = GenerationGuest.Make(folder, windows, RawHive.WithEqualSequenceNumbers(SharedData.Read(file)));
        GuestEditRequest request = new() { Layout = Plans.Probe(disk), ImagePath = disk, Actions = [], InPlace = true };
        OfflineEditJudge.Approves(request with { Actions = actions(request) });
    }
}
