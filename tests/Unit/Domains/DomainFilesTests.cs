using System.Xml.Linq;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Domains;

namespace Hyper2Kvm.Unit.Domains;

public sealed class DomainFilesTests
{
    [Theory]
    [InlineData(null, null, "2")]
    [InlineData("acpiapic_mp", null, "2")]
    [InlineData("acpipic_up", null, "1")]
    [InlineData("e_isa_up", null, "1")]
    [InlineData("acpipic_up", 4, "4")]
    public void A_HAL_for_one_processor_gets_one_unless_more_are_asked_for(string? hal, int? cores, string expected)
    {
        WindowsLayout layout = Guests.Layout(Guests.Version(5, 1, 2600, architecture: GuestArchitecture.X86)) with { Hal = hal };
        DomainFiles files = new(
            layout, null, layout.ImagePath, Path.GetTempPath(), new DomainSettings { Cores = cores, Name = "old" }, SilentReporter.Instance);
        Assert.Equal(expected, XElement.Parse(files.Make(DomainPhase.Bootstrap, writes: false).Xml).Element("vcpu")!.Value);
    }
}
