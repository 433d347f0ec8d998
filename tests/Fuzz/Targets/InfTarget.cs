using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Inf;

namespace Hyper2Kvm.Fuzz.Targets;

/// <summary>A driver's INF: its facts, models and install sections for several versions of Windows.</summary>
internal sealed class InfTarget() : FuzzTarget("inf")
{
    private static readonly Hyper2Kvm.Inf.InfTarget[] s_targets =
        [new("amd64", 10, 0, 20348, 3), new("x86", 6, 1, 7601, 1), new("arm64", 10, 0, 26100, 1)];

    public override IReadOnlyList<(string Folder, string Pattern)> RealSeeds =>
        [("other-inf", "*.inf*"), ("virtio-drivers/*", "*.inf*")];

    public override void Run(IReadOnlyList<FuzzPart> parts)
    {
        InfFile inf = InfFile.Parse(parts[0].Bytes, "x.inf");
        Attempt(() => _ = inf.ClassName);
        Attempt(() => _ = inf.ClassGuid);
        Attempt(() => _ = inf.Provider);
        Attempt(() => _ = inf.DriverDate);
        Attempt(() => _ = inf.DriverVersion);
        foreach (Hyper2Kvm.Inf.InfTarget target in s_targets)
        {
            Attempt(() => _ = inf.CatalogFile(target));
            Attempt(() =>
            {
                foreach (InfModel model in inf.Models(target).SelectMany(models => models.Models).Take(50))
                {
                    Attempt(() => _ = inf.Install(model.InstallSection, target));
                }
            });
        }
    }

    private static void Attempt(Action action)
    {
        try
        {
            action();
        }
        catch (Hyper2KvmException)
        {
            return;
        }
    }
}
