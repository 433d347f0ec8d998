using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.Images;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Crash;

/// <summary>A process that edits a disk is killed from outside, wherever it writes: what it leaves is the old disk or the new one, byte
/// for byte, once the next run has looked at it, and that run works.</summary>
public class CrashTests
{
    private const int Seed = 7;
    private const int DiskBytes = 1 << 20;

    [OracleFact("gcc")]
    public void A_commit_in_place_that_is_killed_leaves_the_old_disk_or_the_new_one() => KillEverywhere("inplace", folder => NewDisk(folder));

    [OracleFact("gcc")]
    public void An_undo_in_place_that_is_killed_leaves_the_edited_disk_or_the_old_one() => KillEverywhere("undo", Edited);

    [OracleFact("gcc")]
    public void Taking_back_an_unfinished_edit_can_itself_be_killed() => KillEverywhere("undo", folder =>
    {
        string disk = NewDisk(folder);
        Assert.True(ChildProcess.KillAt("inplace", disk, Seed, 20, torn: true));
        Assert.True(File.Exists(new UndoStack(disk).Pending));
        return disk;
    });

    [OracleFact("gcc", "qemu-img")]
    public void An_overlay_that_is_killed_is_the_old_one_or_the_new_one() => KillEverywhere("overlay", folder => NewDisk(folder));

    [OracleFact("gcc", "qemu-img")]
    public void A_second_edit_of_an_overlay_that_is_killed_leaves_the_first_or_the_second() => KillEverywhere("overlay", folder =>
    {
        string disk = NewDisk(folder);
        Assert.Equal(0, ChildProcess.Run("overlay", disk, Seed + 1).ExitCode);
        return disk;
    });

    [OracleFact("gcc")]
    public void A_fault_of_the_host_in_a_commit_in_place_leaves_the_old_disk_or_the_new_one() => FailEverywhere("inplace", folder => NewDisk(folder));

    [OracleFact("gcc")]
    public void A_fault_of_the_host_in_an_undo_leaves_the_edited_disk_or_the_old_one() => FailEverywhere("undo", Edited);

    [OracleFact("gcc", "qemu-img")]
    public void A_fault_of_the_host_in_an_overlay_leaves_none_or_a_whole_one() => FailEverywhere("overlay", folder => NewDisk(folder));

    [OracleFact("gcc", "qemu-img")]
    public void A_whole_edit_of_a_guest_that_is_killed_leaves_the_old_disk_or_one_that_is_boot_ready()
    {
        using TempFolder made = new();
        string source = Raw(made);
        string before = EditedGuest.Hash(source);
        int survived = 0;
        int kills = 0;
        for (int call = 1; call <= (CrashFigures.IsSoak ? 40 : 4); call++)
        {
            using TempFolder folder = new();
            string disk = folder.File("guest.raw");
            File.Copy(source, disk);
            int at = call * (CrashFigures.IsSoak ? 3 : 11);
            kills += ChildProcess.KillAt("edit", disk, Seed, at, torn: call % 2 == 0) ? 1 : 0;
            bool wasPending = File.Exists(new UndoStack(disk).Pending);
            if (wasPending)
            {
                Assert.Equal(0, ChildProcess.Run("undo", disk, Seed).ExitCode);
            }

            Assert.True(EditedGuest.Hash(disk) == before || (!wasPending && Plans.Probe(disk).IsVirtioBootReady), $"killed at call {at}");
            (int exitCode, string error, _) = ChildProcess.Run("edit", disk, Seed);
            Assert.True(exitCode == 0, error);
            Assert.True(Plans.Probe(disk).IsVirtioBootReady);
            survived++;
        }

        CrashFigures.Report("kills", Math.Min(survived, kills), kills);
    }

    /// <summary>The record is written after the commit: the edit stands, the log is without the line or has a part of it, which the reader
    /// tells and the next line does not suffer from.</summary>
    [OracleTheory("gcc", "qemu-img")]
    [InlineData(false)]
    [InlineData(true)]
    public void A_kill_while_the_log_is_written_loses_no_more_than_that_line(bool torn)
    {
        using TempFolder folder = new();
        string disk = Raw(folder);
        string before = EditedGuest.Hash(disk);
        string log = disk + ".h2kv.jsonl";
        string[] calls = ChildProcess.Run("edit", disk, Seed, "tell").Calls;
        int write = Array.FindLastIndex(calls, call => call.EndsWith(" pwrite", StringComparison.Ordinal)) + 1;
        byte[] whole = File.ReadAllBytes(log);
        Assert.Equal(0, ChildProcess.Run("undo", disk, Seed).ExitCode);
        File.Delete(log);

        Assert.True(ChildProcess.KillAt("edit", disk, Seed, write, torn));

        long length = new FileInfo(log).Length;
        Assert.True(torn ? length > 0 && length < whole.Length : length == 0, $"{length} bytes of {whole.Length} are written");
        Assert.True(Plans.Probe(disk).IsVirtioBootReady);
        Assert.Empty(ChangeLogReader.Read(log, error => Assert.Fail(error.Message), SilentReporter.Instance));
        Assert.Equal(0, ChildProcess.Run("undo", disk, Seed).ExitCode);
        Assert.Equal(before, EditedGuest.Hash(disk));
        List<Hyper2KvmException> errors = [];
        Assert.Equal("Undo", Assert.Single(ChangeLogReader.Read(log, errors.Add, SilentReporter.Instance)).Mode);
        Assert.Equal(torn ? 1 : 0, errors.Count);
        CrashFigures.Report("kills", 1, 1);
    }

    [OracleTheory("gcc", "qemu-img")]
    [InlineData("readshort", 0, 0)] // each read gives only a part: all the same
    [InlineData("readeio", 1, 4)]
    [InlineData("readeio", 40, 4)]
    [InlineData("readeio", 400, 4)]
    [InlineData("readshrink", 2, 4)] // nothing more is there
    [InlineData("readshrink", 100, 4)]
    public void A_source_that_cannot_be_read_to_its_end_is_left_as_it_was(string kind, int at, int exitCode)
    {
        using TempFolder folder = new();
        string disk = Raw(folder);
        string before = EditedGuest.Hash(disk);

        (int code, string error, string[] calls) = ChildProcess.Run("edit", disk, Seed, kind, at);

        Assert.True(code == exitCode, error);
        Assert.True(exitCode == 0 ? Plans.Probe(disk).IsVirtioBootReady : EditedGuest.Hash(disk) == before && Directory.GetFiles(folder.Path).Length == 1);
        CrashFigures.Report("faults", 1, 1);
        Assert.True(exitCode == 0 || calls.Length > 0);
    }

    /// <summary>Stops before each call that changes the folder, and in the middle of each write; and, in the long run, wherever the process
    /// has come to when the parent hears of the n-th call.</summary>
    private static void KillEverywhere(string task, Func<TempFolder, string> prepare)
    {
        (string before, string after, int calls) = Outcomes(task, prepare);
        int step = CrashFigures.IsSoak ? 1 : Math.Max(1, calls / 6);
        int kills = 0;
        for (int call = 1; call <= calls; call += step)
        {
            foreach (int way in CrashFigures.IsSoak ? (int[])[0, 1, 2, 3, 4] : [call % 3, 3 - (call % 2)])
            {
                using TempFolder folder = new();
                string disk = prepare(folder);
                bool killed = way < 2
                    ? ChildProcess.KillAt(task, disk, Seed, call, torn: way == 1)
                    : ChildProcess.KillAfter(task, disk, Seed, call);

                // Who waits at a call is killed there; who goes on may have come to the end before the parent's turn.
                Assert.True(killed || way >= 2, $"came to its end before call {call}");
                kills += killed ? 1 : 0;
                CheckOutcome(task, disk, before, after, $"killed at call {call}, way {way}");
            }
        }

        CrashFigures.Report("kills", kills, kills);
    }

    /// <summary>Each call in its turn fails with EIO, with ENOSPC, or does only a part.</summary>
    private static void FailEverywhere(string task, Func<TempFolder, string> prepare)
    {
        (string before, string after, int calls) = Outcomes(task, prepare);
        int faults = 0;
        string[] kinds = ["eio", "enospc", "short"];
        for (int call = 1; call <= calls; call++)
        {
            foreach (string kind in CrashFigures.IsSoak ? kinds : [kinds[call % 3]])
            {
                if (!CrashFigures.IsSoak && calls > 12 && call % 4 != 0)
                {
                    continue;
                }

                using TempFolder folder = new();
                string disk = prepare(folder);
                (int exitCode, string error, string[] announced) = ChildProcess.Run(task, disk, Seed, kind, call);
                faults += announced.Length;
                Assert.True(exitCode is 0 or 3 or 4, $"{kind} at {call}: exit code {exitCode}: {error}");
                CheckOutcome(task, disk, before, after, $"{kind} at call {call}: {error}");
            }
        }

        CrashFigures.Report("faults", faults, faults);
        Assert.True(faults > 0);
    }

    /// <summary>What the folder's disk looks like before and after, and how many calls lie between.</summary>
    private static (string Before, string After, int Calls) Outcomes(string task, Func<TempFolder, string> prepare)
    {
        using TempFolder folder = new();
        string disk = prepare(folder);
        string before = State(task, disk);
        (int exitCode, string error, string[] calls) = ChildProcess.Run(task, disk, Seed, "tell");
        Assert.True(exitCode == 0, error);
        return (before, State(task, disk), calls.Length);
    }

    private static void CheckOutcome(string task, string disk, string before, string after, string what)
    {
        bool wasPending = File.Exists(new UndoStack(disk).Pending);
        if (wasPending)
        {
            // Nobody reads such a disk.
            Assert.Equal("EditUnfinished", Assert.Throws<GuestStateException>(() => ImageDetector.Open(disk)).ErrorId);
            (int undone, string said, _) = ChildProcess.Run("undo", disk, Seed);
            Assert.True(undone == 0, $"{what}: {said}");
        }

        string found = State(task, disk);
        string old = task == "undo" ? after : before;
        Assert.True(wasPending ? found == old : found == before || found == after, $"{what}: neither the old disk nor the new one");

        // The next run works: the same edit arrives, or the same undo.
        if (found != after)
        {
            (int exitCode, string error, _) = ChildProcess.Run(task, disk, Seed);
            Assert.True(exitCode == 0, $"{what}: {error}");
            Assert.True(State(task, disk) == after, $"{what}: the next run does not give the new disk");
        }

        Assert.DoesNotContain(Directory.GetFiles(Path.GetDirectoryName(disk)!), file => found != after && file.EndsWith(".tmp", StringComparison.Ordinal));
    }

    /// <summary>All bytes that count: of the disk, or of the overlay as QEMU sees it.</summary>
    private static string State(string task, string disk)
    {
        string hash = EditedGuest.Hash(disk);
        string overlay = OverlayCommit.DefaultDestination(disk);
        if (task != "overlay" || !File.Exists(overlay))
        {
            return hash;
        }

        Assert.Contains("No errors were found", ForeignTool.RunOk("qemu-img", "check", overlay), StringComparison.Ordinal);
        return $"{hash} {EditedGuest.Hash(overlay)}";
    }

    private static string NewDisk(TempFolder folder)
    {
        string disk = folder.File("disk.img");
        byte[] bytes = new byte[DiskBytes];
        new Random(1).NextBytes(bytes);
        File.WriteAllBytes(disk, bytes);
        return disk;
    }

    private static string Raw(TempFolder folder)
    {
        string disk = folder.File("guest.raw");
        ForeignTool.RunOk("qemu-img", "convert", "-O", "raw", Fixtures.SampleDisk, disk);
        return disk;
    }

    private static string Edited(TempFolder folder)
    {
        string disk = NewDisk(folder);
        Assert.Equal(0, ChildProcess.Run("inplace", disk, Seed).ExitCode);
        return disk;
    }
}
