using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Guest;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Editing;

/// <summary>The change log: what it keeps, that it is read back, and what becomes of a damaged one.</summary>
public class ChangeLogTests
{
    [Fact]
    public void Each_edit_adds_one_line_that_is_read_back_as_it_was()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        GuestEditRequest request = Plans.Request(Plans.Plan(disk), disk);
        GuestEdit first = Plans.Run(request with { Actions = EditSteps.AddBootStartStorage(request.Plan!) });
        string hash = Hash(first.ImagePath);
        GuestEdit second = Plans.Run(request with { ImagePath = first.ImagePath, Actions = EditSteps.SetCriticalDeviceDatabase(request.Plan!) });

        Assert.Equal(first.ImagePath + ".h2kv.jsonl", first.LogPath);
        GuestEditRecord[] records = Read(disk);
        Assert.Equal([1, 2], records.Select(record => record.Line));
        Assert.Equal(records.Select(record => record.Time), records.Select(record => record.Time).Order());
        Assert.Equal(hash, records[0].ImageSha256);
        Assert.Equal(Hash(second.ImagePath), records[1].ImageSha256);
        Assert.All(records, record =>
        {
            Assert.Equal((disk, second.ImagePath), (record.SourcePath, record.ImagePath));
            Assert.Equal(new FileInfo(disk).Length, Assert.Single(record.SourceFiles).Length);
        });
        Assert.Equal(first.Changes, records[0].Changes);
        Assert.Equal(second.Changes, records[1].Changes);
        Assert.Equal(records[1].Changes, Read(second.LogPath!)[1].Changes);
        Assert.Equal(records[1].Line, Read(second.ImagePath)[1].Line);
    }

    /// <summary>Who reads the log later sees that a driver went in that Windows refuses; a package that it takes leaves no such trace.</summary>
    [Fact]
    public void An_override_of_a_refused_driver_is_in_the_log()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        GuestEditRequest request = Plans.Request(Plans.Plan(disk), disk);
        VirtioDriverPlan plan = request.Plan! with
        {
            Storage = [request.Plan!.Storage[0] with { SignatureObstacle = "'viostor.sys': it has no signature" }, request.Plan!.Storage[1] with { SignatureObstacle = null }],
        };

        Plans.Run(request with { Plan = plan, Actions = EditSteps.AddBootStartStorage(plan) });
        Plans.Run(request with { Plan = plan, Actions = EditSteps.SetCriticalDeviceDatabase(plan) });

        GuestEditRecord[] records = Read(disk);
        string note = Assert.Single(records[0].Warnings, warning => warning.Contains("-AllowUnsignedDriver", StringComparison.Ordinal));
        Assert.Contains("viostor", note, StringComparison.Ordinal);
        Assert.Contains("it has no signature", note, StringComparison.Ordinal);
        Assert.DoesNotContain(records[1].Warnings, warning => warning.Contains("-AllowUnsignedDriver", StringComparison.Ordinal));
    }

    [Fact]
    public void A_line_is_what_the_schema_says()
    {
        using TempFolder folder = new();
        DamagedDisk disk = new(folder);
        disk.Damage("NtfsLinkCountWrong");
        JsonNode schema = JsonNode.Parse(File.ReadAllText(SchemaPath))!;
        JsonNode line = JsonNode.Parse(File.ReadAllText(Plans.Edit(disk.Path).LogPath!))!;
        int objects = 0;
        Compare(schema, line, "$", ref objects);
        Assert.True(objects > 20);
    }

    /// <summary>An edit with findings, one in place, an undo of each kind; and a line with a member of the wrong type, which it must refuse.</summary>
    [PythonFact("jsonschema")]
    public void A_foreign_validator_finds_every_line_as_the_schema_says()
    {
        using TempFolder folder = new();
        DamagedDisk damaged = new(folder);
        damaged.Damage("NtfsLinkCountWrong");
        GuestEdit overlay = Plans.Edit(damaged.Path);
        Undo(damaged.Path);
        GuestEdit inPlace = Plans.Run(Plans.Request(Plans.Plan(damaged.Path), damaged.Path) with { InPlace = true });
        Undo(damaged.Path);
        string[] lines = [.. File.ReadAllLines(overlay.LogPath!), .. File.ReadAllLines(inPlace.LogPath!)];
        Assert.Equal(["Overlay", "Undo", "InPlace", "Undo"], lines.Select(line => (string)JsonNode.Parse(line)!["mode"]!));

        File.WriteAllLines(folder.File("lines"), [.. lines, lines[0].Replace("\"virtualSize\":", "\"virtualSize\":-", StringComparison.Ordinal)]);
        File.WriteAllText(folder.File("validate.py"), """
            import json, sys, jsonschema
            schema = json.load(open(sys.argv[1]))
            jsonschema.Draft202012Validator.check_schema(schema)
            validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
            for line in open(sys.argv[2]):
                print([error.message for error in validator.iter_errors(json.loads(line))])
            """);
        string[] verdicts = ForeignTool.RunOk(ForeignPython.Find("jsonschema")!, folder.File("validate.py"), SchemaPath, folder.File("lines"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.All(verdicts[..^1], verdict => Assert.Equal("[]", verdict));
        Assert.Contains("minimum", verdicts[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void An_undo_is_told_after_the_edits_that_it_took_back()
    {
        using TempFolder folder = new();
        string disk = new DamagedDisk(folder).Path;
        VirtioDriverPlan plan = Plans.Plan(disk);
        GuestEditRequest request = Plans.Request(plan, disk) with { InPlace = true };
        Plans.Run(request with { Actions = EditSteps.AddBootStartStorage(plan) });
        Plans.Run(request with { Actions = EditSteps.SetCriticalDeviceDatabase(plan) });
        Undo(disk);

        GuestEditRecord[] records = Read(disk);
        Assert.Equal(["InPlace", "InPlace", "Undo"], records.Select(record => record.Mode));
        GuestEditRecord undo = records[2];
        Assert.Equal((2, disk, disk), (undo.UndoneEdits, undo.ImagePath, undo.SourcePath));
        Assert.Equal((records[0].Partition, records[0].GuestHostName, records[0].Windows), (undo.Partition, undo.GuestHostName, undo.Windows));
        Assert.Equal(records[0].SourceFiles, undo.SourceFiles); // length, time and head are those of before the first edit

        // Without a log, as beside a disk that was moved, it is told all the same.
        Plans.Run(request);
        File.Delete(disk + ".h2kv.jsonl");
        Undo(disk);
        undo = Assert.Single(Read(disk));
        Assert.Equal(("Undo", 0, ""), (undo.Mode, undo.Partition, undo.GuestHostName));
    }

    [Fact]
    public void The_hashes_of_the_ranges_are_those_of_the_disk_before_and_after()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        GuestEdit edit = Plans.Edit(disk);
        using DiskImage before = ImageDetector.Open(disk);
        using DiskImage after = ImageDetector.Open(edit.ImagePath);

        IReadOnlyList<ChangedRange> ranges = Read(disk)[0].Ranges;

        Assert.Equal(edit.BytesChanged, ranges.Sum(range => range.Length));
        Assert.All(ranges, range =>
        {
            Assert.Equal(Hash(before, range), range.Before);
            Assert.Equal(Hash(after, range), range.After);
        });
        Assert.Contains(ranges, range => range.Before != range.After);
    }

    [Fact]
    public void What_writes_nothing_is_not_logged()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        Assert.Null(Plans.Run(Plans.Request(Plans.Plan(disk), disk) with { Preview = true }).LogPath);
        GuestEdit edit = Plans.Edit(disk);
        Assert.Null(Plans.Edit(disk).LogPath);
        Assert.Single(File.ReadAllLines(edit.LogPath!));
    }

    [Fact]
    public void A_torn_last_line_is_told_and_the_next_edit_starts_a_new_one()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        string log = Plans.Edit(disk).LogPath!;
        byte[] whole = File.ReadAllBytes(log);
        for (int cut = 1; cut < whole.Length - 1; cut += 997)
        {
            File.WriteAllBytes(log, [.. whole, .. whole[..cut]]);
            List<string> warnings = [];
            Assert.Single(ChangeLogReader.Read(log, error => Assert.Fail(error.Message), new Warnings(warnings)));
            Assert.Contains("cut off", Assert.Single(warnings), StringComparison.Ordinal);
        }

        LineFile.Append(log, whole);
        List<Hyper2KvmException> errors = [];
        Assert.Equal([1, 3], ChangeLogReader.Read(log, errors.Add, SilentReporter.Instance).Select(record => record.Line));
        DiskFormatException damaged = Assert.IsType<DiskFormatException>(Assert.Single(errors));
        Assert.Equal(("ChangeLogDamaged", whole.Length), (damaged.ErrorId, (int)damaged.Offset));
    }

    [Theory]
    [InlineData("{}", "ChangeLogDamaged")]
    [InlineData("[1]", "ChangeLogDamaged")]
    [InlineData("null", "ChangeLogDamaged")]
    [InlineData("{\"schema\":\"x\"}", "ChangeLogDamaged")]
    [InlineData("{\"schema\":1,\"source\":3}", "ChangeLogDamaged")]
    [InlineData("\u0000\u0001", "ChangeLogDamaged")]
    [InlineData("{\"schema\":2}", "ChangeLogVersion")]
    public void A_line_that_is_no_record_is_a_typed_error(string line, string id)
    {
        using TempFolder folder = new();
        string log = folder.File("x.h2kv.jsonl");
        File.WriteAllText(log, line + "\n\n");
        List<Hyper2KvmException> errors = [];
        Assert.Empty(ChangeLogReader.Read(log, errors.Add, SilentReporter.Instance));
        Assert.Equal(id, Assert.Single(errors).ErrorId);
    }

    [Fact]
    public void A_record_with_any_value_missing_or_of_another_type_is_a_typed_error()
    {
        using TempFolder folder = new();
        string log = Plans.Edit(Fixtures.Copy(Fixtures.SampleDisk, folder)).LogPath!;
        string good = File.ReadAllText(log);
        foreach (string name in new[] { "time", "user", "mode", "source", "files", "length", "sha256", "guest", "steps", "kind", "before", "ranges", "durationMs" })
        {
            int at = good.IndexOf($"\"{name}\":", StringComparison.Ordinal);
            foreach (string bad in new[] { good.Remove(at + 1, 1), good.Insert(at + name.Length + 3, "{\"x\":1},\"y\":") })
            {
                File.WriteAllText(log, bad);
                List<Hyper2KvmException> errors = [];
                Assert.Empty(ChangeLogReader.Read(log, errors.Add, SilentReporter.Instance));
                Assert.Equal("ChangeLogDamaged", Assert.Single(errors).ErrorId);
            }
        }
    }

    [Fact]
    public void A_disk_without_a_log_is_an_error()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        GuestItemNotFoundException error = Assert.Throws<GuestItemNotFoundException>(() => Read(disk));
        Assert.Equal("ChangeLogNotFound", error.ErrorId);
    }

    [Fact]
    public void A_log_that_cannot_be_written_is_a_warning_and_the_edit_stands()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        Directory.CreateDirectory(Path.ChangeExtension(disk, ".kvm.qcow2.h2kv.jsonl"));
        List<string> warnings = [];
        GuestEdit edit = GuestEditor.Run(Plans.Request(Plans.Plan(disk), disk), new Warnings(warnings), default);
        Assert.True(Plans.Probe(edit.ImagePath).IsVirtioBootReady);
        Assert.Contains(warnings, warning => warning.Contains("its record cannot be written", StringComparison.Ordinal));
    }

    [Fact]
    public void Whatever_a_guest_names_things_a_line_is_one_line_of_ascii()
    {
        string hostile = "a\u001B]0;x\u0007\r\n\u0000\"\\</script>\u2028\u202E\uD800\u009B31m ü";
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        string log = Plans.Edit(disk).LogPath!;
        GuestEditRecord record = Read(log)[0] with
        {
            GuestHostName = hostile,
            Changes = [new GuestChange(hostile, GuestChangeKind.FileAdded, hostile, null, hostile)],
            Warnings = [hostile],
        };
        byte[] line = EditRecordWriter.ToLine(record);
        Assert.All(line[..^1], b => Assert.InRange(b, (byte)0x20, (byte)0x7E));

        File.WriteAllBytes(log, line);
        GuestEditRecord back = Assert.Single(Read(log));
        Assert.Equal(hostile.Replace('\uD800', '\uFFFD'), back.GuestHostName);
        Assert.Null(back.Changes[0].Before);

        Assert.Equal(@"a\u001B]0;x\u0007\u000D\u000A\u0000""\</script>\u2028\u202E\uD800\u009B31m ü", PlainText.Escape(hostile));
        Assert.Equal("Grüße 😀", PlainText.Escape("Grüße 😀"));
    }

    [Fact]
    public void Damage_that_was_there_is_told_and_not_blamed_on_the_edit()
    {
        using TempFolder folder = new();
        DamagedDisk disk = new(folder);
        disk.Damage("NtfsLinkCountWrong");
        List<string> warnings = [];
        GuestEdit edit = GuestEditor.Run(Plans.Request(Plans.Plan(disk.Path), disk.Path), new Warnings(warnings), default);

        Assert.Equal("NtfsLinkCountWrong", Assert.Single(edit.Findings).Id);
        Assert.Contains(warnings, warning => warning.Contains("NtfsLinkCountWrong", StringComparison.Ordinal));
        Assert.Equal(edit.Findings, Read(edit.LogPath!)[0].Findings);
    }

    [Theory]
    [InlineData("NtfsClusterNotMarked")]
    [InlineData("NtfsClusterOwnedTwice")]
    public void Damage_by_which_an_edit_would_overwrite_other_files_is_refused(string id)
    {
        using TempFolder folder = new();
        DamagedDisk disk = new(folder);
        VirtioDriverPlan plan = Plans.Plan(disk.Path);
        disk.Damage(id);
        string before = Hash(disk.Path);

        Hyper2KvmException refusal = Assert.ThrowsAny<Hyper2KvmException>(() => Plans.Run(Plans.Request(plan, disk.Path)));

        Assert.Contains(refusal.ErrorId, (string[])["VolumeDamaged", "HiveDamaged"]);
        Assert.Equal(before, Hash(disk.Path));
        Assert.Equal([disk.Path], Directory.GetFiles(folder.Path));
    }

    /// <summary>Every object has what the schema asks for, and nothing that the schema does not name.</summary>
    private static void Compare(JsonNode schema, JsonNode? value, string place, ref int objects)
    {
        if (value is JsonArray items && schema["items"] is { } item)
        {
            foreach (JsonNode? element in items)
            {
                Compare(item, element, place + "[]", ref objects);
            }
        }
        else if (value is JsonObject content)
        {
            objects++;
            JsonObject properties = schema["properties"]!.AsObject();
            Assert.All(content, member => Assert.True(properties.ContainsKey(member.Key), $"{place}.{member.Key}"));
            Assert.All(schema["required"]!.AsArray(), name => Assert.True(content.ContainsKey((string)name!), $"{place}.{name}"));
            foreach ((string name, JsonNode? member) in content)
            {
                Compare(properties[name]!, member, $"{place}.{name}", ref objects);
            }
        }
    }

    private static string SchemaPath => Path.Combine(Repository.Root, "src/Hyper2Kvm.PowerShell/Data/guest-edit.schema.json");

    private static void Undo(string disk) => GuestUndo.Run(new GuestUndoRequest { ImagePath = disk }, SilentReporter.Instance);

    private static GuestEditRecord[] Read(string path) =>
        [.. ChangeLogReader.Read(path, error => Assert.Fail(error.Message), SilentReporter.Instance)];

    private static string Hash(string file) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))).ToLowerInvariant();

    private static string Hash(DiskImage device, ChangedRange range)
    {
        byte[] bytes = new byte[range.Length];
        device.Read(range.Offset, bytes);
        return Convert.ToHexString(SHA256.HashData(bytes)).ToLowerInvariant();
    }

    private sealed class Warnings(List<string> warnings) : IReporter
    {
        public void Verbose(string message)
        {
        }

        public void Warning(string message) => warnings.Add(message);

        public void Progress(string activity, string status, int percent)
        {
        }
    }
}
