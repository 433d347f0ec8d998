using System.Globalization;
using System.Text.Json;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing.Commit;

namespace Hyper2Kvm.Editing;

/// <summary>Reads change logs back.</summary>
public static class ChangeLogReader
{
    /// <summary>A record of an edit has some hundred kilobytes at most; a line beyond this is none.</summary>
    private const int LongestLine = 64 * 1024 * 1024;

    /// <summary>The records of a disk's logs, each log from old to new.</summary>
    /// <param name="path">A disk, an overlay, or a log itself.</param>
    /// <param name="onError">Hears of each line that cannot be read; the others are read all the same.</param>
    /// <param name="reporter">Hears of a last line that was cut off.</param>
    /// <exception cref="GuestItemNotFoundException"><c>ChangeLogNotFound</c>.</exception>
    public static IEnumerable<GuestEditRecord> Read(string path, Action<Hyper2KvmException> onError, IReporter reporter)
    {
        List<string> logs = LogsOf(path);
        return logs.Count > 0
            ? logs.SelectMany(log => ReadLog(log, onError, reporter))
            : throw new GuestItemNotFoundException(
                "ChangeLogNotFound", path, $"'{path}' has no change log beside it.",
                "Edits write one beside their result: give the overlay, or the log itself.");
    }

    /// <summary>The log of the image itself, and that of the overlay that an edit of it makes unless the user says otherwise.</summary>
    private static List<string> LogsOf(string path) => path.EndsWith(ChangeLog.Suffix, StringComparison.OrdinalIgnoreCase)
        ? [path]
        : [.. ((string[])[ChangeLog.PathFor(path), ChangeLog.PathFor(OverlayCommit.DefaultDestination(path))]).Where(File.Exists)];

    private static IEnumerable<GuestEditRecord> ReadLog(string log, Action<Hyper2KvmException> onError, IReporter reporter)
    {
        reporter.Verbose($"Reading '{log}'.");
        using FileStream stream = new(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        long offset = 0;
        for (int number = 1; ReadLine(stream, log, offset) is { Length: > 0 } line; number++)
        {
            bool whole = line[^1] == '\n';
            if (Parse(line, log, number, offset, out Hyper2KvmException? error) is { } record)
            {
                yield return record;
            }
            else if (!whole)
            {
                reporter.Warning(string.Create(CultureInfo.InvariantCulture,
                    $"'{log}', line {number}: it was cut off while it was written. The edit that it was to tell of is done; Test-WindowsDisk shows whether the image is whole."));
            }
            else if (error is not null)
            {
                onError(error);
            }

            offset += line.Length;
        }
    }

    /// <returns>Null, and perhaps why, when the line is not a record.</returns>
    private static GuestEditRecord? Parse(byte[] line, string log, int number, long offset, out Hyper2KvmException? error)
    {
        error = null;
        ReadOnlyMemory<byte> text = line.AsMemory().TrimEnd("\r\n"u8);
        if (text.IsEmpty)
        {
            return null;
        }

        string why;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            int schema = document.RootElement.GetProperty("schema").GetInt32();
            if (schema <= EditRecordWriter.Schema)
            {
                return EditRecordReader.Read(document.RootElement, log, number);
            }

            error = new UnsupportedFeatureException(
                "ChangeLogVersion", $"a record of schema {schema}", $"'{log}', line {number}", "Read it with the version that wrote it.");
            return null;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            why = exception.Message;
        }

        error = new DiskFormatException(
            "ChangeLogDamaged", string.Create(CultureInfo.InvariantCulture, $"change log '{log}', line {number}"), offset, "the record of an edit", why,
            "The other lines are read; the disk itself is not concerned.");
        return null;
    }

    /// <summary>The next line with its end; empty at the end of the file.</summary>
    private static byte[] ReadLine(FileStream stream, string log, long offset)
    {
        using MemoryStream line = new();
        for (int next = stream.ReadByte(); next >= 0; next = stream.ReadByte())
        {
            line.WriteByte((byte)next);
            if (next == '\n')
            {
                break;
            }

            if (line.Length > LongestLine)
            {
                throw new DiskFormatException(
                    "ChangeLogDamaged", $"change log '{log}'", offset, $"a line of at most {LongestLine} bytes", "a longer one", "This file is no change log.");
            }
        }

        return line.ToArray();
    }
}
