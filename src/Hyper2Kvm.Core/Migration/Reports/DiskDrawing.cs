using System.Globalization;
using System.Xml.Linq;

namespace Hyper2Kvm.Migration.Reports;

/// <summary>Draws a disk as a bar of its partitions, in SVG. Its places are shares of the width, so that the figures stay readable on a phone.</summary>
internal static class DiskDrawing
{
    /// <summary>Even the smallest partition is seen; all together get no more than half of the bar that way.</summary>
    private const double SmallestShare = 0.06;
    private const double SharesByRule = 0.5;

    /// <summary>Of the bar, for a figure of two digits on a phone.</summary>
    private const double RoomForNumber = 0.045;

    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    public static XElement Draw(IReadOnlyList<DiskSpan> spans)
    {
        XElement drawing = new(
            s_svg + "svg",
            new XAttribute("class", "disk"),
            new XAttribute("role", "img"),
            new XAttribute("width", "100%"),
            new XAttribute("height", "56"),
            new XElement(s_svg + "title", ReportTextOf(spans)));
        double at = 0;
        foreach ((DiskSpan span, double share) in spans.Zip(Shares(spans)))
        {
            drawing.Add(Piece(span, at, share));
            at += share;
        }

        return drawing;
    }

    /// <summary>How much of the bar each gets; in all 1.</summary>
    internal static double[] Shares(IReadOnlyList<DiskSpan> spans)
    {
        double least = Math.Min(SmallestShare, SharesByRule / Math.Max(1, spans.Count));
        double total = Math.Max(1, spans.Sum(span => (double)span.Size));
        double rest = 1 - (least * spans.Count);
        return [.. spans.Select(span => least + (rest * span.Size / total))];
    }

    private static XElement Piece(DiskSpan span, double at, double share)
    {
        XElement piece = new(
            s_svg + "g",
            new XElement(s_svg + "title", ((ReportCell)span.Label).Text),
            new XElement(
                s_svg + "rect",
                new XAttribute("class", Class(span)),
                new XAttribute("x", Percent(at)), new XAttribute("y", "1"),
                new XAttribute("width", Percent(share)), new XAttribute("height", "54")));
        if (span.Partition is { } partition && share >= RoomForNumber)
        {
            piece.Add(new XElement(
                s_svg + "text",
                new XAttribute("x", Percent(at + (share / 2))), new XAttribute("y", "34"), new XAttribute("text-anchor", "middle"),
                partition.Number.ToString(CultureInfo.InvariantCulture)));
        }

        return piece;
    }

    private static string ReportTextOf(IReadOnlyList<DiskSpan> spans) =>
        ((ReportCell)$"The disk in {ReportText.Count(spans.Count, "piece")}: {string.Join("; ", spans.Select(span => span.Label))}").Text;

    private static string Class(DiskSpan span) => span.Partition is { } partition ? $"role-{partition.Role.ToString().ToLowerInvariant()}" : "role-none";

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.###}%");
}
