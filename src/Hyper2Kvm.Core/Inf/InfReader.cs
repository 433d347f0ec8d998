using System.Globalization;
using System.Text;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Inf;

/// <summary>Splits an INF's text into sections and lines.</summary>
/// <remarks>
/// Rules: learn.microsoft.com/windows-hardware/drivers/install/general-syntax-rules-for-inf-files. In short: <c>;</c> starts a comment,
/// <c>"</c> quotes and <c>""</c> within quotes is one, a quote ends with its line, <c>\</c> as the last thing on a line (spaces and a
/// comment may follow) continues it, the first <c>=</c> before any comma ends the key, commas separate fields, white space around a
/// field goes unless quoted.
/// </remarks>
internal sealed class InfReader
{
    /// <summary>Entries that a file may have: a bound for memory, far above real files.</summary>
    private const int MaximumLines = 200_000;

    private readonly InfText _source;
    private readonly string _text;
    private readonly string _name;
    private readonly StringBuilder _field = new();
    private int _position;
    private int _lineNumber = 1;
    private int _counted;
    private long _offset;
    private int _lines;

    /// <summary>Length of <see cref="_field"/> that quotes protect from trimming.</summary>
    private int _protected;

    /// <summary>Where in <see cref="_field"/> the first quote stood, if <see cref="_quoted"/>.</summary>
    private int _firstQuote;
    private bool _quoted;

    public InfReader(InfText source, string name)
    {
        _source = source;
        _text = source.Text;
        _name = name;
        _offset = source.MarkLength;
    }

    /// <exception cref="DiskFormatException"><c>InfSyntaxInvalid</c>, <c>InfTooLarge</c>.</exception>
    public Dictionary<string, InfSection> ReadSections()
    {
        Dictionary<string, InfSection> sections = new(StringComparer.OrdinalIgnoreCase);
        InfSection? current = null;
        while (SkipBlank())
        {
            if (_text[_position] == '[')
            {
                string name = ReadSectionName();
                if (!sections.TryGetValue(name, out current))
                {
                    current = new InfSection(name);
                    sections.Add(name, current);
                }
            }
            else
            {
                InfLine line = ReadLine();
                (current ?? throw Invalid("a section before the first entry", "an entry")).Add(line);
            }

            if (++_lines > MaximumLines)
            {
                throw Invalid($"at most {MaximumLines} lines", "more", "InfTooLarge");
            }
        }

        return sections;
    }

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\f' or '\v' or '\u00A0' or '\uFEFF';

    private static bool IsEnd(char c) => c is '\r' or '\n';

    /// <summary>Moves to the first character of the next line that has any; false at the end.</summary>
    private bool SkipBlank()
    {
        while (_position < _text.Length)
        {
            char c = _text[_position];
            if (c == ';')
            {
                SkipToEnd();
            }
            else if (IsSpace(c) || IsEnd(c))
            {
                Advance();
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    private void SkipToEnd()
    {
        int length = _text.AsSpan(_position).IndexOfAny('\r', '\n');
        _position = length < 0 ? _text.Length : _position + length;
    }

    private void Advance()
    {
        if (_text[_position] == '\n')
        {
            _lineNumber++;
        }

        _position++;
    }

    private string ReadSectionName()
    {
        ReadOnlySpan<char> rest = _text.AsSpan(_position + 1);
        int end = rest.IndexOfAny('\r', '\n');
        rest = end < 0 ? rest : rest[..end];
        int close = rest.IndexOf(']');
        if (close < 0)
        {
            throw Invalid("a section name in brackets", "no closing bracket");
        }

        string name = rest[..close].Trim().Trim('"').Trim().ToString();
        SkipToEnd();
        return name;
    }

    private InfLine ReadLine()
    {
        int number = _lineNumber;
        long offset = OffsetHere();
        List<string> values = [];
        string? key = null;
        StartField();
        while (_position < _text.Length && !IsEnd(_text[_position]))
        {
            char c = _text[_position];
            switch (c)
            {
                case ';':
                    SkipToEnd();
                    break;
                case '"':
                    ReadQuoted();
                    break;
                case '\\' when ContinuesAfter(_position + 1) is var next and >= 0:
                    Continue(next);
                    break;
                case ',':
                    values.Add(TakeField());
                    _position++;
                    break;
                case '=' when key is null && values.Count == 0:
                    key = TakeField();
                    _position++;
                    break;
                default:
                    _field.Append(c);
                    _position++;
                    break;
            }
        }

        bool quoted = _quoted;
        string last = TakeField();
        if (values.Count > 0 || quoted || last.Length > 0)
        {
            values.Add(last);
        }

        return new InfLine(key, values, number, offset);
    }

    private void StartField()
    {
        _field.Clear();
        _protected = 0;
        _quoted = false;
    }

    private string TakeField()
    {
        int end = _field.Length;
        while (end > _protected && IsSpace(_field[end - 1]))
        {
            end--;
        }

        int start = 0;
        int firstQuote = _quoted ? _firstQuote : end;
        while (start < firstQuote && IsSpace(_field[start]))
        {
            start++;
        }

        string text = _field.ToString(start, end - start);
        StartField();
        return text;
    }

    private void ReadQuoted()
    {
        if (!_quoted)
        {
            _quoted = true;
            _firstQuote = _field.Length;
        }

        _position++;
        while (_position < _text.Length && !IsEnd(_text[_position]))
        {
            char c = _text[_position++];
            if (c == '"')
            {
                if (_position >= _text.Length || _text[_position] != '"')
                {
                    break;
                }

                _position++;
            }

            _field.Append(c);
        }

        _protected = _field.Length;
    }

    /// <summary>Where the continued text goes on when only spaces or a comment follow; otherwise -1.</summary>
    private int ContinuesAfter(int position)
    {
        while (position < _text.Length && IsSpace(_text[position]))
        {
            position++;
        }

        if (position < _text.Length && _text[position] == ';')
        {
            int length = _text.AsSpan(position).IndexOfAny('\r', '\n');
            position = length < 0 ? _text.Length : position + length;
        }

        if (position >= _text.Length)
        {
            return position;
        }

        return _text[position] switch
        {
            '\r' when position + 1 < _text.Length && _text[position + 1] == '\n' => position + 2,
            '\r' or '\n' => position + 1,
            _ => -1,
        };
    }

    private void Continue(int next)
    {
        while (_position < next)
        {
            Advance();
        }

        while (_position < _text.Length && IsSpace(_text[_position]))
        {
            _position++;
        }
    }

    /// <summary>Byte offset of the current character; each part of the text is counted once.</summary>
    private long OffsetHere()
    {
        _offset += _source.Encoding.GetByteCount(_text.AsSpan(_counted.._position));
        _counted = _position;
        return _offset;
    }

    private DiskFormatException Invalid(string expected, string actual, string errorId = "InfSyntaxInvalid") => new(
        errorId, string.Create(CultureInfo.InvariantCulture, $"{_name} line {_lineNumber}"), OffsetHere(), expected, actual);
}
