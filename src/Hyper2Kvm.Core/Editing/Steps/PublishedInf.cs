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
    /// <param name="package">The package.</param>
    /// <param name="inf">Content of its INF: a file oemN.inf with these bytes is this package.</param>
    public static string NameFor(EditableGuest guest, PlannedPackage package, byte[] inf)
    {
        Hive system = guest.System.Hive;
        Hive?[] nodes = [system, guest.Drivers];
        if (nodes.Select(node => node?.Find($@"DriverDatabase\DriverPackages\{package.PackageLabel}")?.GetValue("")?.AsString())
            .FirstOrDefault(name => name is { Length: > 0 }) is { } known)
        {
            return known;
        }

        GuestPath folder = guest.WindowsRoot / "INF";
        byte[] map = system.Find("DriverDatabase")?.GetValue("OemInfMap")?.Data() ?? [];
        HiveKey? systemNames = system.Find(@"DriverDatabase\DriverInfFiles");
        HiveKey? driversNames = guest.Drivers?.Find(@"DriverDatabase\DriverInfFiles");
        string? free = null;
        for (int number = 0; number <= MaxNumber && (free is null || number < map.Length * 8); number++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"oem{number}.inf");
            GuestEntry? file = guest.Windows.Files.Find(folder / name);
            if (file?.Length == inf.Length && guest.Windows.ReadFile(folder / name).AsSpan().SequenceEqual(inf))
            {
                return name;
            }

            bool marked = number / 8 < map.Length && (map[number / 8] & (0x80 >> (number % 8))) != 0;
            if (!marked && file is null && systemNames?.Find(name) is null && driversNames?.Find(name) is null)
            {
                free ??= name;
            }
        }

        return free ?? throw new Diagnostics.GuestStateException(
            "OemInfNamesExhausted",
            guest.Layout.ImagePath,
            "Every name from oem0.inf to oem65535.inf is taken in this guest.",
            "Remove unused driver packages in the guest (pnputil /delete-driver).");
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

    private static int? NumberOf(string name) =>
        name.Length > 7 && int.TryParse(name.AsSpan(3, name.Length - 7), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number <= MaxNumber
            ? number
            : null;
}
