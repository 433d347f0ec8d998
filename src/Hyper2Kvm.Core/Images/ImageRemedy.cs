namespace Hyper2Kvm.Images;

/// <summary>What a user can do, where several readers say the same.</summary>
internal static class ImageRemedy
{
    public const string Truncated = "The file seems to be cut short: compare its size with the original's and copy it again.";

    public const string Damaged = "Take the image from a backup or copy it again from its host.";

    public const string Convert = "Convert it first: qemu-img convert -O qcow2 SOURCE TARGET.qcow2";

    public const string CopyOut = "Make a copy of it and edit that: Convert-DiskImage -LiteralPath SOURCE -Destination COPY.qcow2";

    public const string ConvertInHyperV =
        "Make a copy of it in Hyper-V, which merges the chain and replays the log, and take that: Convert-VHD -Path SOURCE -DestinationPath COPY.vhdx";
}
