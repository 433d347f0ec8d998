using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Migration.Reports;

/// <summary>A piece of text in a report.</summary>
internal readonly record struct ReportCell
{
    private ReportCell(string text, bool isCode)
    {
        Text = PlainText.Escape(text);
        IsCode = isCode;
    }

    /// <summary>Safe to show: what a guest's names hold has no effect. It is not escaped for any format yet.</summary>
    public string Text { get; }

    /// <summary>A path, a value or a command: taken letter by letter.</summary>
    public bool IsCode { get; }

    public static implicit operator ReportCell(string? text) => new(text ?? "", isCode: false);

    public static ReportCell Code(string? text) => new(text ?? "", isCode: !string.IsNullOrEmpty(text));
}
