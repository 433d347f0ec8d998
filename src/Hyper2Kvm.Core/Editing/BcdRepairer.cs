using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Editing;

/// <summary>Decides whether a boot store can be repaired.</summary>
public static class BcdRepairer
{
    /// <summary>The edit that repairs what can be; it changes nothing on a disk that is sound.</summary>
    /// <param name="imagePath">Full path of the image.</param>
    /// <param name="layout">The guest.</param>
    /// <param name="reporter">Hears of what stays broken.</param>
    /// <exception cref="GuestStateException"><c>BcdNotRepairable</c>: it is broken, and the disk does not tell what would be right.</exception>
    public static IReadOnlyList<EditAction> Plan(string imagePath, WindowsLayout layout, IReporter reporter)
    {
        BcdTest test = BcdReader.Test(imagePath, layout.WindowsPartition.Number, null, reporter);
        BcdFinding[] stay = [.. test.Findings.Where(finding => finding.Severity == FindingSeverity.Error && !finding.IsRepairable)];
        if (stay.Length > 0 && !test.Findings.Any(finding => finding.IsRepairable))
        {
            throw new GuestStateException(
                "BcdNotRepairable", imagePath,
                $"'{imagePath}' does not start its Windows, and the disk does not tell what would be right: "
                + string.Join(" ", stay.Select(finding => $"{finding.Id}: {finding.Message}").Distinct()),
                stay[0].Remedy);
        }

        foreach (BcdFinding finding in stay)
        {
            reporter.Warning($"Not repaired: {finding.Id}: {finding.Message} {finding.Remedy}".TrimEnd());
        }

        return [new BcdRepairAction()];
    }
}
