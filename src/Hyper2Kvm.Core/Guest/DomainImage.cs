using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Images;
using Hyper2Kvm.Images.Ova;

namespace Hyper2Kvm.Guest;

/// <summary>Whether there can be a disk where a domain is to start from: a wrong name would come to light on the KVM host only.</summary>
public static class DomainImage
{
    /// <param name="layout">What is known of the guest. One that was ready for VirtIO may be elsewhere by now.</param>
    /// <param name="imagePath">Full path of the image.</param>
    /// <exception cref="GuestItemNotFoundException"><c>ImageNotFound</c>.</exception>
    /// <exception cref="Hyper2KvmException">What is there is no disk image.</exception>
    public static void Check(WindowsLayout layout, string imagePath)
    {
        if (OvaPath.Exists(imagePath))
        {
            CheckReadable(imagePath);
        }
        else if (Directory.Exists(imagePath))
        {
            throw new GuestItemNotFoundException(
                "ImageNotFound", imagePath, $"'{imagePath}' is a folder, not a disk image.", "Name the image with -ImagePath, and the folder of the files with -OutputDirectory.");
        }
        else if (!layout.IsVirtioBootReady)
        {
            throw new GuestItemNotFoundException(
                "ImageNotFound", imagePath, $"'{imagePath}': there is no such file, and nothing says that it was ready for VirtIO.",
                "Add-BootStartStorage and Set-CriticalDeviceDatabase make it: pipe what they put out. -WhatIf shows the domain without the disk.");
        }
    }

    private static void CheckReadable(string imagePath)
    {
        try
        {
            ImageDetector.Open(imagePath).Dispose();
        }
        catch (GuestStateException inUse) when (inUse.ErrorId == "ImageInUse")
        {
            // Its guest runs, so it is a disk.
        }
    }
}
