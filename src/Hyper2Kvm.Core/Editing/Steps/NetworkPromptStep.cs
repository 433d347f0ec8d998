namespace Hyper2Kvm.Editing.Steps;

/// <summary>Windows Vista and later ask for the category of each new network, unless this key is there.</summary>
internal sealed class NetworkPromptStep : IEditStep
{
    public void Apply(EditableGuest guest)
    {
        foreach (string controlSet in guest.Layout.BootControlSets)
        {
            guest.System.EnsureKey($@"{controlSet}\Control\Network\NewNetworkWindowOff");
        }
    }
}
