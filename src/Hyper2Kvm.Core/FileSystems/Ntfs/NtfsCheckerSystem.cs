using System.Globalization;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>Checks what exists once on a volume: copies of the boot sector and the first file records, flags, log, letters.</summary>
internal static class NtfsCheckerSystem
{
    private const int MirroredRecords = 4;
    private const int BiosParametersStart = 0x0B;
    private const int BiosParametersEnd = 0x50;
    private const int MostTailBits = 1 << 20;
    private const ushort DirtyFlag = 0x0001;

    public static void Check(NtfsCheckerContext context)
    {
        CheckBackupBootSector(context);
        CheckMirror(context);
        CheckVolume(context);
        CheckLog(context);
        CheckBadClusters(context);
        CheckBitmapTail(context);
        for (char letter = 'a'; letter <= 'z'; letter++)
        {
            if (context.Upcase[letter] != letter - 'a' + 'A' || context.Upcase[letter - 'a' + 'A'] != letter - 'a' + 'A')
            {
                context.Findings.Add("NtfsUpcaseDamaged", "$UpCase", "a letter from a to z has another upper-case letter");
            }
        }

        if (context.RecordBitCount < context.RecordCount)
        {
            context.Findings.Add("NtfsMftBitmapWrong", "$MFT", "its bitmap is shorter than the table");
        }

        if (context.ClusterBitmap.Length * 8 < context.Boot.ClusterCount)
        {
            context.Findings.Add("NtfsBitmapTooShort", "$Bitmap",
                string.Create(CultureInfo.InvariantCulture, $"{context.ClusterBitmap.Length} bytes for {context.Boot.ClusterCount} clusters"));
        }
    }

    /// <summary>$BadClus:$Bad covers the volume: a hole, with runs where clusters are bad.</summary>
    private static void CheckBadClusters(NtfsCheckerContext context)
    {
        if (context.LoadFile(FileReference.BadClustersNumber)?.Find(AttributeType.Data, "$Bad") is not { } bad || bad.EndVcn != context.Boot.ClusterCount)
        {
            context.Findings.Add("NtfsBadClustersWrong", "$BadClus", "its stream $Bad does not cover the volume's clusters");
        }
    }

    /// <summary>Bits behind the last cluster are set, so that nobody takes those.</summary>
    private static void CheckBitmapTail(NtfsCheckerContext context)
    {
        long first = context.Boot.ClusterCount;
        long clear = context.ClusterBits.FindClear(first, Math.Clamp((context.ClusterBitmap.Length * 8) - first, 0, MostTailBits));
        if (clear >= 0)
        {
            context.Findings.Add("NtfsBitmapTailWrong", "$Bitmap",
                string.Create(CultureInfo.InvariantCulture, $"cluster {clear} is free, but the volume has only {first}"));
        }
    }

    private static void CheckBackupBootSector(NtfsCheckerContext context)
    {
        byte[] first = new byte[NtfsBootSector.Size];
        context.Device.Read(0, first);
        long place = Le.I64(first, 0x28) * context.Boot.SectorSize;
        if (place > context.Device.Length - first.Length)
        {
            return;
        }

        byte[] backup = new byte[NtfsBootSector.Size];
        context.Device.Read(place, backup);
        if (!first.AsSpan(BiosParametersStart..BiosParametersEnd).SequenceEqual(backup.AsSpan(BiosParametersStart..BiosParametersEnd)))
        {
            context.Findings.Add("NtfsBackupBootSectorDiffers", "backup boot sector", "its parameters are not those of the boot sector");
        }
    }

    private static void CheckMirror(NtfsCheckerContext context)
    {
        int size = context.Boot.FileRecordSize * MirroredRecords;
        byte[] records = new byte[size];
        byte[] copies = new byte[size];
        context.ReadRecords(0, records);
        if (context.LoadFile(FileReference.MirrorNumber)?.Find(AttributeType.Data, "") is not { DataSize: var length } data || length < size)
        {
            context.Findings.Add("NtfsMirrorDiffers", "$MFTMirr", "it does not hold the first four file records");
            return;
        }

        context.Open(data).Read(0, copies);
        for (int i = 0; i < MirroredRecords; i++)
        {
            Range range = (i * context.Boot.FileRecordSize)..((i + 1) * context.Boot.FileRecordSize);
            if (!records.AsSpan(range).SequenceEqual(copies.AsSpan(range)))
            {
                context.Findings.Add("NtfsMirrorDiffers", NtfsCheckerRecord.PlaceOf(i), "its copy in $MFTMirr is not like it");
            }
        }

        if (data.Runs.Count == 0 || data.Runs[0].Lcn != context.Boot.MftMirrorLcn)
        {
            context.Findings.Add("NtfsMirrorDiffers", "boot sector", "it names another place of $MFTMirr");
        }
    }

    private static void CheckVolume(NtfsCheckerContext context)
    {
        if (context.LoadFile(FileReference.VolumeNumber)?.Find(AttributeType.VolumeInformation, "")?.Value is not { Length: >= 0x0C } value)
        {
            context.Findings.Add("NtfsVolumeInformationDamaged", "$Volume", "it has no volume information of 12 bytes");
        }
        else if ((Le.U16(value, 0x0A) & DirtyFlag) != 0)
        {
            context.Findings.Add("NtfsVolumeDirty", "$Volume", "the volume is marked dirty");
        }
    }

    private static void CheckLog(NtfsCheckerContext context)
    {
        try
        {
            LogFileState state = context.LoadFile(FileReference.LogFileNumber)?.Find(AttributeType.Data, "") is { } data
                ? LogFileReader.Read(context.Open(data))
                : LogFileState.Damaged;
            if (state is LogFileState.Damaged)
            {
                context.Findings.Add("NtfsLogDamaged", "$LogFile", "it has no restart page that can be read");
            }
            else if (state is not (LogFileState.Clean or LogFileState.Empty))
            {
                context.Findings.Add("NtfsLogNotClean", "$LogFile", $"its state is {state}");
            }
        }
        catch (DiskFormatException error)
        {
            context.Findings.Add(error.ErrorId, "$LogFile", error.Message);
        }
    }
}
