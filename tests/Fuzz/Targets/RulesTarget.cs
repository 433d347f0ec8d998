using System.Text;
using Hyper2Kvm.Drivers;
using Hyper2Kvm.PowerShell.Binding;

namespace Hyper2Kvm.Fuzz.Targets;

/// <summary>A file of driver rules, YAML or JSON.</summary>
internal sealed class RulesTarget() : FuzzTarget("rules")
{
    public override void Run(IReadOnlyList<FuzzPart> parts) =>
        _ = DriverRules.Parse(YamlToJson.Convert(Encoding.UTF8.GetString(parts[0].Bytes), "rules.yaml"), "rules.yaml");
}
