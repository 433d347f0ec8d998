using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>A guest with a real SYSTEM hive, made, edited and taken apart once for all tests that ask for it.</summary>
public abstract class RealGuest : IDisposable
{
    internal const string Hives = "hive-system/";

    private readonly TempFolder _folder = new();
    private readonly Lazy<object> _edited;

    protected RealGuest() => _edited = new Lazy<object>(() => Make(_folder));

    internal EditedGuest Edited => (EditedGuest)_edited.Value;

    /// <summary>File name of what virt-v2v wrote into such a guest, or null where it knows none.</summary>
    internal virtual string? VirtV2vFacts => null;

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected abstract EditedGuest Make(TempFolder folder);
}
