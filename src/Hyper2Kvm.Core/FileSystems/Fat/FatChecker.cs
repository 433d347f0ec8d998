using System.Collections;
using System.Globalization;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Fat;

/// <summary>Reads a whole FAT volume and says what contradicts itself.</summary>
/// <remarks>Finding ids: those of the errors of <see cref="FatVolume"/>, and <c>FatVolumeDirty</c>, <c>FatCopiesDiffer</c>,
/// <c>FatBackupBootSectorDiffers</c>, <c>FatClusterOwnedTwice</c>, <c>FatChainLengthWrong</c>, <c>FatDotEntryWrong</c>,
/// <c>FatNameTwice</c>, <c>FatLongNameOrphan</c>, <c>FatClustersLost</c>, <c>FatFreeCountWrong</c>.</remarks>
public static class FatChecker
{
    /// <summary>All findings; none for a volume in order. Memory: one bit for each cluster.</summary>
    public static IReadOnlyList<FileSystemFinding> Check(IBlockDevice device, CancellationToken token = default)
    {
        List<FileSystemFinding> findings = [];
        try
        {
            new Run(FatVolume.Open(device), findings, token).Check();
        }
        catch (DiskFormatException error)
        {
            findings.Add(new FileSystemFinding(error.ErrorId, error.Structure, error.Message));
        }

        return findings;
    }

    private sealed class Run(FatVolume volume, List<FileSystemFinding> findings, CancellationToken token)
    {
        private readonly FatBootSector _boot = volume.Boot;
        private readonly BitArray _owned = new((int)volume.Boot.ClusterCount + 2);
        private readonly Stack<(GuestPath Path, uint Cluster, uint Parent)> _open = new();

        public void Check()
        {
            CheckCopies();
            if (_boot.Type == FatType.Fat32)
            {
                Own(GuestPath.Root, _boot.RootCluster);
            }

            _open.Push((GuestPath.Root, 0, 0));
            while (_open.TryPop(out (GuestPath Path, uint Cluster, uint Parent) next))
            {
                token.ThrowIfCancellationRequested();
                try
                {
                    CheckDirectory(next.Path, volume.LoadDirectory(next.Path.ToString(), next.Cluster), next.Cluster, next.Parent);
                }
                catch (DiskFormatException error)
                {
                    Add(error.ErrorId, next.Path.ToString(), error.Message);
                }
            }

            CheckClusters();
        }

        private void CheckCopies()
        {
            if (volume.State != FatVolumeState.Clean)
            {
                Add("FatVolumeDirty", "FAT volume", $"its flags say {volume.State}");
            }

            if (volume.Table.FindDifference() is { } copy)
            {
                Add("FatCopiesDiffer", string.Create(CultureInfo.InvariantCulture, $"FAT {copy}"), "it should be like the active one");
            }

            if (_boot.BackupOffset != 0)
            {
                byte[] first = new byte[FatBootSector.Size];
                byte[] backup = new byte[FatBootSector.Size];
                volume.Device.Read(0, first);
                volume.Device.Read(_boot.BackupOffset, backup);
                if (!first.AsSpan(0x0B, 0x41 - 0x0B).SequenceEqual(backup.AsSpan(0x0B, 0x41 - 0x0B)))
                {
                    Add("FatBackupBootSectorDiffers", "FAT backup boot sector", "its BPB should be like that of the boot sector");
                }
            }
        }

        private void CheckDirectory(GuestPath path, FatDirectory directory, uint cluster, uint parent)
        {
            if (!path.IsRoot)
            {
                CheckDot(path, directory.Slot(0), ".          "u8, cluster);
                CheckDot(path, directory.Slot(1), "..         "u8, parent);
            }

            CheckLongNames(path, directory);
            HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
            foreach (FatEntry entry in directory.Entries(_boot.Type))
            {
                GuestPath child = path / entry.Name;
                if (!names.Add(entry.ShortName) || (!entry.Name.Equals(entry.ShortName, StringComparison.OrdinalIgnoreCase) && !names.Add(entry.Name)))
                {
                    Add("FatNameTwice", child.ToString(), "another entry of the directory has the same name");
                }

                CheckEntry(child, entry, path.IsRoot ? 0 : cluster);
            }
        }

        private void CheckDot(GuestPath path, FatEntryView slot, ReadOnlySpan<byte> name, uint cluster)
        {
            if (!slot.Name.SequenceEqual(name) || slot.FirstCluster(_boot.Type) != cluster)
            {
                Add("FatDotEntryWrong", path.ToString(), string.Create(CultureInfo.InvariantCulture, $"an entry of it should name cluster {cluster}"));
            }
        }

        private void CheckLongNames(GuestPath path, FatDirectory directory)
        {
            int orphans = 0, pending = 0, finished = 0;
            FatLongName longName = new();
            for (int i = 0; i < directory.SlotCount && !directory.Slot(i).IsEnd; i++)
            {
                FatEntryView slot = directory.Slot(i);
                if (slot.IsLongName && !slot.IsDeleted)
                {
                    pending++;
                    longName.Add(slot.Bytes);
                    continue;
                }

                finished = slot.IsDeleted || longName.Finish(slot.Name) is null ? 0 : longName.Parts;
                orphans += pending - finished;
                pending = 0;
                longName.Clear();
            }

            if (orphans + pending > 0)
            {
                Add("FatLongNameOrphan", path.ToString(),
                    string.Create(CultureInfo.InvariantCulture, $"{orphans + pending} long name entries belong to no file"));
            }
        }

        private void CheckEntry(GuestPath path, FatEntry entry, uint directory)
        {
            long count = Own(path, entry.FirstCluster);
            if (entry.IsDirectory && count > 0)
            {
                _open.Push((path, entry.FirstCluster, directory));
            }
            else if (entry.IsDirectory)
            {
                Add("FatDirectoryDamaged", path.ToString(), "it should have clusters of its own");
            }
            else if (count >= 0 && count != (entry.Length + (long)_boot.ClusterSize - 1) / _boot.ClusterSize)
            {
                Add("FatChainLengthWrong", path.ToString(),
                    string.Create(CultureInfo.InvariantCulture, $"{count} clusters of {_boot.ClusterSize} bytes for {entry.Length} bytes"));
            }
        }

        /// <returns>Clusters of the chain; -1 when it is damaged or somebody else's.</returns>
        private long Own(GuestPath path, uint first)
        {
            long count = 0;
            try
            {
                foreach (FatRun run in volume.Table.ReadChain(first, path.ToString()))
                {
                    for (uint cluster = run.Cluster; cluster < run.Cluster + run.Count; cluster++, count++)
                    {
                        if (_owned[(int)cluster])
                        {
                            Add("FatClusterOwnedTwice", path.ToString(),
                                string.Create(CultureInfo.InvariantCulture, $"cluster {cluster} belongs to another file too"));
                            return -1;
                        }

                        _owned[(int)cluster] = true;
                    }
                }

                return count;
            }
            catch (DiskFormatException error)
            {
                Add(error.ErrorId, path.ToString(), error.Message);
                return -1;
            }
        }

        private void CheckClusters()
        {
            long free = 0, lost = 0;
            for (uint cluster = 2; cluster <= volume.Table.LastCluster; cluster++)
            {
                uint entry = volume.Table[cluster];
                free += entry == FatTable.Free ? 1 : 0;
                lost += entry != FatTable.Free && entry != volume.Table.BadCluster && !_owned[(int)cluster] ? 1 : 0;
            }

            if (lost > 0)
            {
                Add("FatClustersLost", "FAT", string.Create(CultureInfo.InvariantCulture, $"{lost} clusters in use belong to no file"));
            }

            if (FatAllocator.ReadInfo(volume.Device, _boot) is { } info && FatAllocator.FreeCount(info) is { } stated && stated != free)
            {
                Add("FatFreeCountWrong", "FAT FSInfo sector",
                    string.Create(CultureInfo.InvariantCulture, $"{free} clusters are free, it says {stated}"));
            }
        }

        private void Add(string id, string place, string message) => findings.Add(new FileSystemFinding(id, place, message));
    }
}
