using System.Text;
using System.Text.RegularExpressions;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Editing;

public sealed partial class FirstBootTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Actions_lie_in_the_guest_in_their_order_with_a_service_that_starts_them()
    {
        string disk = Fixtures.Copy(Fixtures.SampleDisk, _folder);
        GuestEdit first = Run(disk, File("one.cmd", "exit /b 0\n"));
        GuestEdit second = Run(first.ImagePath, File("two words.ps1", "exit 3010"), arguments: "-Level \"a b\"", additional: [Path("data.bin", "x")]);

        Assert.Contains(first.Changes, change => change.Target == @"\Windows\Hyper2Kvm\FirstBoot\actions\0001-one\script.cmd");
        Assert.Contains(second.Changes, change => change.Target == @"\Windows\Hyper2Kvm\FirstBoot\actions\0002-two-words\script.ps1");
        Assert.Contains(second.Changes, change => change.Target == @"\Windows\Hyper2Kvm\FirstBoot\actions\0002-two-words\data.bin");
        GuestChange image = Assert.Single(first.Changes, change => change.Target == @"HKLM\SYSTEM\ControlSet001\Services\Hyper2KvmFirstBoot\ImagePath");
        Assert.Contains(@"Hyper2Kvm\FirstBoot\firstboot.cmd", image.After!, StringComparison.Ordinal);
        Assert.All(
            second.Changes.Where(change => change.Target.StartsWith("HKLM", StringComparison.Ordinal)),
            change => Assert.Equal(GuestChangeKind.Unchanged, change.Kind));
    }

    [Fact]
    public void The_same_action_again_changes_nothing_and_another_of_its_name_replaces_it()
    {
        string disk = Fixtures.Copy(Fixtures.SampleDisk, _folder);
        GuestEdit first = Run(disk, File("one.cmd", "exit /b 0"));
        GuestEdit again = Run(first.ImagePath, File("one.cmd", "exit /b 0"));
        GuestEdit other = Run(first.ImagePath, File("one.cmd", "exit /b 1"));

        Assert.All(again.Changes, change => Assert.Equal(GuestChangeKind.Unchanged, change.Kind));
        Assert.Equal(
            [@"\Windows\Hyper2Kvm\FirstBoot\actions\0001-one\script.cmd"],
            other.Changes.Where(change => change.Kind != GuestChangeKind.Unchanged).Select(change => change.Target));
    }

    [Theory]
    [InlineData("a.msi", "msiexec.exe\" /i \"%~dp0package.msi\" /qn /norestart")]
    [InlineData("a.exe", "\"%~dp0setup.exe\"")]
    [InlineData("a.bat", "\"%ComSpec%\" /d /c \"\"%~dp0script.cmd\"\"")]
    [InlineData("a.ps1", "-ExecutionPolicy Bypass -File \"%~dp0script.ps1\"")]
    public void Each_kind_has_its_own_call(string file, string call)
    {
        FirstBootAction action = FirstBoot.FromFile(File(file, "x"), null, null, [], restartAfter: false);

        Assert.Contains(call, action.Run, StringComparison.Ordinal);
        Assert.EndsWith("exit /b %CODE%\r\n", action.Run, StringComparison.Ordinal);
        AssertBatch(action.Run);
    }

    [Fact]
    public void A_restart_is_asked_for_by_an_exit_code()
    {
        FirstBootAction action = FirstBoot.FromFile(File("a.msi", "x"), "agent", null, [], restartAfter: true);

        Assert.Contains("if \"%CODE%\"==\"0\" exit /b 1641\r\n", action.Run, StringComparison.Ordinal);
        Assert.Equal("FirstBoot-agent", action.Step);
        AssertBatch(action.Run);
    }

    [Fact]
    public void The_runner_is_plain_cmd()
    {
        AssertBatch(FirstBootRunner.Script);

        // What changes within a line must not be read in it: no block in parentheses reads a variable.
        Assert.DoesNotMatch(BlockThatReads(), FirstBootRunner.Script);
        Assert.Equal(FirstBootRunner.Service, ServiceName().Match(FirstBootRunner.Script).Groups[1].Value);
        Assert.EndsWith($@"{FirstBootRunner.Folder}\{FirstBootRunner.FileName}", FirstBootRunner.ImagePath, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/x & calc", "FirstBootArgumentInvalid")]
    [InlineData("%PATH%", "FirstBootArgumentInvalid")]
    [InlineData("\"open", "FirstBootArgumentInvalid")]
    [InlineData("a\nb", "FirstBootArgumentInvalid")]
    [InlineData("ü", "FirstBootArgumentInvalid")]
    public void Arguments_that_cmd_would_act_upon_are_refused(string arguments, string id) =>
        AssertRefused(id, () => FirstBoot.FromFile(File("a.cmd", "x"), null, arguments, [], false));

    [Fact]
    public void What_cannot_run_is_refused()
    {
        AssertRefused("FirstBootKindUnknown", () => FirstBoot.FromFile(File("a.vbs", "x"), null, null, [], false));
        AssertRefused("FirstBootNameInvalid", () => FirstBoot.FromFile(File("a.cmd", "x"), @"..\evil", null, [], false));
        AssertRefused("FirstBootNameInvalid", () => FirstBoot.FromFile(File("ü.cmd", "x"), null, null, [], false));
        AssertRefused("FirstBootFileNameTaken", () => FirstBoot.FromFile(File("a.cmd", "x"), null, null, [Path("RUN.cmd", "x")], false));
        string utf16 = Path("wide.cmd", "");
        System.IO.File.WriteAllBytes(utf16, Encoding.Unicode.GetBytes("exit"));
        AssertRefused("FirstBootScriptEncoding", () => FirstBoot.FromFile(utf16, null, null, [], false));
    }

    [Fact]
    public void Batch_files_get_what_cmd_needs()
    {
        string path = Path("unix.cmd", "");
        System.IO.File.WriteAllBytes(path, [.. Encoding.UTF8.Preamble, .. "@echo off\nexit /b 0\n"u8]);

        byte[] content = FirstBoot.FromFile(path, null, null, [], false).Files[0].Content;

        Assert.Equal("@echo off\r\nexit /b 0\r\n"u8.ToArray(), content);
    }

    [Fact]
    public void Only_scripts_for_PowerShell_need_it()
    {
        FirstBootAction action = FirstBoot.FromFile(File("a.ps1", "x"), null, null, [], false);

        Assert.True(action.NeedsPowerShell);
        Assert.False(FirstBoot.FromFile(File("a.cmd", "x"), null, null, [], false).NeedsPowerShell);
    }

    /// <summary>ASCII, Windows line ends, every label that is gone to is there once.</summary>
    internal static void AssertBatch(string text)
    {
        Assert.All(text, c => Assert.True(char.IsAscii(c)));
        Assert.Equal(text.Count(c => c == '\n'), Regex.Count(text, "\r\n"));
        string[] labels = [.. Regex.Matches(text, @"(?m)^:(\w+)").Select(match => match.Groups[1].Value)];
        Assert.Equal(labels.Length, labels.Distinct().Count());
        Assert.All(Regex.Matches(text, @"(?:goto|call :)\s*(\w+)"), match => Assert.Contains(match.Groups[1].Value, labels));
        Assert.All(text.Split("\r\n"), line => Assert.True(line.StartsWith("rem ", StringComparison.Ordinal) || line.Count(c => c == '"') % 2 == 0, line));
    }

    private static void AssertRefused(string id, Action action) =>
        Assert.Equal(id, Assert.ThrowsAny<Hyper2KvmException>(action).ErrorId);

    private static GuestEdit Run(string disk, string file, string? arguments = null, string[]? additional = null) => Plans.Run(new GuestEditRequest
    {
        Layout = Plans.Probe(disk),
        ImagePath = disk,
        Actions = EditSteps.AddFirstBootAction(FirstBoot.FromFile(file, null, arguments, additional ?? [], false)),
    });

    private string File(string name, string content) => Path(name, content);

    private string Path(string name, string content)
    {
        string path = _folder.File(name);
        System.IO.File.WriteAllText(path, content);
        return path;
    }

    [GeneratedRegex(@"(?m)^(?!rem ).*\([^)\n]*%\w+%[^)\n]*\)")]
    private static partial Regex BlockThatReads();

    [GeneratedRegex("set \"SERVICE=(\\w+)\"")]
    private static partial Regex ServiceName();
}
