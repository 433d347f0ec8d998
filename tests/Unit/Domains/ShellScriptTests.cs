using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Domains;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Domains;

/// <summary>The scripts for QEMU and for Proxmox are run by a shell, with stand-ins for the programs that they call.</summary>
public sealed class ShellScriptTests
{
    /// <summary>Keeps a machine's configuration as Proxmox prints it.</summary>
    private const string Qm = """
        #!/bin/sh
        set -eu
        conf=${0%/*}/$2.conf
        [ "$1" != disk ] || conf=${0%/*}/$3.conf
        number=$(cat "${0%/*}/volumes")
        drop() { grep -v "^$1: " "$conf" > "$conf.new" || true; mv "$conf.new" "$conf"; }
        case $1 in
          status) [ -e "$conf" ] || exit 2; echo 'status: stopped' ;;
          config) cat "$conf" ;;
          create | set)
            what=$1; shift 2
            touch "$conf"
            while [ $# -gt 0 ]; do
              if [ "$1" = --delete ]; then
                grep -q "^$2: " "$conf"; drop "$2"
              else
                value=$2
                case $2 in
                  STORE:0,import-from=*) file=${2#STORE:0,import-from=}; [ "${file%%,*}" = "$(cat "${0%/*}/expected")" ]; value=STORE:vol$number,${file#*,} ;;
                  STORE:1*) value=STORE:vol$number ;;
                esac
                number=$((number + 1)); drop "${1#--}"; echo "${1#--}: $value" >> "$conf"
              fi
              shift 2
            done ;;
          disk) [ "$4 $6" = '--idlist --force' ]; grep -q "^$5: " "$conf"; drop "$5" ;;
          *) exit 9 ;;
        esac
        echo "$number" > "${0%/*}/volumes"
        """;

    [OracleFact("sh", "env", "install")]
    public void QEMU_script_gives_the_program_its_very_arguments()
    {
        using TempFolder folder = new();
        string fake = Program(folder, "qemu", "#!/bin/sh\nfor word in \"$@\"; do printf '%s\\n' \"$word\"; done\n");
        DomainRequest request = Guests.Request(Guests.Layout(Guests.Version(10, 0, 20348, isServer: true))) with
        {
            ImagePath = "/images/it's $HOME, `ls` \"x\" \\ ä.qcow2",
            Networks = [new DomainNetwork("br0", IsBridge: true)],
        };
        request = request with { Identity = request.Identity with { Name = "web & 'co' $(ls)" } };
        string script = folder.File("web.sh");
        File.WriteAllText(script, DomainText.Write(request, KvmDomainKind.Qemu));

        string said = ForeignTool.RunOk("env", $"QEMU={fake}", "STATE=/state", "sh", script, "-S");
        IReadOnlyList<string> expected = QemuCommandLine.From(DomainXmlWriter.Write(request), new QemuHost { AgentSocket = "/state/web----co----ls-agent.sock" });
        Assert.Equal([.. expected, "-S"], said.TrimEnd('\n').Split('\n'));
        Assert.NotEqual(0, ForeignTool.Run("env", $"QEMU={fake}", "STATE=/a,b", "sh", script).ExitCode);
    }

    [OracleFact("sh", "env", "install")]
    public void QEMU_script_brings_firmware_and_TPM()
    {
        using TempFolder folder = new();
        string fake = Program(folder, "qemu", "#!/bin/sh\necho \"$*\"\n");
        Program(folder, "swtpm", "#!/bin/sh\necho \"$*\" > \"${0%/*}/swtpm.log\"\n");
        File.WriteAllText(folder.File("vars"), "template");
        File.WriteAllText(folder.File("code"), "");
        string script = folder.File("web.sh");
        DomainRequest request = Guests.Request(Guests.Layout(Guests.Version(10, 0, 22631), FirmwareMode.Uefi));
        File.WriteAllText(script, DomainText.Write(request, KvmDomainKind.Qemu));

        string home = Path.GetDirectoryName(script)!;
        string said = ForeignTool.RunOk(
            "env", $"QEMU={fake}", $"OVMF_CODE={folder.File("code")}", $"OVMF_TEMPLATE={folder.File("vars")}", $"PATH={home}:/usr/bin:/bin", "sh", script);
        Assert.Contains($"readonly=on,file={folder.File("code")}", said, StringComparison.Ordinal);
        Assert.Contains($"file={home}/web01-nvram.fd", said, StringComparison.Ordinal);
        Assert.Contains($"path={home}/web01-tpm.sock", said, StringComparison.Ordinal);
        Assert.Contains("br=virbr0", said, StringComparison.Ordinal);
        Assert.Equal("template", File.ReadAllText(folder.File("web01-nvram.fd")));
        Assert.Contains($"path={home}/web01-tpm.sock", File.ReadAllText(folder.File("swtpm.log")), StringComparison.Ordinal);
    }

    [OracleFact("sh", "env", "install", "sed", "grep")]
    public void Proxmox_makes_the_machine_and_moves_its_disks_to_their_final_bus()
    {
        using TempFolder folder = new();
        Program(folder, "qm", Qm);
        File.WriteAllText(folder.File("volumes"), "1");
        File.WriteAllText(folder.File("expected"), "/images/it's.qcow2");
        DomainRequest request = Guests.Request(Guests.Layout(Guests.Version(10, 0, 20348, isServer: true))) with { ImagePath = "/images/it's.qcow2" };

        string[] first = Run(request);
        string volume = Assert.Single(first, line => line.StartsWith("sata0: ", StringComparison.Ordinal)).Split(' ', ',')[1];
        Assert.Contains("virtio15: STORE:vol", string.Join('\n', first), StringComparison.Ordinal);
        Assert.Contains("ide2: local:iso/virtio-win.iso,media=cdrom", first);
        Assert.Contains(first, line => line.StartsWith("net0: e1000e=", StringComparison.Ordinal) && line.EndsWith(",bridge=vmbr0", StringComparison.Ordinal));
        Assert.Contains("boot: order=sata0", first);
        Assert.Contains("ostype: win11", first);

        string[] second = Run(request with { Phase = DomainPhase.Final });
        Assert.Contains($"virtio0: {volume},cache=none,discard=on,iothread=1", second);
        Assert.DoesNotContain(second, line => line.StartsWith("sata", StringComparison.Ordinal) || line.StartsWith("ide", StringComparison.Ordinal) || line.StartsWith("virtio15", StringComparison.Ordinal));
        Assert.Contains(second, line => line.StartsWith("net0: virtio=", StringComparison.Ordinal));
        Assert.Contains("boot: order=virtio0", second);
        string[] changed = ["sata0", "virtio0", "virtio15", "ide2", "net0", "boot"];
        Assert.Equal(first.Where(Stays).Order(), second.Where(Stays).Order());
        Assert.Equal(second.Order(), Run(request with { Phase = DomainPhase.Final }).Order());
        Assert.Throws<Xunit.Sdk.TrueException>(() => Run(request with { Identity = request.Identity with { Uuid = Guid.NewGuid() } }));

        bool Stays(string line) => !changed.Contains(line.Split(':')[0]);

        string[] Run(DomainRequest wanted)
        {
            string script = folder.File($"{wanted.Phase}.sh");
            File.WriteAllText(script, DomainText.Write(wanted, KvmDomainKind.Proxmox));
            ForeignTool.RunOk("env", $"PATH={Path.GetDirectoryName(script)}:/usr/bin:/bin", "sh", script, "120", "STORE");
            return File.ReadAllLines(folder.File("120.conf"));
        }
    }

    [Fact]
    public void What_Proxmox_cannot_run_is_refused_by_name()
    {
        DomainRequest good = Guests.Request(Guests.Layout(Guests.Version(10, 0, 20348, isServer: true)));
        Refused<GuestStateException>("DomainPathInvalid", good with { ImagePath = "/images/a,b.qcow2" });
        Refused<UnsupportedFeatureException>("DomainSectorSize", good with { Layout = good.Layout with { SectorSize = 4096 }, Phase = DomainPhase.Final });
        Refused<UnsupportedFeatureException>("DomainPlatform", good with { DataDisks = [.. Enumerable.Range(0, 15).Select(i => new DomainDisk($"/images/{i}.raw", "raw"))] });
        Refused<UnsupportedFeatureException>(
            "DomainPlatform", Guests.Request(Guests.Layout(Guests.Version(10, 0, 19045, architecture: GuestArchitecture.X86), FirmwareMode.Uefi)));
    }

    private static void Refused<T>(string errorId, DomainRequest request)
        where T : Hyper2KvmException =>
        Assert.Equal(errorId, Assert.Throws<T>(() => DomainText.Write(request, KvmDomainKind.Proxmox)).ErrorId);

    private static string Program(TempFolder folder, string name, string text)
    {
        // Not written by this process: programs that other tests start just now would have it open for writing, and Linux runs no such file.
        string path = folder.File(name);
        File.WriteAllText(path + ".text", text.ReplaceLineEndings("\n"));
        ForeignTool.RunOk("install", "-m", "755", path + ".text", path);
        return path;
    }
}
