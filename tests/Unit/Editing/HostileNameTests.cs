using System.Collections;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Migration;
using Hyper2Kvm.Unit.Crash;
using Hyper2Kvm.Unit.Migration;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Editing;

/// <summary>A guest in which every name leads out of its folder, talks to terminals and shells, and breaks lines and markup.</summary>
public partial class HostileNameTests
{
    /// <summary>What goes into the pipeline, and from there to a terminal.</summary>
    [Fact]
    public void No_object_shows_a_name_as_the_guest_wrote_it()
    {
        using TempFolder folder = new();
        string disk = HostileGuest.Make(folder);
        WindowsLayout layout = Plans.Probe(disk);
        WindowsNetwork network = WindowsNetworkReader.Read(layout, null, disk, SilentReporter.Instance);
        BootStore store = BcdReader.Read(disk, null, SilentReporter.Instance);
        GuestEdit edit = Plans.Edit(disk);
        List<string> texts = [];
        foreach (object result in (object[])
            [layout, network, store, edit, VirtioReadinessReader.Test(disk, null, null, null, SilentReporter.Instance),
                DiskChecker.Check(disk, false, SilentReporter.Instance, default),
                .. ChangeLogReader.Read(disk, error => Assert.Fail(error.Message), SilentReporter.Instance)])
        {
            Collect(result, texts, []);
        }

        Assert.All(texts, text => Assert.Equal(PlainText.Escape(text), text));
        Assert.True(texts.Count(text => text.Contains("evil", StringComparison.Ordinal)) > 10); // they were read, only written otherwise
        Assert.Contains("evil", layout.HostName, StringComparison.Ordinal);
        Assert.Contains("evil", layout.Windows.EditionId, StringComparison.Ordinal);
        Assert.Contains(network.Adapters, adapter => adapter.Name.Contains("evil", StringComparison.Ordinal));
        Assert.Contains(store.Entries, entry => entry.Description?.Contains("evil", StringComparison.Ordinal) == true);
    }

    /// <summary>A description comes from wherever the machine does.</summary>
    [Fact]
    public void A_machines_names_are_written_otherwise_too()
    {
        using TempFolder folder = new();
        File.WriteAllText(folder.File("a.vmx"), $"""
            .encoding = "UTF-8"
            config.version = "8"
            displayName = "evil{'\u001B'}]0;x{'\u0007'}{'\u202E'}"
            ethernet0.present = "TRUE"
            ethernet0.networkName = "evil{'\u009B'}31m"
            """);
        SourceMachine machine = Assert.Single(Hyper2Kvm.Machines.MachineReader.Read(folder.File("a.vmx")));
        Assert.Equal(@"evil\u001B]0;x\u0007\u202E", machine.Name);
        Assert.Equal(@"evil\u009B31m", Assert.Single(machine.Nics).NetworkName);
    }

    [OracleFact("gcc")]
    public void Nothing_is_written_outside_the_folders_that_the_user_named()
    {
        using TempFolder folder = new();
        string home = Directory.CreateDirectory(folder.File("home")).FullName;
        string made = HostileGuest.Make(folder);
        string disk = Path.Combine(home, "guest.raw");
        File.Move(made, disk);

        (int exitCode, string error, string[] strays) = ChildProcess.Run("migrate", disk, 0, "outside");

        Assert.True(exitCode == 0, error);
        Assert.Empty(strays);
        Assert.Equal([home], Directory.GetFileSystemEntries(folder.Path));
        Assert.All(Directory.GetFileSystemEntries(home, "*", SearchOption.AllDirectories), entry => Assert.Matches(PlainName(), Path.GetFileName(entry)));
        Assert.NotEmpty(Directory.GetFiles(home, "*.sh", SearchOption.AllDirectories));

        // The watch sees what it should see.
        Assert.NotEmpty(ChildProcess.Run("stray", disk, 0, "outside").Calls);
    }

    [Fact]
    public void Domains_of_such_a_guest_are_well_formed_and_have_a_plain_name()
    {
        using TempFolder folder = new();
        KvmMigration migration = Migrations.Good(Migrations.Run(HostileGuest.Make(folder), Migrations.Settings(folder.File("out"))));
        Assert.NotEmpty(migration.Domains);
        foreach (KvmDomain domain in migration.Domains)
        {
            XElement root = XDocument.Parse(domain.Text).Root!;
            Assert.Matches(PlainName(), root.Element("name")!.Value);
            Assert.DoesNotContain("evil)", domain.Text, StringComparison.Ordinal);
        }
    }

    /// <summary>Every text that can be reached through public properties.</summary>
    private static void Collect(object? value, List<string> texts, HashSet<object> seen)
    {
        if (value is string text)
        {
            texts.Add(text);
        }
        else if (value is IEnumerable items)
        {
            foreach (object? item in items)
            {
                Collect(item, texts, seen);
            }
        }
        else if (value is not null && value.GetType().Assembly == typeof(GuestEdit).Assembly && !value.GetType().IsEnum && seen.Add(value))
        {
            texts.Add(value.ToString()!);
            foreach (PropertyInfo property in value.GetType().GetProperties().Where(property => property.GetIndexParameters().Length == 0))
            {
                Collect(property.GetValue(value), texts, seen);
            }
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]+\z")]
    private static partial Regex PlainName();
}
