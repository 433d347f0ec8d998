namespace Hyper2Kvm.Editing.Steps;

/// <summary>The list of files that PnP copied out of the driver store, in the SOFTWARE hive of Windows 8 and later: whose each is, and where its like lies.</summary>
/// <remarks>One key a file, <c>%SystemRoot%/System32/drivers/viostor.sys</c>, with slashes for a key's name cannot have others. By it PnP knows
/// what to remove with a package and what to guard. Staged packages have none yet, and neither have those that run from the driver store.</remarks>
internal static class LockdownFiles
{
    private const string Root = @"Microsoft\Windows\CurrentVersion\Setup\PnpLockdownFiles";

    /// <summary>DIRID 13: the driver store itself.</summary>
    private const int StoreDirectoryId = 13;

    /// <summary>Class of a file whose INF says PnpLockdown = 1, and of any other.</summary>
    private const uint Guarded = 4;
    private const uint Unguarded = 5;

    /// <summary>Enters the driver's binary, which lies in System32\drivers.</summary>
    public static void Enter(EditableGuest guest, PlannedDriver driver, string label, string publishedInf)
    {
        if (driver.Service.BinaryDirId == StoreDirectoryId)
        {
            return;
        }

        string binary = driver.Service.BinaryName;
        string key = $@"{Root}\%SystemRoot%/System32/drivers/{binary}";
        string[] owners = [.. guest.Software.Hive.Find(key)?.GetValue("Owners")?.AsMultiString() ?? []];
        if (!owners.Contains(publishedInf, StringComparer.OrdinalIgnoreCase))
        {
            owners = [.. owners, publishedInf];
        }

        guest.Software.SetDword(key, "Class", driver.PnpLockdown ? Guarded : Unguarded);
        guest.Software.SetMultiString(key, "Owners", owners);
        guest.Software.SetExpandString(key, "Source", $@"%SystemRoot%\System32\DriverStore\FileRepository\{label}\{binary}");
    }
}
