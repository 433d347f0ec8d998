namespace Hyper2Kvm.Booting;

/// <summary>Tells screens apart by their colours: the fonts of Windows' boot screens are not ours to know.</summary>
/// <remarks>Windows 8 to 11 stop on #0078D7 or its neighbours (8: #1073AA), Windows 2000 to 7 on #0000AA or #000080 in 640x480. The recovery
/// environment has the same blue with tiles of other blues on it.</remarks>
internal static class ScreenClassifier
{
    /// <summary>5 bits of each of the three colours.</summary>
    private const int Buckets = 1 << 15;

    public static ScreenKind Classify(PixelMap screen)
    {
        int[] counts = Count(screen, out int total);
        int most = IndexOfLargest(counts, -1);
        double share = (double)counts[most] / total;
        if (counts[most] == total)
        {
            return ScreenKind.Blank;
        }

        if (IsStopBlue(most) && share > 0.6)
        {
            int second = IndexOfLargest(counts, most);
            bool hasTiles = IsBlue(second) && (double)counts[second] / total > 0.04;
            return hasTiles ? ScreenKind.Recovery : ScreenKind.BlueScreen;
        }

        return IsBlack(most) && share > 0.75 ? ScreenKind.Dark : ScreenKind.Picture;
    }

    private static int[] Count(PixelMap screen, out int total)
    {
        int[] counts = new int[Buckets];
        byte[] pixels = screen.Pixels;
        for (int i = 0; i < pixels.Length; i += 3)
        {
            counts[((pixels[i] >> 3) << 10) | ((pixels[i + 1] >> 3) << 5) | (pixels[i + 2] >> 3)]++;
        }

        total = pixels.Length / 3;
        return counts;
    }

    private static int IndexOfLargest(int[] counts, int except)
    {
        int best = except == 0 ? 1 : 0;
        for (int i = 0; i < counts.Length; i++)
        {
            if (i != except && counts[i] > counts[best])
            {
                best = i;
            }
        }

        return best;
    }

    private static (int Red, int Green, int Blue) Colour(int bucket) => ((bucket >> 10) << 3, ((bucket >> 5) & 31) << 3, (bucket & 31) << 3);

    private static bool IsBlack(int bucket) => Colour(bucket) is { Red: < 16, Green: < 16, Blue: < 16 };

    private static bool IsBlue(int bucket) => Colour(bucket) is var colour && colour.Blue > colour.Red + 40 && colour.Blue > colour.Green + 16;

    private static bool IsStopBlue(int bucket) => Colour(bucket) is
        { Red: < 24, Green: >= 96 and <= 128, Blue: >= 160 and <= 224 } or { Red: < 16, Green: < 16, Blue: >= 112 and <= 176 };
}
