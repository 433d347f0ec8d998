using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hyper2Kvm.Browsing;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>First-boot actions as an edit lays them into a guest, taken out again and started by Wine: its service manager starts the service that
/// hivex reads in the guest's hive, its cmd.exe runs the runner.</summary>
public sealed partial class FirstBootOnWineTests : IClassFixture<WineMachine>, IDisposable
{
    private const string Service = @"SYSTEM\CurrentControlSet\Services\Hyper2KvmFirstBoot";

    private readonly TempFolder _folder = new();
    private readonly WineMachine _machine;
    private string _disk;

    public FirstBootOnWineTests(WineMachine machine)
    {
        _machine = machine;
        _disk = Fixtures.Copy(Fixtures.SampleDisk, _folder);
    }

    public void Dispose() => _folder.Dispose();

    [OracleFact("wine", "wineserver", "hivexregedit")]
    public void Actions_run_in_order_over_restarts_and_the_service_removes_itself_after_the_last()
    {
        Add("greet.cmd", "@echo %1 %2>greeting.txt\n@type data.txt>>greeting.txt\n@exit /b 0", "\"a b\" c", additional: "data.txt");
        Add("stubborn.cmd", "@if exist seen exit /b 0\n@echo x>seen\n@exit /b 5");
        Add("restart.cmd", "@exit 0", restartAfter: true);
        Add("soft.cmd", "@exit /b 3010");
        Add("later.cmd", "@exit /b 1237");
        WineMachine machine = Machine();

        machine.Start(Runner(machine, "firstboot.log"));
        Assert.Equal("pending: greet done 0 1, stubborn pending 5 1, restart done 1641 1, soft pending null 0, later pending null 0", Result(machine));
        Assert.Equal("\"a b\" c\r\nbeside\r\n", File.ReadAllText(Runner(machine, "actions/0001-greet/greeting.txt")));

        machine.Start(Runner(machine, "firstboot.log"));
        Assert.Equal("pending: greet done 0 1, stubborn done 0 2, restart done 1641 1, soft done 3010 1, later pending 1237 0", Result(machine));

        for (int start = 3; start < 6; start++)
        {
            machine.Start(Runner(machine, "firstboot.log"));
            Assert.True(machine.HasKey(Service));
        }

        machine.Start(Runner(machine, "firstboot.log"));
        Assert.Equal("done: greet done 0 1, stubborn done 0 2, restart done 1641 1, soft done 3010 1, later done 1237 1", Result(machine));
        Assert.False(machine.HasKey(Service));
        Assert.False(Directory.Exists(Runner(machine, "actions")));
        string log = File.ReadAllText(Runner(machine, "firstboot.log"));
        Assert.Equal(2, log.Split("restarting").Length - 1);
        Assert.Contains("all done, removing the service", log, StringComparison.Ordinal);
    }

    [OracleFact("wine", "wineserver", "hivexregedit")]
    public void What_fails_three_times_is_given_up_and_stays_to_be_looked_at()
    {
        Add("bad.cmd", "@echo what went wrong\n@exit /b 7");
        Add("package.msi", "no package");
        Add("good.cmd", "@exit /b 0");
        WineMachine machine = Machine();

        for (int start = 0; start < 4; start++) // one more than it takes
        {
            machine.Start(Runner(machine, "firstboot.log"));
        }

        Assert.Matches("^failed: bad failed 7 3, package failed [1-9][0-9]* 3, good done 0 1$", Result(machine));
        Assert.True(Directory.Exists(Runner(machine, "actions/0001-bad")));
        Assert.Equal(3, File.ReadAllText(Runner(machine, "logs/0001-bad.log")).Split("what went wrong").Length - 1);
        Assert.Contains("gave up, disabling the service", File.ReadAllText(Runner(machine, "firstboot.log")), StringComparison.Ordinal);
    }

    /// <summary>reagentc and dism are stand-ins that write down how they are called; what becomes of the image is by the script.</summary>
    [OracleTheory("wine", "wineserver", "hivexregedit")]
    [InlineData("", "/disable, mount, add vioscsi, add viostor, /Commit, /enable", "done: recovery-drivers done 0 1")]
    [InlineData("add", "/disable, mount, add vioscsi, add viostor, /Discard, /enable", "pending: recovery-drivers pending 1 1")]
    [InlineData("mount", "/disable, mount, /enable", "pending: recovery-drivers pending 1 1")]
    [InlineData("enable", "/disable, mount, add vioscsi, add viostor, /Commit, /enable, /enable", "pending: recovery-drivers pending 1 1")]
    [InlineData("disable", "/disable, mount, add vioscsi, add viostor, /Commit", "done: recovery-drivers done 0 1")]
    [InlineData("power", "/disable, mount, add vioscsi, add viostor, /Commit, /enable", "done: recovery-drivers done 0 1")]
    [InlineData("none", "/disable, /enable", "pending: recovery-drivers pending 1 1")]
    public void The_recovery_environment_gets_the_drivers_or_stays_as_it_is(string fails, string calls, string result)
    {
        _disk = Plans.Run(new GuestEditRequest
        {
            Layout = Plans.Probe(_disk), ImagePath = _disk, Actions = [RecoveryDrivers.For(Plans.Plan(_disk))],
        }).ImagePath;
        WineMachine machine = Machine();
        string image = Path.Combine(machine.WindowsRoot, "system32/Recovery/Winre.wim");
        Directory.CreateDirectory(Path.GetDirectoryName(image)!);
        if (fails == "power")
        {
            File.WriteAllText(Path.ChangeExtension(image, ".part"), "im"); // a copy that was cut off
        }

        if (fails != "none")
        {
            File.WriteAllText(image, "image");
        }

        string script = Runner(machine, "actions/0001-recovery-drivers/run.cmd");
        File.WriteAllText(script, WithStandIns(File.ReadAllText(script), machine, fails));

        machine.Start(Runner(machine, "firstboot.log"));

        Assert.Equal(calls, string.Join(", ", File.ReadAllLines(Path.Combine(machine.WindowsRoot, "calls.txt")).Select(line => DriverArgument().Replace(line, "$1"))));
        Assert.Equal(result, Result(machine));
        Assert.Equal(
            fails switch { "" or "disable" or "power" => "image with drivers", "none" => "", _ => "image" },
            File.Exists(image) ? File.ReadAllText(image).Trim() : "");
        Assert.False(File.Exists(Path.ChangeExtension(image, ".hyper2kvm")));
        Assert.False(File.Exists(Path.ChangeExtension(image, ".part")));
        Assert.False(Directory.Exists(Path.Combine(machine.WindowsRoot, "Hyper2Kvm/WinRE")));
    }

    private static string WithStandIns(string script, WineMachine machine, string fails)
    {
        string Tool(string name, string body)
        {
            File.WriteAllText(Path.Combine(machine.WindowsRoot, $"{name}.cmd"), $"@echo off\r\n{body.ReplaceLineEndings("\r\n")}");
            return $"call \"%SystemRoot%\\{name}.cmd\"";
        }

        string Fails(string step) => fails == step ? "1" : "0";
        string reagentc = Tool("reagentc", $"""
            >>%SystemRoot%\calls.txt echo %~1
            if "%~1"=="/disable" exit /b {Fails("disable")}
            exit /b {Fails("enable")}

            """);
        string dism = Tool("dism", $"""
            if "%~1"=="/Mount-Wim" goto mount
            if "%~1"=="/Unmount-Wim" goto unmount
            >>%SystemRoot%\calls.txt echo add %3
            exit /b {Fails("add")}
            :mount
            >>%SystemRoot%\calls.txt echo mount
            exit /b {Fails("mount")}
            :unmount
            >>%SystemRoot%\calls.txt echo %3
            if "%3"=="/Commit" >>%SystemRoot%\System32\Recovery\Winre.wim echo  with drivers
            exit /b 0

            """);
        return script.Replace("\"%REAGENTC%\"", reagentc, StringComparison.Ordinal).Replace("\"%DISM%\"", dism, StringComparison.Ordinal);
    }

    private void Add(string name, string content, string? arguments = null, string? additional = null, bool restartAfter = false)
    {
        string script = _folder.File(name);
        File.WriteAllText(script, content);
        if (additional is not null)
        {
            File.WriteAllText(_folder.File(additional), "beside\r\n");
        }

        _disk = Plans.Run(new GuestEditRequest
        {
            Layout = Plans.Probe(_disk),
            ImagePath = _disk,
            Actions = EditSteps.AddFirstBootAction(
                FirstBoot.FromFile(script, null, arguments, additional is null ? [] : [_folder.File(additional)], restartAfter)),
        }).ImagePath;
    }

    /// <summary>The machine with the folder of the guest and with its service; nothing of another test is left.</summary>
    private WineMachine Machine()
    {
        foreach (string old in (string[])["Hyper2Kvm", "system32/Recovery"])
        {
            if (Directory.Exists(Path.Combine(_machine.WindowsRoot, old)))
            {
                Directory.Delete(Path.Combine(_machine.WindowsRoot, old), recursive: true);
            }
        }

        File.Delete(Path.Combine(_machine.WindowsRoot, "calls.txt"));
        using DiskTree tree = DiskTree.Open(BrowseRoot.Parse(_disk));
        TreeCopier copier = new(tree, replace: false, SilentReporter.Instance, (_, exception) => throw exception, CancellationToken.None);
        _ = copier.Copy(@"\Windows\System32\config\SYSTEM", _folder.File("SYSTEM"), recurse: false).ToList();
        string exported = ForeignTool.RunOk(
            "hivexregedit", "--export", "--prefix", @"HKEY_LOCAL_MACHINE\SYSTEM", _folder.File("SYSTEM"), @"\ControlSet001\Services\Hyper2KvmFirstBoot");
        string file = _folder.File("service.reg");
        File.WriteAllText(file, exported.Replace("ControlSet001", "CurrentControlSet", StringComparison.Ordinal), Encoding.Unicode);

        // Any program is a start of the machine: the runner comes after it.
        _machine.Import(file);
        Assert.True(_machine.HasKey(Service));
        _ = copier.Copy(@"\Windows\Hyper2Kvm", _machine.WindowsRoot, recurse: true).ToList();
        WithoutLock(Path.Combine(_machine.WindowsRoot, @"Hyper2Kvm/FirstBoot/firstboot.cmd"));
        return _machine;
    }

    /// <summary>Wine's cmd.exe redirects the handles 1 and 2 only, and does nothing with a line that names another.</summary>
    private static void WithoutLock(string script)
    {
        string text = File.ReadAllText(script);
        Assert.Contains("call :main 9>running.lock\r\n", text, StringComparison.Ordinal);
        File.WriteAllText(script, text.Replace(" 9>running.lock", "", StringComparison.Ordinal));
    }

    private static string Runner(WineMachine machine, string path) => Path.Combine(machine.WindowsRoot, "Hyper2Kvm/FirstBoot", path);

    private static string Result(WineMachine machine)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Runner(machine, "result.json")));
        IEnumerable<string> actions = json.RootElement.GetProperty("actions").EnumerateArray().Select(action =>
            $"{action.GetProperty("name").GetString()![5..]} {action.GetProperty("state").GetString()} {action.GetProperty("exitCode").GetRawText()} {action.GetProperty("attempts")}");
        return $"{json.RootElement.GetProperty("state").GetString()}: {string.Join(", ", actions)}";
    }

    [GeneratedRegex(@"/Driver:.*\\(\w+)\.inf""?")]
    private static partial Regex DriverArgument();
}
