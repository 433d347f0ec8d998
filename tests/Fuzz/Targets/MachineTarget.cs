using Hyper2Kvm.Machines;

namespace Hyper2Kvm.Fuzz.Targets;

/// <summary>A machine's description: OVF, VMX, libvirt XML.</summary>
internal sealed class MachineTarget(string name, params (string Folder, string Pattern)[] realSeeds) : FileTarget(name)
{
    public override IReadOnlyList<(string Folder, string Pattern)> RealSeeds => realSeeds;

    protected override void Run(string path) => _ = MachineReader.Read(path);
}
