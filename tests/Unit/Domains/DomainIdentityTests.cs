using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Domains;

namespace Hyper2Kvm.Unit.Domains;

public sealed class DomainIdentityTests
{
    private static readonly WindowsLayout s_layout = Guests.Layout(Guests.Version(10, 0, 20348, isServer: true));

    [Fact]
    public void Same_disk_and_host_give_the_same_machine_whatever_the_image_is_called()
    {
        DomainIdentity first = DomainIdentity.From(s_layout);
        DomainIdentity second = DomainIdentity.From(s_layout with { ImagePath = "/elsewhere/copy.qcow2" });
        Assert.Equal((first.Name, first.Uuid), (second.Name, second.Uuid));
        Assert.Equal(first.MacAddresses, second.MacAddresses);
        // Pinned: another version of this program must not give a guest another identity.
        Assert.Equal(("WEB01", "bd5d488e-d476-8a45-9596-1f3d8524f8a0"), (first.Name, first.Uuid.ToString()));
    }

    [Fact]
    public void Another_disk_or_host_is_another_machine()
    {
        DomainIdentity first = DomainIdentity.From(s_layout);
        foreach (WindowsLayout other in (WindowsLayout[])[s_layout with { DiskSignature = 1 }, s_layout with { HostName = "WEB02" }])
        {
            DomainIdentity second = DomainIdentity.From(other);
            Assert.NotEqual(first.Uuid, second.Uuid);
            Assert.NotEqual(first.MacAddresses, second.MacAddresses);
        }
    }

    [Fact]
    public void Derived_values_are_a_version_8_uuid_and_a_qemu_mac()
    {
        DomainIdentity identity = DomainIdentity.From(s_layout);
        Assert.Equal('8', identity.Uuid.ToString()[14]);
        Assert.Contains(identity.Uuid.ToString()[19], "89ab");
        Assert.Matches("^52:54:00(:[0-9a-f]{2}){3}$", Assert.Single(identity.MacAddresses));
    }

    [Fact]
    public void Given_values_win_and_macs_are_normalized()
    {
        Guid uuid = new("4c4c4544-0044-4d10-8053-b7c04f4e3332");
        DomainIdentity identity = DomainIdentity.From(s_layout, "web", uuid, ["00-50-56-AB-CD-EF", "00:0C:29:01:02:03"]);
        Assert.Equal(("web", uuid), (identity.Name, identity.Uuid));
        Assert.Equal(["00:50:56:ab:cd:ef", "00:0c:29:01:02:03"], identity.MacAddresses);
        Assert.Empty(DomainIdentity.From(s_layout, macAddresses: []).MacAddresses);
    }

    [Theory]
    [InlineData("", "/images/My Server (1).vmdk", "My-Server--1")]
    [InlineData("", "/images/....vmdk", "windows")]
    [InlineData("../evil\n<name>", "/images/a.vmdk", "evil--name")]
    [InlineData("Größe", "/images/a.vmdk", "Gr--e")]
    [InlineData("..\\..\\x", "/images/a.vmdk", "x")]
    [InlineData("CON", "/images/a.vmdk", "windows-CON")]
    [InlineData("lpt1.x", "/images/a.vmdk", "windows-lpt1.x")]
    [InlineData("\u001B]0;x\u0007", "/images/a.vmdk", "0-x")]
    public void Names_made_from_the_guests_words_are_plain(string host, string image, string expected) =>
        Assert.Equal(expected, DomainIdentity.From(s_layout with { HostName = host, ImagePath = image }).Name);

    [Theory]
    [InlineData("a/b")]
    [InlineData(@"..\a")]
    [InlineData("CON")]
    [InlineData("nul.vm")]
    [InlineData("a\nb")]
    public void Given_names_are_refused_not_changed(string name) => Assert.Equal(
        "DomainNameInvalid",
        Assert.Throws<GuestStateException>(() => DomainIdentity.From(s_layout, name)).ErrorId);
}
