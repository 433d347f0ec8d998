namespace Hyper2Kvm.Unit.Support;

/// <summary>A folder of the test's own, gone when it is done.</summary>
internal sealed class TempFolder : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    public string Path { get; } = Directory.CreateTempSubdirectory("h2k-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>What a test has ended may be about to end, and write a last file into a folder that is being emptied.</summary>
    public void Dispose() => Assert.True(SpinWait.SpinUntil(IsDeleted, s_patience), $"{Path} cannot be deleted");

    private bool IsDeleted()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
            return true;
        }
        catch (IOException) when (Directory.Exists(Path))
        {
            return false;
        }
    }
}
