using Hyper2Kvm.Domains;
using Hyper2Kvm.Machines;

namespace Hyper2Kvm.Unit.Domains;

public class MachineTakeOverTests
{
    private static readonly WindowsLayout s_layout = Guests.Layout(Guests.Version(10, 0, 20348, isServer: true), FirmwareMode.Uefi);

    [Fact]
    public void What_the_machine_says_is_taken_and_the_rest_stays()
    {
        DomainRequest request = Guests.Request(s_layout);
        SourceMachine machine = Draft().Build();
        DomainRequest taken = MachineTakeOver.Apply(request, machine);
        Assert.Equal((2, 4, 16384, true, true), (taken.Sockets, taken.Cores, taken.MemoryMiB, taken.SecureBoot, taken.Tpm));
        Assert.Equal(request, MachineTakeOver.Apply(request, new MachineDraft(SourceMachineKind.Manual, "flags").Build()));
        Assert.False(MachineTakeOver.Apply(request with { Layout = s_layout with { Firmware = FirmwareMode.Bios } }, machine).SecureBoot);
    }

    [Fact]
    public void Cards_keep_their_addresses_and_those_without_get_one_that_stays()
    {
        MachineDraft draft = Draft();
        draft.AddNic("00-50-56-AA-BB-01");
        draft.AddNic(null);
        draft.AddNic("000000000000");
        DomainIdentity identity = MachineTakeOver.Identity(s_layout, draft.Build());
        Assert.Equal("00:50:56:aa:bb:01", identity.MacAddresses[0]);
        Assert.Equal(3, identity.MacAddresses.Distinct().Count());
        Assert.Equal(identity.MacAddresses, MachineTakeOver.Identity(s_layout, draft.Build()).MacAddresses);
        Assert.Equal(new Guid("276c4d56-ea96-0712-6f0b-b11d81469b0b"), identity.Uuid);
        Assert.Equal(["52:54:00:00:00:01"], MachineTakeOver.Identity(s_layout, draft.Build(), macAddresses: ["52:54:00:00:00:01"]).MacAddresses);
    }

    [Fact]
    public void A_full_description_without_cards_is_a_machine_without_network()
    {
        Assert.Empty(MachineTakeOver.Identity(s_layout, Draft().Build()).MacAddresses);
        Assert.Single(MachineTakeOver.Identity(s_layout, new MachineDraft(SourceMachineKind.Manual, "flags").Build()).MacAddresses);
    }

    [Theory]
    [InlineData("web 01 (alt)", "web 01 (alt)")]
    [InlineData("a/b\\c:d\n", "a-b-c-d-u000A")] // a machine's name comes escaped, as all foreign names
    [InlineData(" .. ", "WEB01")]
    [InlineData("", "WEB01")]
    public void Names_become_such_that_libvirt_and_file_systems_take(string name, string expected)
    {
        MachineDraft draft = new(SourceMachineKind.Manual, "flags") { Name = name };
        Assert.Equal(expected, MachineTakeOver.Identity(s_layout, draft.Build()).Name);
    }

    private static MachineDraft Draft()
    {
        MachineDraft draft = new(SourceMachineKind.Vmx, "x.vmx")
        {
            Name = "web01", CpuCount = 8, CoresPerSocket = 4, MemoryBytes = 16L << 30, Firmware = FirmwareMode.Uefi, SecureBoot = true, Tpm = true,
        };
        draft.SetVmwareUuid("56 4d 6c 27 96 ea 12 07-6f 0b b1 1d 81 46 9b 0b");
        return draft;
    }
}
