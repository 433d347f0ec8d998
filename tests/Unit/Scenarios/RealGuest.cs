using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Scenarios;

/// <summary>A guest with a real SYSTEM hive, made, edited and taken apart once for all tests that ask for it.</summary>
public abstract class RealGuest : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Lazy<object> _edited;

    protected RealGuest() => _edited = new Lazy<object>(() => Make(_folder));

    internal EditedGuest Edited => (EditedGuest)_edited.Value;

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected abstract EditedGuest Make(TempFolder folder);
}
