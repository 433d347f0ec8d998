namespace Hyper2Kvm.Editing.Actions;

/// <summary>Puts something into the guest that its Windows runs once, as LocalSystem, when it starts.</summary>
/// <param name="Name">Names the action in the guest's log and result: letters, digits, <c>. _ -</c>. An action of the same name that waits
/// already is replaced.</param>
/// <param name="Run">Text of the batch file that does it; its exit code says whether it succeeded (0; 3010: and wants a restart; 1641: and wants it before the next action).</param>
/// <param name="Files">What lies beside that batch file.</param>
/// <param name="NeedsPowerShell">It runs powershell.exe.</param>
public sealed record FirstBootAction(
    string Name, string Run, IReadOnlyList<FirstBootFile> Files, bool NeedsPowerShell) : EditAction
{
    public override string Step => $"FirstBoot-{Name}";
}
