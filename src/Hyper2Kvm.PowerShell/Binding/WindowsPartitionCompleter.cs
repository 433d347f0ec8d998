using System.Collections;
using System.Globalization;
using Hyper2Kvm.Guest;

namespace Hyper2Kvm.PowerShell.Binding;

/// <summary>Completes -Partition with the partitions of the disk that hold a Windows.</summary>
public sealed class WindowsPartitionCompleter() : FileContentCompleter("LiteralPath", "Path", "InputObject")
{
    protected override IEnumerable<string> Values(string path, IDictionary parameters) =>
        LayoutProbe.FindWindowsPartitions(path).Select(number => number.ToString(CultureInfo.InvariantCulture));
}
