using System.Globalization;
using Hyper2Kvm.FileSystems;
using Hyper2Kvm.Registry;

namespace Hyper2Kvm.Editing.Steps;

/// <summary>Finds the name <c>oemN.inf</c> under which a package is, or is to be, published in a guest.</summary>
internal static class PublishedInf
{
    /// <summary>OemInfMap holds one bit a number; Windows itself stays far below this.</summary>
    private const int MaxNumber = 65535;

    /// <summary>The name that the package has already, else the first that is free in every place that knows such names.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="driver">The package.</param>
    /// <param name="inf">Content of its INF: a file oemN.inf with these bytes is this package.</param>
    public static string NameFor(EditableGuest guest, PlannedDriver driver, byte[] inf)
    {
        Hive system = guest.System.Hive;
        if (system.Find($@"DriverDatabase\DriverPackages\{driver.PackageLabel}")?.GetValue("")?.AsString() is { Length: > 0 } known)
        {
            return known;
        }

        GuestPath folder = guest.WindowsRoot / "INF";
        HashSet<string> taken = new(StringComparer.OrdinalIgnoreCase);
        foreach (GuestEntry entry in guest.Files.List(folder))
        {
            if (entry.Name.StartsWith("oem", StringComparison.OrdinalIgnoreCase)
                && entry.Name.EndsWith(".inf", StringComparison.OrdinalIgnoreCase))
            {
                if (entry.Length == inf.Length && guest.ReadFile(folder / entry.Name).AsSpan().SequenceEqual(inf))
                {
                    return entry.Name.ToLowerInvariant();
                }

                taken.Add(entry.Name);
            }
        }

        return FirstFree(guest, taken);
    }

    /// <summary>Marks the number of <paramref name="name"/> as used: byte n/8, most significant bit first.</summary>
    public static byte[] MarkUsed(byte[] map, string name)
    {
        if (NumberOf(name) is not { } number)
        {
            return map;
        }

        byte[] marked = new byte[Math.Max(map.Length, (number / 8) + 1)];
        map.CopyTo(marked, 0);
        marked[number / 8] |= (byte)(0x80 >> (number % 8));
        return marked;
    }

    private static string FirstFree(EditableGuest guest, HashSet<string> taken)
    {
        byte[] map = guest.System.Hive.Find("DriverDatabase")?.GetValue("OemInfMap")?.Data() ?? [];
        HiveKey? systemNames = guest.System.Hive.Find(@"DriverDatabase\DriverInfFiles");
        HiveKey? driversNames = guest.Drivers?.Find(@"DriverDatabase\DriverInfFiles");
        for (int number = 0; number <= MaxNumber; number++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"oem{number}.inf");
            bool used = number / 8 < map.Length && (map[number / 8] & (0x80 >> (number % 8))) != 0;
            if (!used && !taken.Contains(name) && systemNames?.Find(name) is null && driversNames?.Find(name) is null)
            {
                return name;
            }
        }

        throw new Diagnostics.GuestStateException(
            "OemInfNamesExhausted",
            guest.Layout.ImagePath,
            "Every name from oem0.inf to oem65535.inf is taken in this guest.",
            "Remove unused driver packages in the guest (pnputil /delete-driver).");
    }

    private static int? NumberOf(string name) =>
        name.Length > 7 && int.TryParse(name.AsSpan(3, name.Length - 7), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number <= MaxNumber
            ? number
            : null;
}
