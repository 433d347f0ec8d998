using System.Management.Automation;
using Microsoft.PowerShell.Commands.Internal.Format;

namespace Hyper2Kvm.Shell;

/// <summary>Format-List of pwsh: all of it but this declaration is in the engine.</summary>
[Cmdlet(VerbsCommon.Format, "List")]
public sealed class FormatListCommand : OuterFormatTableAndListBase
{
    public FormatListCommand() => EngineInternals.SetFormatter(this, "List");
}
