using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>Spreads a file's attributes over as many file records as they need, and keeps its attribute list in step.</summary>
/// <remarks>Nothing moves while everything fits. Else what is largest and not resident moves first, names last; standard
/// information, the attribute list and an index root stay where they are, and so does the first part of $MFT's data.</remarks>
internal static class RecordLayout
{
    private const int MaxMoves = 4096;
    private const int MaxListBytes = 256 * 1024;

    /// <exception cref="UnsupportedFeatureException"><c>NtfsRecordFull</c>: the attributes cannot be placed.</exception>
    public static void Fit(WriteContext context, FileEditor file)
    {
        DropEmpty(context, file);
        for (int moves = 0; moves < MaxMoves; moves++)
        {
            UpdateList(context, file, inClusters: false);
            RecordBuffer? full = file.Records.Find(record => record.Free < 0);
            if (full is null)
            {
                return;
            }

            if (!MoveOut(context, file, full))
            {
                UpdateList(context, file, inClusters: true);
                if (full.Free < 0)
                {
                    break;
                }
            }
        }

        throw new UnsupportedFeatureException(
            "NtfsRecordFull", "a file with so many attributes or pieces", MasterFileTable.Name(file.Base.Number), "Defragment the volume in the guest.");
    }

    private static void DropEmpty(WriteContext context, FileEditor file)
    {
        for (int i = file.Records.Count - 1; i > 0; i--)
        {
            if (file.Records[i].Attributes.Count == 0)
            {
                context.Records.Free(file.Records[i].Number);
                file.Records.RemoveAt(i);
            }
        }
    }

    private static bool MoveOut(WriteContext context, FileEditor file, RecordBuffer full)
    {
        int victim = ChooseVictim(file, full);
        if (victim < 0)
        {
            return false;
        }

        byte[] attribute = full.Attributes[victim];
        int limit = full.Capacity;
        bool alone = full != file.Base && full.Attributes.Count == 1;
        bool whole = !alone && attribute.Length <= limit;
        if (!whole && new AttributeView(attribute) is not { IsNonResident: true, Flags: 0 })
        {
            return false;
        }

        full.Attributes.RemoveAt(victim);
        if (whole)
        {
            Place(context, file, full, attribute);
            return true;
        }

        (byte[] head, byte[] tail) = Split(context, file, attribute, limit);
        Place(context, file, alone ? null : full, head);
        PlaceParts(context, file, full, tail, limit);
        return true;
    }

    /// <summary>Puts an attribute that may itself be too long into extension records.</summary>
    private static void PlaceParts(WriteContext context, FileEditor file, RecordBuffer full, byte[] attribute, int limit)
    {
        while (attribute.Length > limit)
        {
            (byte[] head, attribute) = Split(context, file, attribute, limit);
            Place(context, file, full, head);
        }

        Place(context, file, full, attribute);
    }

    private static (byte[] Head, byte[] Tail) Split(WriteContext context, FileEditor file, byte[] attribute, int limit)
    {
        AttributeView view = new(attribute);
        List<DataRun> runs = view.LowestVcn == 0 ? [] : [new DataRun(0, DataRun.Sparse, view.LowestVcn)];
        DataRuns.Decode(view, runs, context.Volume.Boot.ClusterCount, file.Base.Number);
        AttributeData data = new()
        {
            Runs = runs, Flags = view.Flags, AllocatedSize = view.AllocatedSize, DataSize = view.DataSize, InitializedSize = view.InitializedSize,
        };
        string name = new(view.Name);
        (byte[] head, long end) = AttributeBuilder.NonResident(view.Type, name, data, view.LowestVcn, limit);
        (byte[] tail, _) = AttributeBuilder.NonResident(view.Type, name, data, end, int.MaxValue);
        return (head, tail);
    }

    private static int ChooseVictim(FileEditor file, RecordBuffer full)
    {
        int best = -1;
        long bestRank = 0;
        for (int i = 0; i < full.Attributes.Count; i++)
        {
            AttributeView view = new(full.Attributes[i]);
            bool stays = view.Type is AttributeType.StandardInformation or AttributeType.AttributeList or AttributeType.IndexRoot
                || (file.Base.Number == FileReference.MftNumber && view.Type == AttributeType.Data && view.LowestVcn == 0);
            int tier = stays ? 0 : view.IsNonResident ? 3 : view.Type == AttributeType.FileName ? 1 : 2;
            long rank = (tier * 0x1_0000_0000L) + view.Length;
            if (tier > 0 && rank > bestRank)
            {
                best = i;
                bestRank = rank;
            }
        }

        return best;
    }

    /// <summary>Puts an attribute into an extension record other than <paramref name="not"/> with room for it, or into a new one.</summary>
    private static void Place(WriteContext context, FileEditor file, RecordBuffer? not, byte[] attribute)
    {
        for (int i = 1; i < file.Records.Count; i++)
        {
            if (file.Records[i] != not && file.Records[i].Free >= attribute.Length)
            {
                file.Records[i].Add(attribute, context.Volume.Upcase);
                return;
            }
        }

        FileReference reference = context.Records.Allocate(file.Base.Number != FileReference.MftNumber, out byte[] bytes);
        FileRecordView record = new(bytes);
        record.Flags = FileRecordView.InUseFlag;
        record.BaseRecord = file.Reference;
        context.WriteRecord(reference.Number, bytes);
        RecordBuffer added = new(reference.Number, bytes);
        added.Add(attribute, context.Volume.Upcase);
        file.Records.Add(added);
    }

    private static void UpdateList(WriteContext context, FileEditor file, bool inClusters)
    {
        int index = file.Base.Attributes.FindIndex(bytes => new AttributeView(bytes).Type == AttributeType.AttributeList);
        if (index < 0 && file.Records.Count == 1)
        {
            return;
        }

        byte[] list = BuildList(context, file);
        if (index < 0)
        {
            file.Add(AttributeBuilder.Resident(AttributeType.AttributeList, "", 0, false, list));
            index = file.Base.Attributes.FindIndex(bytes => new AttributeView(bytes).Type == AttributeType.AttributeList);
        }

        AttributeView old = new(file.Base.Attributes[index]);
        ushort instance = old.Instance;
        byte[] changed = old.IsNonResident || inClusters
            ? ListInClusters(context, file, list)
            : AttributeBuilder.Resident(AttributeType.AttributeList, "", old.Flags, false, list);
        new AttributeView(changed).Instance = instance;
        file.Base.Attributes[index] = changed;
    }

    private static byte[] BuildList(WriteContext context, FileEditor file)
    {
        List<(RecordBuffer Record, byte[] Attribute)> all = [];
        foreach (RecordBuffer record in file.Records)
        {
            foreach (byte[] attribute in record.Attributes)
            {
                if (new AttributeView(attribute).Type != AttributeType.AttributeList)
                {
                    int at = all.Count;
                    while (at > 0 && RecordBuffer.Compare(new AttributeView(attribute), new AttributeView(all[at - 1].Attribute), context.Volume.Upcase) < 0)
                    {
                        at--;
                    }

                    all.Insert(at, (record, attribute));
                }
            }
        }

        List<byte> list = [];
        foreach ((RecordBuffer record, byte[] attribute) in all)
        {
            AttributeView view = new(attribute);
            AttributeListEntry entry = new(view.Type, new string(view.Name), view.LowestVcn, record.Reference, view.Instance);
            byte[] bytes = new byte[entry.Size];
            entry.Write(bytes);
            list.AddRange(bytes);
        }

        return list.Count <= MaxListBytes ? [.. list] : throw new UnsupportedFeatureException(
            "NtfsRecordFull", "an attribute list of more than 256 KiB", MasterFileTable.Name(file.Base.Number));
    }

    /// <summary>Keeps the list's clusters when they are enough, and takes others when not.</summary>
    private static byte[] ListInClusters(WriteContext context, FileEditor file, byte[] list)
    {
        AttributeData? old = file.Find(AttributeType.AttributeList, "");
        long count = (list.Length + context.ClusterSize - 1) / context.ClusterSize;
        IReadOnlyList<DataRun> runs = old?.Runs ?? [];
        if ((runs.Count == 0 ? 0 : runs[^1].EndVcn) < count)
        {
            foreach (DataRun run in runs)
            {
                context.Clusters.Free(run);
            }

            runs = context.Clusters.Allocate(count, 0, 0);
        }

        AttributeData data = new()
        {
            Runs = runs, Flags = 0, AllocatedSize = runs[^1].EndVcn * context.ClusterSize, DataSize = list.Length, InitializedSize = list.Length,
        };
        context.WriteStream(data, 0, list);
        return AttributeBuilder.NonResident(AttributeType.AttributeList, "", data, 0, int.MaxValue).Bytes;
    }
}
