namespace Hyper2Kvm.HelpTool;

internal sealed record PageParameter(string Name, IReadOnlyList<string> Description, ParameterFacts Facts)
{
    public bool IsSwitch => Facts.Type == "System.Management.Automation.SwitchParameter";
}
