using System.Numerics;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Blocks;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.FileSystems.Ntfs;

/// <summary>Gives and takes back file records by $MFT's own bitmap, and makes $MFT longer when it is full.</summary>
/// <remarks>A record that was in use before gets a new sequence number, so that references to the old file stay stale.</remarks>
internal sealed class FileRecordAllocator(WriteContext context)
{
    /// <summary>Windows gives the records below this only to itself.</summary>
    private const long FirstNumber = 24;

    /// <summary>Records that $MFT grows by, at least.</summary>
    private const long Growth = 64;

    /// <summary>An empty record, marked as taken in the bitmap; its bytes are for the caller to fill and write.</summary>
    public FileReference Allocate(bool mayGrow, out byte[] record)
    {
        long number = FindFree();
        if (number < 0)
        {
            if (!mayGrow)
            {
                throw new UnsupportedFeatureException(
                    "NtfsMftFragmented", "a $MFT that needs further file records to grow", "NTFS $MFT", "Defragment the volume in the guest.");
            }

            Grow();
            number = FindFree();
        }

        SetBit(number, true);
        ushort sequence = NextSequence(number);
        record = Format(number, sequence);
        return new FileReference(number, sequence);
    }

    /// <summary>Marks a record as free.</summary>
    public void Free(long number)
    {
        byte[] record = [.. context.Table.Read(number)];
        FileRecordView view = new(record);
        view.Flags = 0;
        view.Sequence = Next(view.Sequence);
        context.WriteRecord(number, record);
        SetBit(number, false);
    }

    private static ushort Next(ushort sequence) => sequence == ushort.MaxValue ? (ushort)1 : (ushort)(sequence + 1);

    /// <exception cref="DiskFormatException"><c>NtfsMftBitmapDamaged</c>: the record is in use all the same.</exception>
    private ushort NextSequence(long number)
    {
        byte[] old = context.Table.ReadUnchecked(number);
        if (!old.AsSpan(0, 4).SequenceEqual(FileRecordView.Signature))
        {
            return 1;
        }

        FileRecordView view = new(old);
        return view.IsInUse
            ? throw new DiskFormatException(
                "NtfsMftBitmapDamaged",
                MasterFileTable.Name(number),
                0,
                "a free record, as $MFT's bitmap says",
                "one in use",
                "Run chkdsk in the guest before migrating it.")
            : Next(view.Sequence);
    }

    /// <summary>An empty record of NTFS 3.1.</summary>
    private byte[] Format(long number, ushort sequence)
    {
        byte[] record = new byte[context.RecordSize];
        int words = (context.RecordSize / UpdateSequence.Stride) + 1;
        int first = (0x30 + (words * 2) + 7) & ~7;
        FileRecordView.Signature.CopyTo(record);
        Le.U16(record, 0x04, 0x30);
        Le.U16(record, 0x06, (ushort)words);
        Le.U16(record, 0x10, sequence);
        Le.U16(record, 0x14, (ushort)first);
        Le.U32(record, 0x18, (uint)first + 8);
        Le.U32(record, 0x1C, (uint)record.Length);
        Le.U32(record, 0x2C, (uint)number);
        Le.U32(record, first, AttributeType.End);
        return record;
    }

    private long FindFree()
    {
        FileEditor self = new(context, new FileReference(FileReference.MftNumber, 0));
        IBlockDevice bitmap = self.OpenStream(AttributeType.Bitmap, "");
        long limit = Math.Min(context.Table.RecordCount, bitmap.Length * 8);
        byte[] chunk = new byte[4096];
        for (long at = FirstNumber / 8; at * 8 < limit; at += chunk.Length)
        {
            int length = (int)Math.Min(chunk.Length, bitmap.Length - at);
            bitmap.Read(at, chunk.AsSpan(0, length));
            int index = chunk.AsSpan(0, length).IndexOfAnyExcept((byte)0xFF);
            if (index >= 0)
            {
                long number = ((at + index) * 8) + BitOperations.TrailingZeroCount(~chunk[index]);
                return number < limit ? number : -1;
            }
        }

        return -1;
    }

    private void SetBit(long number, bool set)
    {
        FileEditor self = new(context, new FileReference(FileReference.MftNumber, 0));
        byte[] bits = new byte[1];
        self.OpenStream(AttributeType.Bitmap, "").Read(number / 8, bits);
        byte mask = (byte)(1 << (int)(number % 8));
        bits[0] = set ? (byte)(bits[0] | mask) : (byte)(bits[0] & ~mask);
        self.WriteStream(AttributeType.Bitmap, "", number / 8, bits);
    }

    /// <summary>Makes $MFT and its bitmap longer; the new records are empty ones.</summary>
    private void Grow()
    {
        FileEditor self = new(context, new FileReference(FileReference.MftNumber, 0));
        AttributeData data = self.Read(AttributeType.Data, "");
        long oldCount = data.InitializedSize / context.RecordSize;
        long perCluster = Math.Max(1, context.ClusterSize / context.RecordSize);
        long newCount = (oldCount + Growth + perCluster - 1) / perCluster * perCluster;
        long newSize = Math.Max(newCount * context.RecordSize, data.DataSize);
        newCount = newSize / context.RecordSize;
        self.SetLength(AttributeType.Data, "", newSize);
        AttributeData grown = self.Read(AttributeType.Data, "");
        for (long number = oldCount; number < newCount; number++)
        {
            byte[] record = Format(number, 1);
            UpdateSequence.Insert(record);
            context.WriteStream(grown, number * context.RecordSize, record);
        }

        self.SetInitialized(AttributeType.Data, "", newSize);
        long bitmapBytes = (newCount + 63) / 64 * 8;
        if (self.Read(AttributeType.Bitmap, "").DataSize < bitmapBytes)
        {
            self.SetLength(AttributeType.Bitmap, "", bitmapBytes);
        }

        self.Save();
        context.Table.Reload();
    }
}
