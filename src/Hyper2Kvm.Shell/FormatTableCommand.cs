using System.Management.Automation;
using Microsoft.PowerShell.Commands.Internal.Format;

namespace Hyper2Kvm.Shell;

/// <summary>Format-Table of pwsh: all of it but this declaration is in the engine.</summary>
[Cmdlet(VerbsCommon.Format, "Table")]
public sealed class FormatTableCommand : OuterFormatTableBase
{
    public FormatTableCommand() => EngineInternals.SetFormatter(this, "Table");
}
