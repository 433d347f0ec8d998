using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Hyper2Kvm.Unit.Support;

/// <summary>Headless Chromium as a judge of a page.</summary>
internal static partial class Browser
{
    public const string Name = "chromium";

    /// <summary>The page as the browser understood it.</summary>
    public static string Dom(string page, TempFolder folder) => Run(folder, "--dump-dom", Uri(page));

    /// <summary>How wide the page gets in a window of that width, in CSS pixels: more than the width means that it has to be pushed sideways.</summary>
    public static int WidthIn(string page, int window, TempFolder folder)
    {
        string frame = folder.File("frame.html");
        File.WriteAllText(frame, $$"""
            <!DOCTYPE html><body><iframe src="{{Uri(page)}}" width="{{window}}" height="800" style="border:0"
            onload="document.body.append('width=' + this.contentDocument.documentElement.scrollWidth)"></iframe></body>
            """);
        string dom = Run(folder, "--allow-file-access-from-files", "--dump-dom", Uri(frame));
        Match width = Width().Match(dom);
        Assert.True(width.Success, dom);
        return int.Parse(width.Groups[1].Value, CultureInfo.InvariantCulture);
    }

    public static byte[] Print(string page, TempFolder folder)
    {
        string file = folder.File("page.pdf");
        Run(folder, $"--print-to-pdf={file}", "--no-pdf-header-footer", Uri(page));
        return File.ReadAllBytes(file);
    }

    private static string Run(TempFolder folder, params string[] arguments)
    {
        ProcessStartInfo start = new(
            ForeignTool.Find(Name)!,
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--disable-background-networking",
                $"--user-data-dir={folder.File("browser")}", "--virtual-time-budget=20000", .. arguments,
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{Name}: exit code {process.ExitCode}\n{error.Result}");
        return output;
    }

    private static string Uri(string path) => new Uri(path).AbsoluteUri;

    [GeneratedRegex(@"</iframe>\s*width=(\d+)")]
    private static partial Regex Width();
}
