using System.Text.Json;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing.Commit;

namespace Hyper2Kvm.Migration;

/// <summary>The state file of a migration, <c>NAME.h2kv-migration.json</c>: written whole or not at all after each stage.</summary>
/// <remarks>The schema is <c>data/migration-state.schema.json</c>. It is read as somebody else's bytes: it says which stages are done, and names files
/// beside itself; where files are written it does not say.</remarks>
internal static class MigrationStateFile
{
    /// <summary>Version of the schema. A reader takes all up to its own.</summary>
    public const int Schema = 1;

    private const int MaxBytes = 64 * 1024 * 1024;

    /// <returns>Null when there is none.</returns>
    /// <exception cref="DiskFormatException"><c>MigrationStateDamaged</c>.</exception>
    /// <exception cref="UnsupportedFeatureException"><c>MigrationStateVersion</c>.</exception>
    public static MigrationRecord? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        if (new FileInfo(path).Length > MaxBytes)
        {
            throw Damaged(path, $"more than {MaxBytes} bytes", null);
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 16 });
            int schema = document.RootElement.GetProperty("schema").GetInt32();
            return schema <= Schema
                ? MigrationRecordReader.Read(document.RootElement, Path.GetDirectoryName(path)!)
                : throw new UnsupportedFeatureException(
                    "MigrationStateVersion", $"a state of schema {schema}", $"'{path}'", "Go on with the version that wrote it, or begin anew with -Force.");
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or OverflowException)
        {
            throw Damaged(path, exception.Message, exception);
        }
    }

    public static void Write(string path, MigrationRecord record) =>
        AtomicFile.Write(path, replace: true, stream => MigrationRecordWriter.Write(stream, record));

    private static DiskFormatException Damaged(string path, string found, Exception? inner) => new(
        "MigrationStateDamaged", $"state file '{path}'", 0, "the state of a migration", found,
        "Delete the file, or begin anew with -Force: what is done is recognised where it can be.", inner);
}
