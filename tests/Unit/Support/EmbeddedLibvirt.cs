namespace Hyper2Kvm.Unit.Support;

/// <summary>libvirt's QEMU driver within virsh, with all that it keeps in one folder: it starts machines, also as root, and is nobody's daemon.
/// It looks for what QEMU can do once, which takes seconds, so tests share one.</summary>
public sealed class EmbeddedLibvirt : IDisposable
{
    private readonly TempFolder _folder = new();

    public EmbeddedLibvirt()
    {
        Directory.CreateDirectory(_folder.File("etc"));
        // There is no virtlogd to write logs, and no user that could reach into the folder.
        File.WriteAllText(_folder.File("etc/qemu.conf"), "stdio_handler = \"file\"\nswtpm_user = \"root\"\nswtpm_group = \"root\"\n");
    }

    /// <summary>To connect to.</summary>
    public string Uri => $"qemu:///embed?root={_folder.Path}";

    /// <summary>No machine runs, and no variable store or TPM of one is left.</summary>
    public void HasNothing()
    {
        Remains.HaveNoProcess(_folder.Path, "qemu-system-x86_64", "qemu-system-x86", "virsh", "swtpm");
        foreach (string kept in (string[])["lib/qemu/nvram", "lib/swtpm"])
        {
            Assert.True(!Directory.Exists(_folder.File(kept)) || !Directory.EnumerateFileSystemEntries(_folder.File(kept)).Any(), kept);
        }
    }

    public void Dispose() => _folder.Dispose();
}
