using Hyper2Kvm.Bcd;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Fuzz.Targets;

/// <summary>A boot store: its objects and elements, and what they inherit.</summary>
internal sealed class BcdTarget() : FuzzTarget("bcd")
{
    public override IReadOnlyList<(string Folder, string Pattern)> RealSeeds => [("bcd", "*BCD*")];

    public override void Repair(IReadOnlyList<FuzzPart> parts) => HiveTarget.RepairParts(parts);

    public override void Run(IReadOnlyList<FuzzPart> parts)
    {
        BcdStore store = BcdStore.Open(Hive.OpenAsFound(new MemoryBlockDevice(parts[0].Bytes), "BCD"));
        _ = store.BootManager;
        _ = store.DefaultId;
        foreach (BcdObject item in store.Objects)
        {
            _ = item.ToString();
            foreach (BcdElement element in item.Elements)
            {
                _ = element.ToString();
                _ = element.Device?.ToString();
                _ = store.FindInherited(item, element.Type);
            }
        }
    }
}
