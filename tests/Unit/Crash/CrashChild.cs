using System.Globalization;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing;
using Hyper2Kvm.Editing.Commit;
using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Conversion;
using Hyper2Kvm.Migration;
using Hyper2Kvm.Unit.Conversion;
using Hyper2Kvm.Unit.Migration;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Crash;

/// <summary>What the child process does: one call into the product. Exit code 0: done; 3: a typed error; 4: an error of the host.</summary>
internal static class CrashChild
{
    /// <summary>The time of all edits, so that the same edit gives the same bytes.</summary>
    private static readonly DateTime s_time = new(2026, 1, 2, 3, 4, 6, DateTimeKind.Utc);

    public static int Run(string[] arguments)
    {
        if (arguments is not [string task, string disk, string seed])
        {
            Console.Error.WriteLine("TASK DISK SEED");
            return 2;
        }

        try
        {
            Do(task, disk, int.Parse(seed, CultureInfo.InvariantCulture));
            return 0;
        }
        catch (Hyper2KvmException exception)
        {
            Console.Error.WriteLine($"{exception.ErrorId}: {exception.Message}");
            return 3;
        }
        catch (IOException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return 4;
        }
    }

    private static void Do(string task, string disk, int seed)
    {
        switch (task)
        {
            case "inplace":
                CommitInPlace(disk, seed);
                break;
            case "overlay":
                CommitOverlay(disk, seed);
                break;
            case "undo":
                GuestUndo.Run(new GuestUndoRequest { ImagePath = disk }, SilentReporter.Instance);
                break;
            case "migrate":
                Migrate(disk);
                break;
            case "convert":
                Conversions.Run(disk, disk + ".qcow2", KilledConversionTests.Settings((ImageCompression)seed), verify: false, resume: true);
                break;
            case "stray":
                File.WriteAllText(Path.Combine(Path.GetDirectoryName(disk)!, "..", Path.GetRandomFileName()), "");
                break;
            case "edit":
                Plans.Run(Plans.Request(Plans.Plan(disk), disk) with { InPlace = true });
                break;
            default:
                throw new ArgumentException(task, nameof(task));
        }
    }

    /// <summary>The edit of a guest without the guest: changes all over the disk that depend on the seed alone.</summary>
    private static OverlayBlockDevice Changed(DiskImage image, int seed)
    {
        OverlayBlockDevice overlay = new(image);
        Random random = new(seed);
        for (int i = 0; i < 24; i++)
        {
            byte[] bytes = new byte[random.Next(1, 9000)];
            random.NextBytes(bytes);
            overlay.Write(random.NextInt64(0, image.Length - bytes.Length), bytes);
        }

        overlay.Freeze();
        return overlay;
    }

    private static void CommitInPlace(string disk, int seed)
    {
        if (File.Exists(new UndoStack(disk).Pending))
        {
            InPlaceUndo.TakeBackUnfinished(disk);
        }

        DiskImage image = ImageDetector.Open(disk);
        using EditLock held = EditLock.Take(image);
        UndoJournal? journal = InPlaceCommit.Plan(image, Changed(image, seed), s_time);
        image.Dispose();
        if (journal is not null)
        {
            InPlaceCommit.Write(disk, journal, held);
        }
    }

    /// <summary>All that the product can make of a guest: edits, copies of its boot store, domains of every kind, a converted disk.</summary>
    private static void Migrate(string disk)
    {
        foreach (KvmDomainKind kind in Enum.GetValues<KvmDomainKind>())
        {
            MigrationSettings settings = Migrations.Settings() with
            {
                NetworkPolicy = NetworkPolicy.Preserve,
                RemoveGhostAdapters = true,
                RepairBcd = true,
                Conversion = new ConversionSettings(ImageFormat.Qcow2),
                Force = true,
                OutputDirectory = Path.Combine(Path.GetDirectoryName(disk)!, $"{kind}"),
            };
            MigrationOutcome outcome = Migrations.Run(disk, settings with { Domain = settings.Domain with { Kind = kind } });
            if (outcome.Fault is { } fault)
            {
                throw fault;
            }
        }
    }

    private static void CommitOverlay(string disk, int seed)
    {
        string target = OverlayCommit.DefaultDestination(disk);
        using DiskImage image = ImageDetector.Open(File.Exists(target) ? target : disk);
        using EditLock held = EditLock.Take(image);
        OverlayCommit.Write(image, Changed(image, seed), target, replace: false, s_time, (_, _) => { }, image.Dispose);
    }
}
