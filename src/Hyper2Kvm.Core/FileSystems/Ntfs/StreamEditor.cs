using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>Changes the length of one attribute of a file and the clusters that it has.</summary>
internal sealed class StreamEditor(WriteContext context, FileEditor file, uint type, string name)
{
    /// <summary>Grows or shrinks the stream; a resident one moves into clusters when its record is full.</summary>
    /// <param name="length">Bytes.</param>
    /// <param name="zero">What is new is zeroed and counts as initialized; else the caller will write it.</param>
    /// <exception cref="UnsupportedFeatureException"><c>NtfsSpecialStream</c>: it is compressed, encrypted or sparse.</exception>
    public void SetLength(long length, bool zero)
    {
        AttributeData data = file.Read(type, name);
        if (data.Flags != 0 || data.CompressionUnit != 0)
        {
            throw new UnsupportedFeatureException(
                "NtfsSpecialStream",
                "writing to a compressed, encrypted or sparse stream",
                MasterFileTable.Name(file.Base.Number),
                "Remove that attribute in the guest.");
        }

        if (length == data.DataSize)
        {
            return;
        }

        if (data.Resident is { } resident)
        {
            if (length <= context.RecordSize)
            {
                byte[] changed = new byte[length];
                resident.AsSpan(0, (int)Math.Min(length, resident.Length)).CopyTo(changed);
                if (file.TrySetValue(type, name, changed))
                {
                    return;
                }
            }

            data = MoveIntoClusters(resident);
        }

        Resize(data, length, zero);
    }

    private AttributeData MoveIntoClusters(byte[] resident)
    {
        long count = (resident.Length + context.ClusterSize - 1) / context.ClusterSize;
        List<DataRun> runs = count == 0 ? [] : context.Clusters.Allocate(count, 0, 0);
        context.WriteContent(runs, 0, resident);
        context.WriteZeros(runs, resident.Length, count * context.ClusterSize);
        AttributeData data = new()
        {
            Runs = runs, Flags = 0, AllocatedSize = count * context.ClusterSize, DataSize = resident.Length, InitializedSize = resident.Length,
        };
        (RecordBuffer record, int index) = file.Parts(type, name)[0];
        (byte[] bytes, _) = AttributeBuilder.NonResident(type, name, data, 0, int.MaxValue);
        new AttributeView(bytes).Instance = new AttributeView(record.Attributes[index]).Instance;
        record.Attributes[index] = bytes;
        return data;
    }

    private void Resize(AttributeData old, long length, bool zero)
    {
        List<DataRun> runs = [.. old.Runs];
        long have = runs.Count == 0 ? 0 : runs[^1].EndVcn;
        long need = (length + context.ClusterSize - 1) / context.ClusterSize;
        if (need > have)
        {
            long hint = runs.Count == 0 ? 0 : runs[^1].Lcn + runs[^1].Count;
            foreach (DataRun run in context.Clusters.Allocate(need - have, hint, have))
            {
                DataRuns.Append(runs, run);
            }
        }
        else if (length < old.DataSize && need < have)
        {
            Cut(runs, need);
        }

        long initialized = Math.Min(old.InitializedSize, length);
        if (zero && length > old.DataSize && old.InitializedSize == old.DataSize)
        {
            context.WriteZeros(runs, old.DataSize, length);
            initialized = length;
        }

        long allocated = (runs.Count == 0 ? 0 : runs[^1].EndVcn) * context.ClusterSize;
        Replace(new AttributeData { Runs = runs, Flags = old.Flags, AllocatedSize = allocated, DataSize = length, InitializedSize = initialized });
    }

    /// <summary>Frees the clusters from a VCN on.</summary>
    private void Cut(List<DataRun> runs, long endVcn)
    {
        while (runs.Count > 0 && runs[^1].EndVcn > endVcn)
        {
            DataRun last = runs[^1];
            long kept = Math.Max(0, endVcn - last.Vcn);
            context.Clusters.Free(last with { Vcn = last.Vcn + kept, Lcn = last.Lcn + kept, Count = last.Count - kept });
            runs.RemoveAt(runs.Count - 1);
            if (kept > 0)
            {
                runs.Add(last with { Count = kept });
            }
        }
    }

    /// <summary>Writes new runs into the attribute's parts: only the last part changes, and those behind the new end go.</summary>
    private void Replace(AttributeData data)
    {
        List<(RecordBuffer Record, int Index)> parts = file.Parts(type, name);
        long end = data.Runs.Count == 0 ? 0 : data.Runs[^1].EndVcn;
        int last = parts.Count - 1;
        while (last > 0 && FileEditor.ViewOf(parts[last]).LowestVcn >= end)
        {
            last--;
        }

        AttributeView old = FileEditor.ViewOf(parts[last]);
        (byte[] bytes, _) = AttributeBuilder.NonResident(type, name, data, old.LowestVcn, int.MaxValue);
        new AttributeView(bytes).Instance = old.Instance;
        parts[last].Record.Attributes[parts[last].Index] = bytes;
        AttributeView first = FileEditor.ViewOf(parts[0]);
        first.AllocatedSize = data.AllocatedSize;
        first.DataSize = data.DataSize;
        first.InitializedSize = data.InitializedSize;
        for (int i = last + 1; i < parts.Count; i++)
        {
            RecordBuffer record = parts[i].Record;
            long lowest = FileEditor.ViewOf(parts[i]).LowestVcn;
            record.Attributes.RemoveAll(bytes => new AttributeView(bytes) is var view && view.Is(type, name) && view.LowestVcn == lowest);
            parts = Reindex(parts, i, record);
        }
    }

    /// <summary>Finds the remaining parts again after one was removed from their record.</summary>
    private static List<(RecordBuffer Record, int Index)> Reindex(List<(RecordBuffer Record, int Index)> parts, int removed, RecordBuffer record)
    {
        int gone = parts[removed].Index;
        for (int i = removed + 1; i < parts.Count; i++)
        {
            if (parts[i].Record == record && parts[i].Index > gone)
            {
                parts[i] = (record, parts[i].Index - 1);
            }
        }

        return parts;
    }
}
