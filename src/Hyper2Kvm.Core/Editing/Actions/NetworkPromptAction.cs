namespace Hyper2Kvm.Editing.Actions;

/// <summary>Keeps Windows from asking what kind of network it is in whenever it meets a new one.</summary>
public sealed record NetworkPromptAction : EditAction
{
    public override string Step => "NetworkPrompt";
}
