using System.Globalization;
using System.Management.Automation.Host;
using System.Reflection;

namespace Hyper2Kvm.Shell;

/// <summary>What the engine sees of this program.</summary>
internal sealed class ShellHost(ShellUserInterface userInterface) : PSHost
{
    /// <summary>Set when a script said <c>exit</c>.</summary>
    public int? RequestedExitCode { get; private set; }

    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => "Hyper2Kvm";

    public override PSHostUserInterface UI => userInterface;

    public override Version Version => Assembly.GetExecutingAssembly().GetName().Version!;

    public override void EnterNestedPrompt() => throw new NotSupportedException("This shell has no nested prompts.");

    public override void ExitNestedPrompt() => throw new NotSupportedException("This shell has no nested prompts.");

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode) => RequestedExitCode = exitCode;
}
