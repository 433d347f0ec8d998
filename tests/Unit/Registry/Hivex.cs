using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Registry;

/// <summary>libhivex through its Python binding: the registry library of libguestfs, as a judge.</summary>
internal static class Hivex
{
    private static readonly string? s_python = ForeignPython.Find("hivex");

    public static bool IsThere => s_python is not null;

    /// <summary>Runs a Python script in which <c>hivex</c> can be imported; sys.argv[1] is a file with the hive.</summary>
    public static string Run(string script, byte[] hive)
    {
        using TempFolder folder = new();
        File.WriteAllBytes(folder.File("hive"), hive);
        File.WriteAllText(folder.File("script.py"), script);
        return ForeignTool.RunOk(s_python!, folder.File("script.py"), folder.File("hive"));
    }
}
