using Hyper2Kvm.Binary;

namespace Hyper2Kvm.Fuzz;

/// <summary>Changes an input as damage and malice would: bits, fields of 2, 4 and 8 bytes at their alignment, pointers moved to where
/// others point, parts cut, doubled, swapped between inputs. Most changes fall where the input is not empty.</summary>
internal sealed class Mutator(Random random)
{
    private const int Line = 64;
    private const int MostSize = 8 << 20;

    private static readonly ulong[] s_values =
    [
        0, 1, 2, 3, 4, 7, 8, 16, 32, 63, 64, 127, 128, 255, 256, 511, 512, 1023, 1024, 4095, 4096, 32767, 32768, 65535, 65536, 1 << 20, 1 << 21,
        1 << 24, (1UL << 30) - 1, 1UL << 30, int.MaxValue, 1UL << 31, uint.MaxValue - 1, uint.MaxValue, 1UL << 32, 1UL << 40, 1UL << 47, 1UL << 55,
        1UL << 62, long.MaxValue, 1UL << 63, ulong.MaxValue - 1, ulong.MaxValue,
    ];

    /// <param name="parts">Left as they are.</param>
    /// <param name="other">An input to take pieces from.</param>
    public IReadOnlyList<FuzzPart> Mutate(IReadOnlyList<FuzzPart> parts, IReadOnlyList<FuzzPart> other)
    {
        FuzzPart[] mutant = [.. parts.Select(part => part with { Bytes = [.. part.Bytes] })];
        int index = random.Next(3) == 0 ? random.Next(parts.Count) : 0;
        byte[] bytes = mutant[index].Bytes;
        int[] lines = FilledLines(bytes);
        int changes = 1 << random.Next(6);
        for (int i = random.Next(changes); i >= 0; i--)
        {
            bytes = Change(bytes, lines, other[random.Next(other.Count)].Bytes);
        }

        mutant[index] = mutant[index] with { Bytes = bytes };
        return mutant;
    }

    private static int[] FilledLines(byte[] bytes)
    {
        List<int> lines = [];
        for (int i = 0; i < bytes.Length; i += Line)
        {
            if (bytes.AsSpan(i, Math.Min(Line, bytes.Length - i)).ContainsAnyExcept((byte)0))
            {
                lines.Add(i);
            }
        }

        return [.. lines];
    }

    private byte[] Change(byte[] bytes, int[] lines, byte[] other)
    {
        if (bytes.Length < 16)
        {
            return [.. bytes, .. other.AsSpan(0, Math.Min(other.Length, 64))];
        }

        int place = Place(bytes, lines);
        switch (random.Next(16))
        {
            case 0 or 1 or 2:
                bytes[place] ^= (byte)(1 << random.Next(8));
                break;
            case 3:
                bytes[place] = (byte)random.Next(256);
                break;
            case 4 or 5 or 6:
                Put(bytes, place, s_values[random.Next(s_values.Length)]);
                break;
            case 7 or 8:
                Put(bytes, place, unchecked(Get(bytes, place) + (ulong)(long)random.Next(-64, 65)));
                break;
            case 9 or 10:
                Put(bytes, place, Get(bytes, Place(bytes, lines))); // somebody else's pointer
                break;
            case 11:
                Copy(bytes, Place(bytes, lines), bytes, place);
                break;
            case 12:
                Copy(other, random.Next(Math.Max(1, other.Length)), bytes, place);
                break;
            case 13:
                bytes.AsSpan(place, Math.Min(random.Next(1, 600), bytes.Length - place)).Fill(random.Next(2) == 0 ? (byte)0 : (byte)0xFF);
                break;
            case 14:
                return Resize(bytes, place);
            default:
                return Insert(bytes, place, Place(bytes, lines));
        }

        return bytes;
    }

    private int Place(byte[] bytes, int[] lines)
    {
        int line = lines.Length > 0 && random.Next(8) > 0 ? lines[random.Next(lines.Length)] : random.Next(bytes.Length);
        return Math.Min(line + random.Next(Line), bytes.Length - 1);
    }

    /// <summary>Writes a field of 1 to 8 bytes, in either order of bytes, at its alignment or not.</summary>
    private void Put(byte[] bytes, int place, ulong value)
    {
        int size = 1 << random.Next(4);
        place = Math.Min(random.Next(4) == 0 ? place : place & -size, bytes.Length - 8);
        Span<byte> field = stackalloc byte[8];
        bool isBig = random.Next(2) == 0;
        Le.U64(field, 0, value);
        field = field[..size];
        if (isBig)
        {
            field.Reverse();
        }

        field.CopyTo(bytes.AsSpan(place));
    }

    private ulong Get(byte[] bytes, int place)
    {
        int size = 1 << random.Next(4);
        place = Math.Min(place & -size, bytes.Length - 8);
        ulong value = random.Next(2) == 0 ? Le.U64(bytes, place) : Be.U64(bytes, place) >> (64 - (size * 8));
        return size == 8 ? value : value & ((1UL << (size * 8)) - 1);
    }

    private void Copy(byte[] from, int start, byte[] to, int place)
    {
        int length = Math.Min(1 << random.Next(3, 13), Math.Min(from.Length - start, to.Length - place));
        from.AsSpan(start, length).ToArray().CopyTo(to, place);
    }

    private byte[] Resize(byte[] bytes, int place)
    {
        int length = random.Next(3) switch
        {
            0 => place,
            1 => Math.Max(16, bytes.Length - random.Next(1, 1024)),
            _ => Math.Min(MostSize, bytes.Length + random.Next(1, 64 << 10)),
        };
        Array.Resize(ref bytes, length);
        return bytes;
    }

    /// <summary>Doubles a piece, or takes one away: what follows moves.</summary>
    private byte[] Insert(byte[] bytes, int place, int from)
    {
        int length = Math.Min(random.Next(1, 200), bytes.Length - Math.Max(from, place));
        return random.Next(2) == 0 || bytes.Length > MostSize
            ? [.. bytes.AsSpan(0, place), .. bytes.AsSpan(place + length)]
            : [.. bytes.AsSpan(0, place), .. bytes.AsSpan(from, length), .. bytes.AsSpan(place)];
    }
}
