using System.Globalization;
using Hyper2Kvm.Bcd;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Editing.Steps;

/// <summary>Carries out a <see cref="BcdRepairPlan"/>, after a copy of the store beside it.</summary>
internal sealed class BcdRepairStep : IEditStep
{
    private const int ActiveFlagsAt = 0x1BE;
    private const int EntrySize = 16;
    private const int Entries = 4;

    public void Apply(EditableGuest guest)
    {
        BcdRepairPlan plan = BcdRepairPlan.Make(guest.Layout, guest.Disk);
        foreach (BcdRepair repair in plan.Repairs.Where(repair => repair.ActivePartition is not null))
        {
            SetActive(guest, repair.ActivePartition!.Value);
        }

        if (plan.Layout.BootPartition is not { } boot)
        {
            return;
        }

        foreach (BcdRepair repair in plan.Repairs.Where(repair => repair.CopyTo is not null))
        {
            Copy(guest, boot, repair);
        }

        BcdRepair[] elements = [.. plan.Repairs.Where(repair => repair.ObjectId is not null)];
        if (elements.Length > 0)
        {
            EditStore(guest.Volume(boot), plan.Layout.BcdPath!, elements);
        }
    }

    private static void EditStore(EditableVolume volume, GuestPath path, IEnumerable<BcdRepair> repairs)
    {
        BcdBackupStep.Copy(volume, path, null);
        HiveEditor store = volume.OpenHive(path, "BCD");
        foreach (BcdRepair repair in repairs)
        {
            string key = BcdKeys.Element(repair.ObjectId!.Value, repair.ElementType);
            if (repair.Data is { } data)
            {
                store.Set(key, BcdKeys.ElementValue, HiveValueType.Binary, data);
            }
            else
            {
                store.DeleteKey(key);
            }
        }
    }

    private static void Copy(EditableGuest guest, PartitionInfo boot, BcdRepair repair)
    {
        (PartitionInfo partition, string path) = repair.CopyFrom!.Value;
        guest.Volume(boot).WriteFile(repair.CopyTo!, guest.Volume(partition).ReadFile(path));
    }

    /// <summary>Sector 0: the first byte of each entry of the partition table is 0x80 for the active one.</summary>
    private static void SetActive(EditableGuest guest, int number)
    {
        Span<byte> flag = stackalloc byte[1];
        for (int slot = 0; slot < Entries; slot++)
        {
            long at = ActiveFlagsAt + (slot * EntrySize);
            guest.Disk.Read(at, flag);
            byte before = flag[0];
            byte after = (byte)(slot + 1 == number ? 0x80 : 0);
            if (before != after)
            {
                flag[0] = after;
                guest.Disk.Write(at, flag);
                guest.Recorder.Add(
                    GuestChangeKind.PartitionChanged, string.Create(CultureInfo.InvariantCulture, $"Partition {slot + 1}, active flag"),
                    string.Create(CultureInfo.InvariantCulture, $"0x{before:X2}"), string.Create(CultureInfo.InvariantCulture, $"0x{after:X2}"));
            }
        }
    }
}
