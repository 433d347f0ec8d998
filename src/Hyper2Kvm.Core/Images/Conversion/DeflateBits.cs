using System.Buffers.Binary;

namespace Hyper2Kvm.Images.Conversion;

/// <summary>Writes bits, the lowest first, into bytes; remembers when there was no room.</summary>
internal ref struct DeflateBits(Span<byte> target)
{
    private readonly Span<byte> _target = target;
    private ulong _bits;
    private int _count;
    private int _length;

    /// <summary>The target was too small.</summary>
    public bool IsFull { get; private set; }

    /// <param name="bits">The bits.</param>
    /// <param name="count">How many: up to 56.</param>
    public void Write(ulong bits, int count)
    {
        unchecked
        {
            _bits |= bits << _count;
            _count += count;
            if (_length + 8 <= _target.Length)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(_target[_length..], _bits);
                int whole = _count >> 3;
                _length += whole;
                _bits = whole == 8 ? 0 : _bits >> (whole * 8);
                _count &= 7;
                return;
            }
        }

        WriteBytes();
    }

    /// <summary>Fills up the last byte with zeros.</summary>
    /// <returns>Bytes written.</returns>
    public int Align()
    {
        WriteBytes();
        if (_count > 0)
        {
            Write(0, 8 - _count);
        }

        WriteBytes();
        return _length;
    }

    /// <summary>Copies bytes, after <see cref="Align"/>.</summary>
    public void Copy(ReadOnlySpan<byte> bytes)
    {
        IsFull |= bytes.Length > _target.Length - _length;
        if (!IsFull)
        {
            bytes.CopyTo(_target[_length..]);
            _length += bytes.Length;
        }
    }

    private void WriteBytes()
    {
        while (_count >= 8)
        {
            if (_length < _target.Length)
            {
                _target[_length++] = unchecked((byte)_bits);
            }
            else
            {
                IsFull = true;
            }

            _bits >>= 8;
            _count -= 8;
        }
    }
}
