using System.Text.Json.Nodes;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Conversion;
using Hyper2Kvm.Migration;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Migration;

/// <summary>What is done is not done again, what is missing is, and the file that says so is somebody else's bytes.</summary>
public sealed class MigrationStateTests
{
    [Fact]
    public void A_second_run_writes_nothing_and_says_the_same()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        MigrationSettings settings = Converting(folder);
        KvmMigration first = Migrations.Good(Migrations.Run(disk, settings));
        string before = Migrations.Snapshot(folder.Path);

        KvmMigration second = Migrations.Good(Migrations.Run(disk, settings));

        Assert.Equal((KvmMigrationState.Completed, KvmMigrationState.Unchanged), (first.State, second.State));
        Assert.Equal(before, Migrations.Snapshot(folder.Path));
        Assert.Equal(first.Changes, second.Changes);
        Assert.Equal(first.Domains.Select(domain => domain.Text), second.Domains.Select(domain => domain.Text));
        Assert.Equal(first.Conversions.Select(conversion => conversion.Destination), second.Conversions.Select(conversion => conversion.Destination));
        Assert.Equal((first.ImagePath, first.BackupPath, first.Undo), (second.ImagePath, second.BackupPath, second.Undo));
        Assert.Equal(first.Warnings, second.Warnings);
        Assert.All(second.Stages.Where(stage => stage.Step != KvmMigrationStep.Inspect), stage => Assert.NotEqual(KvmMigrationStageState.Done, stage.State));
    }

    [Fact]
    public void A_run_that_was_interrupted_goes_on_where_it_stopped()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        MigrationSettings settings = Converting(folder);
        using (CancellationTokenSource stop = new())
        {
            Assert.Throws<OperationCanceledException>(() => Migrations.Run(disk, settings, new StopAt(KvmMigrationStep.Convert, stop), stop.Token));
        }

        string overlay = EditedGuest.Hash(folder.File("out/sample-win2022.kvm.qcow2"));
        KvmMigration result = Migrations.Good(Migrations.Run(disk, settings with { Resume = true }));

        Assert.Equal(KvmMigrationState.Completed, result.State);
        Assert.Equal(KvmMigrationStageState.DoneBefore, result.Stage(KvmMigrationStep.Fix).State);
        Assert.Equal(KvmMigrationStageState.DoneBefore, result.Stage(KvmMigrationStep.Domains).State);
        Assert.Equal(KvmMigrationStageState.Done, result.Stage(KvmMigrationStep.Convert).State);
        Assert.Equal(overlay, EditedGuest.Hash(folder.File("out/sample-win2022.kvm.qcow2")));
        Assert.True(Plans.Probe(result.ImagePath!).IsVirtioBootReady);
        Assert.Equal(folder.File("out/sample-win2022-kvm.qcow2"), result.ImagePath);
    }

    [Fact]
    public void A_run_that_finds_all_done_completes_the_state_of_one_that_failed()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        MigrationSettings settings = Migrations.Settings(folder.File("out"));
        MigrationOutcome failed = Migrations.Run(disk, settings with { BootTest = new MigrationBootTest { QemuPath = folder.File("no-qemu") } });
        Assert.Equal("ProgramNotFound", failed.Result.ErrorId);
        Assert.False(MigrationStateFile.Read(failed.Result.StatePath!)!.IsComplete);

        Assert.Equal(KvmMigrationState.Unchanged, Migrations.Good(Migrations.Run(disk, settings with { Resume = true })).State);
        Assert.True(MigrationStateFile.Read(failed.Result.StatePath!)!.IsComplete);
        Assert.Equal(KvmMigrationState.Unchanged, Migrations.Good(Migrations.Run(disk, settings)).State);
    }

    [Fact]
    public void A_stage_whose_file_is_gone_is_done_again()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        KvmMigration first = Migrations.Good(Migrations.Run(disk, Migrations.Settings()));
        File.Delete(first.Domains[1].Path!);

        KvmMigration second = Migrations.Good(Migrations.Run(disk, Migrations.Settings()));

        Assert.Equal(KvmMigrationStageState.DoneBefore, second.Stage(KvmMigrationStep.Fix).State);
        Assert.Equal(KvmMigrationStageState.Done, second.Stage(KvmMigrationStep.Domains).State);
        Assert.True(File.Exists(first.Domains[1].Path));
    }

    [Fact]
    public void A_stage_whose_settings_are_others_is_done_again()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        Migrations.Good(Migrations.Run(disk, Migrations.Settings(folder.File("out"))));

        KvmMigration second = Migrations.Good(Migrations.Run(disk, Converting(folder) with
        {
            Domain = Migrations.Settings().Domain with { Name = "other" },
        }));

        Assert.Equal(KvmMigrationStageState.DoneBefore, second.Stage(KvmMigrationStep.Fix).State);
        Assert.Equal(KvmMigrationStageState.Done, second.Stage(KvmMigrationStep.Domains).State);
        Assert.Equal(KvmMigrationStageState.Done, second.Stage(KvmMigrationStep.Convert).State);
    }

    [Fact]
    public void A_first_boot_script_that_is_another_now_is_put_in_again()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        string script = folder.File("setup.cmd");
        File.WriteAllText(script, "echo one");
        MigrationSettings settings = Migrations.Settings(folder.File("out")) with { FirstBootFiles = [script] };
        Migrations.Good(Migrations.Run(disk, settings));
        Assert.Equal(KvmMigrationState.Unchanged, Migrations.Good(Migrations.Run(disk, settings)).State);

        File.WriteAllText(script, "echo another");
        Assert.Equal(KvmMigrationStageState.Done, Migrations.Good(Migrations.Run(disk, settings)).Stage(KvmMigrationStep.Fix).State);
    }

    [Fact]
    public void Other_driver_rules_are_other_settings()
    {
        MigrationSettings settings = Migrations.Settings();
        MigrationSettings others = settings with { Rules = settings.Rules! with { Layouts = [.. settings.Rules.Layouts, "{driver}"] } };
        Assert.Equal(settings.HashFor(KvmMigrationStep.Fix), Migrations.Settings().HashFor(KvmMigrationStep.Fix));
        Assert.NotEqual(settings.HashFor(KvmMigrationStep.Fix), others.HashFor(KvmMigrationStep.Fix));
        Assert.NotEqual(settings.HashFor(KvmMigrationStep.Fix), (settings with { Partition = 3 }).HashFor(KvmMigrationStep.Fix));
    }

    [Fact]
    public void Drivers_of_other_devices_are_laid_ready_and_another_choice_is_made_again()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        MigrationSettings settings = Migrations.Settings(folder.File("out"));
        Assert.DoesNotContain(Migrations.Good(Migrations.Run(disk, settings)).Changes, IsNetkvm);

        MigrationSettings network = settings with { Devices = [VirtioDevice.Network] };
        Assert.Contains(Migrations.Good(Migrations.Run(disk, network)).Changes, IsNetkvm);
        Assert.Equal(KvmMigrationState.Unchanged, Migrations.Good(Migrations.Run(disk, network)).State);
        Assert.Equal("DriverNotInSource", Migrations.Run(disk, settings with { Devices = [VirtioDevice.Rng], Force = true }).Result.ErrorId);

        static bool IsNetkvm(GuestChange change) =>
            change.Kind == GuestChangeKind.FileAdded && change.Target.EndsWith(@"\netkvm.sys", StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_that_cannot_be_planned_leaves_nothing()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        string before = Migrations.Snapshot(folder.Path);
        MigrationOutcome outcome = Migrations.Run(disk, Migrations.Settings() with { DriverSource = null });
        Assert.Equal("DriverSourceMissing", outcome.Result.ErrorId);
        Assert.Null(outcome.Result.StatePath);
        Assert.Equal(before, Migrations.Snapshot(folder.Path));
    }

    [Fact]
    public void A_source_that_has_changed_is_refused()
    {
        using TempFolder folder = new();
        string disk = Fixtures.Copy(Fixtures.SampleDisk, folder);
        Migrations.Good(Migrations.Run(disk, Migrations.Settings(folder.File("out"))));
        File.SetLastWriteTimeUtc(disk, DateTime.UtcNow.AddMinutes(1));
        string before = Migrations.Snapshot(folder.Path);

        Assert.Equal("MigrationSourceChanged", Migrations.Run(disk, Migrations.Settings(folder.File("out"))).Result.ErrorId);
        Assert.Equal(before, Migrations.Snapshot(folder.Path));
        Assert.Equal(KvmMigrationState.Completed, Migrations.Good(Migrations.Run(disk, Migrations.Settings(folder.File("out")) with { Force = true })).State);
    }

    [Fact]
    public void Another_machines_state_is_refused()
    {
        using TempFolder folder = new();
        using TempFolder other = new();
        Migrations.Good(Migrations.Run(Fixtures.Copy(Fixtures.SampleDisk, folder), Migrations.Settings(folder.File("out"))));
        Assert.Equal("MigrationStateForeign", Migrations.Run(Fixtures.Copy(Fixtures.SampleDisk, other), Migrations.Settings(folder.File("out"))).Result.ErrorId);
    }

    [Theory]
    [InlineData("{}", "MigrationStateDamaged")]
    [InlineData("[1,2]", "MigrationStateDamaged")]
    [InlineData("not JSON", "MigrationStateDamaged")]
    [InlineData("{\"schema\":99}", "MigrationStateVersion")]
    [InlineData("{\"schema\":99999999999999}", "MigrationStateDamaged")]
    public void A_state_that_is_none_is_refused(string text, string errorId)
    {
        using TempFolder folder = new();
        File.WriteAllText(folder.File("x.json"), text);
        Assert.Equal(errorId, Assert.ThrowsAny<Hyper2KvmException>(() => MigrationStateFile.Read(folder.File("x.json"))).ErrorId);
    }

    /// <summary>Each value in turn becomes something else: read as a state or refused by name, and no name leads out of the folder.</summary>
    [Fact]
    public void A_state_that_somebody_has_changed_leads_nowhere()
    {
        using TempFolder folder = new();
        KvmMigration result = Migrations.Good(Migrations.Run(Fixtures.Copy(Fixtures.SampleDisk, folder), Converting(folder)));
        string state = result.StatePath!;
        JsonNode root = JsonNode.Parse(File.ReadAllText(state))!;
        foreach (string name in (string[])["../elsewhere", "/etc/passwd", "..", "", "a\\b", "C:x"])
        {
            root["backup"] = name;
            File.WriteAllText(state, root.ToJsonString());
            Assert.Equal("MigrationStateDamaged", Assert.Throws<DiskFormatException>(() => MigrationStateFile.Read(state)).ErrorId);
        }

        JsonNode whole = JsonNode.Parse(File.ReadAllText(state))!;
        whole["backup"] = null;
        int refused = 0;
        foreach (string member in whole.AsObject().Select(pair => pair.Key).ToArray())
        {
            foreach (JsonNode? value in (JsonNode?[])[null, 7, -1, 1e300, "x", new JsonArray(1, "x"), new JsonObject()])
            {
                JsonNode changed = whole.DeepClone();
                changed[member] = value?.DeepClone();
                File.WriteAllText(state, changed.ToJsonString());
                try
                {
                    _ = MigrationStateFile.Read(state);
                }
                catch (Hyper2KvmException)
                {
                    refused++;
                }
            }
        }

        Assert.InRange(refused, 60, 84);
    }

    [OracleFact("jsonschema")]
    public void The_schema_describes_the_file()
    {
        using TempFolder folder = new();
        KvmMigration result = Migrations.Good(Migrations.Run(Fixtures.Copy(Fixtures.SampleDisk, folder), Converting(folder)));
        string schema = Path.Combine(Repository.Root, "src/Hyper2Kvm.PowerShell/Data/migration-state.schema.json");
        ForeignTool.RunOk("jsonschema", "-i", result.StatePath!, schema);
        string other = folder.File("other.json");
        File.WriteAllText(other, File.ReadAllText(result.StatePath!).Replace("\"complete\": true", "\"complete\": 1", StringComparison.Ordinal));
        Assert.NotEqual(0, ForeignTool.Run("jsonschema", "-i", other, schema).ExitCode);
    }

    private static MigrationSettings Converting(TempFolder folder) => Migrations.Settings(folder.File("out")) with
    {
        Conversion = new ConversionSettings(ImageFormat.Qcow2),
    };

    /// <summary>Stands for a user who presses Ctrl+C when a stage begins.</summary>
    private sealed class StopAt(KvmMigrationStep step, CancellationTokenSource stop) : IReporter
    {
        public void Verbose(string message)
        {
        }

        public void Warning(string message)
        {
        }

        public void Progress(string activity, string status, int percent)
        {
            if (status.StartsWith($"{step}", StringComparison.Ordinal))
            {
                stop.Cancel();
            }
        }
    }
}
