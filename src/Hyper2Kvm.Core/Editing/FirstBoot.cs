using System.Text;
using System.Text.RegularExpressions;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing.Actions;

namespace Hyper2Kvm.Editing;

/// <summary>Makes first-boot actions of scripts, packages and programs.</summary>
/// <remarks>What a user gives ends up in a batch file that runs as LocalSystem. So payloads get fixed names there, and arguments with a
/// character that cmd.exe would act upon are refused.</remarks>
public static partial class FirstBoot
{
    /// <summary>The edit reads files back to compare them, up to this size.</summary>
    private const int MaxFileSize = 64 * 1024 * 1024;

    private const string PowerShellExe = @"""%SystemRoot%\System32\WindowsPowerShell\v1.0\powershell.exe""";

    /// <summary>Names that the runner uses in an action's folder.</summary>
    private static readonly string[] s_taken =
        ["run.cmd", "done", "code", "attempts", "later", "script.cmd", "script.ps1", "package.msi", "setup.exe"];

    /// <param name="path">Host path of a .cmd, .bat, .ps1, .msi or .exe file.</param>
    /// <param name="name">Null: from the file's name.</param>
    /// <param name="arguments">For the script, msiexec or the program; null for none.</param>
    /// <param name="additionalFiles">Host paths of files that are to lie beside it.</param>
    /// <param name="restartAfter">Restart Windows once it has succeeded, before the next action.</param>
    /// <exception cref="GuestStateException"><c>FirstBootNameInvalid</c>, <c>FirstBootArgumentInvalid</c>, <c>FirstBootScriptEncoding</c>,
    /// <c>FirstBootFileNameTaken</c>, <c>FirstBootFileTooLarge</c>.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>FirstBootKindUnknown</c>.</exception>
    /// <exception cref="IOException">The host cannot read a file.</exception>
    public static FirstBootAction FromFile(
        string path, string? name, string? arguments, IReadOnlyList<string> additionalFiles, bool restartAfter)
    {
        string actionName = name ?? NotInNames().Replace(Path.GetFileNameWithoutExtension(path), "-").Trim('-', '.', '_');
        CheckName(actionName);
        CheckArguments(arguments ?? "");
        string extension = Path.GetExtension(path).ToLowerInvariant();
        (string payload, string run) = extension switch
        {
            ".cmd" or ".bat" => ("script.cmd", Batch($"\"%ComSpec%\" /d /c \"{Call("\"%~dp0script.cmd\"", arguments)}\"", restartAfter)),
            ".ps1" => ("script.ps1", PowerShellBatch(arguments, restartAfter)),
            ".msi" => ("package.msi", Installer(
                $@"""%SystemRoot%\System32\msiexec.exe"" /i ""%~dp0package.msi"" /qn /norestart /l*v ""%~dp0..\..\logs\{actionName}.msi.log""", arguments, restartAfter)),
            ".exe" => ("setup.exe", Installer("\"%~dp0setup.exe\"", arguments, restartAfter)),
            _ => throw new UnsupportedFeatureException(
                "FirstBootKindUnknown", $"running a file with the extension '{extension}'", path, "Give a .cmd, .bat, .ps1, .msi or .exe file."),
        };
        byte[] content = Read(path);
        List<FirstBootFile> files = [new FirstBootFile(payload, payload == "script.cmd" ? BatchText(content, path) : content)];
        foreach (string additional in additionalFiles)
        {
            string fileName = Path.GetFileName(additional);
            if (s_taken.Contains(fileName, StringComparer.OrdinalIgnoreCase)
                || files.Any(file => file.Name.Equals(fileName, StringComparison.OrdinalIgnoreCase)))
            {
                throw new GuestStateException(
                    "FirstBootFileNameTaken", additional, $"'{fileName}' is the name of another file of a first-boot action.", "Rename the file.");
            }

            files.Add(new FirstBootFile(fileName, Read(additional)));
        }

        return new FirstBootAction(actionName, run, files, extension == ".ps1");
    }

    /// <summary>An action whose PowerShell script was made here.</summary>
    /// <param name="name">See <see cref="FirstBootAction"/>.</param>
    /// <param name="script">Its text; kept as UTF-8 with a byte order mark, which every Windows PowerShell reads.</param>
    internal static FirstBootAction FromPowerShell(string name, string script) => new(
        name,
        PowerShellBatch(null, restartAfter: false),
        [new FirstBootFile("script.ps1", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Lines(script))])],
        NeedsPowerShell: true);

    /// <summary>Windows line ends: cmd.exe loses labels in files without carriage returns.</summary>
    internal static string Lines(string text) => text.ReplaceLineEndings("\r\n");

    private static string Call(string program, string? arguments) => $"{program} {arguments}".TrimEnd();

    /// <summary>A script has a cmd.exe of its own, so that one that ends with a plain <c>exit</c> does not end what comes after it.</summary>
    private static string Batch(string command, bool restartAfter) =>
        Lines($"@echo off\ncd /d \"%~dp0\"\n{command}\nset \"CODE=%ERRORLEVEL%\"\n{Ending(restartAfter)}");

    private static string PowerShellBatch(string? arguments, bool restartAfter) => Batch(
        Call($"{PowerShellExe} -NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -File \"%~dp0script.ps1\"", arguments), restartAfter);

    /// <summary>While another installation runs, Windows Installer ends with 1618: then it is tried again, for ten minutes.</summary>
    private static string Installer(string command, string? arguments, bool restartAfter) => Lines(
        $"""
        @echo off
        cd /d "%~dp0"
        set "TRIES=0"
        :again
        {Call(command, arguments)}
        set "CODE=%ERRORLEVEL%"
        if not "%CODE%"=="1618" goto ended
        set /a TRIES+=1
        if %TRIES% GEQ 20 goto ended
        "%SystemRoot%\System32\ping.exe" -n 31 127.0.0.1 >nul
        goto again
        :ended

        """ + Ending(restartAfter));

    /// <summary>To the runner, 1641 means: done, and restart before the next action.</summary>
    private static string Ending(bool restartAfter) => restartAfter
        ? "if \"%CODE%\"==\"0\" exit /b 1641\nif \"%CODE%\"==\"3010\" exit /b 1641\nexit /b %CODE%\n"
        : "exit /b %CODE%\n";

    private static byte[] Read(string path)
    {
        long length = new FileInfo(path).Length;
        return length <= MaxFileSize
            ? File.ReadAllBytes(path)
            : throw new GuestStateException(
                "FirstBootFileTooLarge",
                path,
                FormattableString.Invariant($"'{path}' has {length} bytes; a first-boot action takes files of at most {MaxFileSize}."),
                "Let a script fetch it from the network or from an attached disk.");
    }

    private static byte[] BatchText(byte[] content, string path)
    {
        ReadOnlySpan<byte> text = content;
        if (text.Contains((byte)0))
        {
            throw new GuestStateException(
                "FirstBootScriptEncoding", path, $"'{path}' is UTF-16 or no text: cmd.exe stops at its first zero byte.", "Save it as ASCII or ANSI.");
        }

        if (text.StartsWith(Encoding.UTF8.Preamble))
        {
            text = text[Encoding.UTF8.Preamble.Length..];
        }

        return text.Contains((byte)'\r') ? text.ToArray() : Encoding.Latin1.GetBytes(Lines(Encoding.Latin1.GetString(text)));
    }

    internal static void CheckName(string name)
    {
        if (!NamePattern().IsMatch(name))
        {
            throw new GuestStateException(
                "FirstBootNameInvalid",
                name,
                $"'{name}' cannot name a first-boot action.",
                "Give 1 to 64 of: letters A to Z, digits, '.', '_', '-', beginning with a letter or a digit.");
        }
    }

    private static void CheckArguments(string arguments)
    {
        if (arguments.Any(c => !char.IsAscii(c) || char.IsControl(c) || "%!&|<>^".Contains(c, StringComparison.Ordinal)) || arguments.Count(c => c == '"') % 2 != 0)
        {
            throw new GuestStateException(
                "FirstBootArgumentInvalid",
                arguments,
                $"The arguments '{arguments}' hold a character that cmd.exe would act upon: one of % ! & | < > ^, a letter outside ASCII, a control character, or an open quote.",
                "Put the call into a script of its own.");
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex("[^A-Za-z0-9._-]+")]
    private static partial Regex NotInNames();
}
