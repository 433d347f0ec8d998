using System.Collections;
using System.Globalization;
using System.Management.Automation.Provider;
using System.Text;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.PowerShell.Binding;

namespace Hyper2Kvm.PowerShell.Providers;

/// <summary>A guest's file line by line, byte by byte or as a whole. A byte order mark tells the encoding; without one it is UTF-8.</summary>
public sealed class GuestContentReader : IContentReader
{
    /// <summary>What is given back in one piece: a line, or all of it with -Raw.</summary>
    private const int LongestPiece = 512 * 1024 * 1024;

    private readonly Stream _stream;
    private readonly string _name;
    private readonly ContentParameters _parameters;
    private readonly Encoding _encoding;
    private readonly CancellationToken _stop;
    private StreamReader? _text;

    internal GuestContentReader(Stream stream, string name, ContentParameters parameters, CancellationToken stop)
    {
        _stop = stop;
        _stream = new BufferedStream(stream, 64 * 1024);
        _name = name;
        _parameters = parameters;
        _encoding = EncodingOf(parameters.Encoding);
    }

    private StreamReader Text => _text ??= new StreamReader(_stream, _encoding, detectEncodingFromByteOrderMarks: true);

    /// <param name="readCount">Lines or bytes; 0 or less: all that is left.</param>
    public IList Read(long readCount) => StoppableWork.Run(() => ReadItems(readCount), _stop);

    /// <summary>All that is left as one text.</summary>
    public string ReadToEnd() => StoppableWork.Run(
        () =>
        {
            CheckLength();
            return Text.ReadToEnd();
        },
        _stop);

    /// <summary>By bytes; text begins anew there.</summary>
    public void Seek(long offset, SeekOrigin origin)
    {
        _text = null;
        _stream.Seek(offset, origin);
    }

    public void Close() => _stream.Close();

    public void Dispose() => _stream.Dispose();

    private IList ReadItems(long readCount)
    {
        if (_parameters.Raw)
        {
            return ReadWhole();
        }

        ArrayList items = [];
        while ((readCount <= 0 || items.Count < readCount) && (_parameters.AsByteStream ? (object?)ReadByte() : ReadLine()) is { } item)
        {
            items.Add(item);
        }

        return items;
    }

    private static Encoding EncodingOf(string? name)
    {
        if (name is null)
        {
            return new UTF8Encoding(false);
        }

        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        try
        {
            return name.ToUpperInvariant() switch
            {
                "UTF8" or "UTF8BOM" or "UTF8NOBOM" => new UTF8Encoding(false),
                "UNICODE" => Encoding.Unicode,
                "BIGENDIANUNICODE" => Encoding.BigEndianUnicode,
                "UTF32" => Encoding.UTF32,
                "BIGENDIANUTF32" => new UTF32Encoding(bigEndian: true, byteOrderMark: true),
                "ANSI" => Encoding.GetEncoding(1252),
                "OEM" => Encoding.GetEncoding(850),
                _ when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int page) => Encoding.GetEncoding(page),
                _ => Encoding.GetEncoding(name),
            };
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new UnsupportedFeatureException(
                "EncodingUnknown", $"the encoding '{name}'", name, "Give utf8, unicode, bigendianunicode, ascii, ansi, oem, latin1 or a code page such as 1252.");
        }
    }

    private object[] ReadWhole()
    {
        CheckLength();
        if (!_parameters.AsByteStream)
        {
            string text = Text.ReadToEnd();
            return text.Length == 0 ? [] : [text];
        }

        byte[] bytes = new byte[_stream.Length - _stream.Position];
        _stream.ReadExactly(bytes);
        return bytes.Length == 0 ? [] : [bytes];
    }

    private void CheckLength()
    {
        if (_stream.Length > LongestPiece)
        {
            throw TooLarge("the file is larger");
        }
    }

    private byte? ReadByte() => _stream.ReadByte() is var value and >= 0 ? (byte)value : null;

    /// <summary>StreamReader's own has no bound, and a file of zeros is one line.</summary>
    private string? ReadLine()
    {
        StringBuilder line = new();
        for (int c = Text.Read(); c >= 0; c = Text.Read())
        {
            if (c is '\r' or '\n')
            {
                if (c == '\r' && Text.Peek() == '\n')
                {
                    Text.Read();
                }

                return line.ToString();
            }

            if (line.Length == LongestPiece / sizeof(char))
            {
                throw TooLarge("a line is longer");
            }

            line.Append((char)c);
        }

        return line.Length == 0 ? null : line.ToString();
    }

    private UnsupportedFeatureException TooLarge(string why) => new(
        "GuestFileTooLarge",
        $"more than {LongestPiece / 1024 / 1024} MiB in one piece ({why})",
        _name,
        "Copy it out with Copy-WindowsItem, or read it with -AsByteStream.");
}
