namespace Hyper2Kvm.Editing.Actions;

/// <summary>A file that a first-boot action brings along.</summary>
/// <param name="Name">Its name in the action's folder.</param>
/// <param name="Content">All of it.</param>
public sealed record FirstBootFile(string Name, byte[] Content)
{
    public override string ToString() => Name;
}
