using System.Diagnostics;
using System.Text;

namespace Hyper2Kvm.Unit.Support;

/// <summary>What a test's machines may have left on this host. Others come and go meanwhile: what is gone when it is looked at is no remains.</summary>
internal static class Remains
{
    /// <summary>No such process has the text in its command line.</summary>
    public static void HaveNoProcess(string text, params string[] programs) => Assert.DoesNotContain(
        programs.SelectMany(Process.GetProcessesByName),
        process => Contains($"/proc/{process.Id}/cmdline", text));

    /// <summary>No trial boot's folder among the host's temporary files has an overlay of a disk in this folder.</summary>
    public static void HaveNoOverlayOf(TempFolder folder) => Assert.DoesNotContain(
        Directory.GetDirectories(Path.GetTempPath(), "h2kvm-*"),
        place => Contains(Path.Combine(place, "disk0.qcow2"), folder.Path));

    private static bool Contains(string file, string text)
    {
        try
        {
            return Encoding.Latin1.GetString(File.ReadAllBytes(file)).Contains(text, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
