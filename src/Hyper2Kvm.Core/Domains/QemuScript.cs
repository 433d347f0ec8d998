using System.Globalization;
using System.Text;

namespace Hyper2Kvm.Domains;

/// <summary>The domain as a shell script that starts QEMU, for hosts without libvirt.</summary>
/// <remarks>What libvirt would do for a domain, the script does: it finds the firmware, keeps the machine's own copy of the variable store,
/// and starts the TPM.</remarks>
internal static class QemuScript
{
    // libvirt makes this bridge for its network "default"; elsewhere a network's name is that of its bridge.
    private const string DefaultBridge = "virbr0";

    private const string Header = """
        #!/bin/sh
        # Made by Hyper2Kvm. Run it on the KVM host; what follows on the command line are more options for QEMU.
        # STATE is the folder of the machine's variable store, TPM and sockets, QEMU the program.
        # Its bridges must be allowed in /etc/qemu/bridge.conf. Of the bootstrap and the final domain only one may run at a time.
        set -eu
        QEMU=${QEMU:-qemu-system-x86_64}
        STATE=${STATE:-$(cd -- "$(dirname -- "$0")" && pwd)}
        case $STATE in
          *,*) echo "The folder $STATE has a comma in its name: set STATE to another." >&2; exit 1 ;;
        esac
        AGENT_SOCKET=$STATE/NAME-agent.sock

        """;

    private static readonly (string Code, string Variables)[] s_firmware =
    [
        ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
        ("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
        ("/usr/share/qemu/ovmf-x86_64-4m-code.bin", "/usr/share/qemu/ovmf-x86_64-4m-vars.bin"),
        ("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
    ];

    private static readonly (string Code, string Variables)[] s_secureFirmware =
    [
        ("/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", "/usr/share/OVMF/OVMF_VARS_4M.ms.fd"),
        ("/usr/share/edk2/ovmf/OVMF_CODE.secboot.fd", "/usr/share/edk2/ovmf/OVMF_VARS.secboot.fd"),
        ("/usr/share/qemu/ovmf-x86_64-smm-ms-code.bin", "/usr/share/qemu/ovmf-x86_64-smm-ms-vars.bin"),
    ];

    private static readonly (string Code, string Variables)[] s_firmware32 =
    [
        ("/usr/share/OVMF/OVMF32_CODE_4M.secboot.fd", "/usr/share/OVMF/OVMF32_VARS_4M.fd"),
        ("/usr/share/edk2/ovmf-ia32/OVMF_CODE.secboot.fd", "/usr/share/edk2/ovmf-ia32/OVMF_VARS.fd"),
    ];

    public static string Write(DomainRequest request)
    {
        WindowsProfile profile = new(request.Layout.Windows);
        QemuHost host = new()
        {
            FirmwareCode = ShellText.Variable("OVMF_CODE"),
            FirmwareVariables = ShellText.Variable("OVMF_VARS"),
            TpmSocket = ShellText.Variable("TPM_SOCKET"),
            AgentSocket = ShellText.Variable("AGENT_SOCKET"),
        };
        IReadOnlyList<string> arguments = QemuCommandLine.From(DomainXmlWriter.Write(OnBridges(request, DefaultBridge)), host);
        string name = DnsName.Label(request.Identity.Name);
        StringBuilder text = new(Header.Replace("NAME", name, StringComparison.Ordinal).ReplaceLineEndings("\n"));
        if (request.Layout.Firmware == FirmwareMode.Uefi)
        {
            AddFirmware(text, name, profile.Is32Bit ? s_firmware32 : request.SecureBoot ? s_secureFirmware : s_firmware);
        }

        if (profile.HasTpm(request))
        {
            text.Append(CultureInfo.InvariantCulture, $"TPM_SOCKET=$STATE/{name}-tpm.sock\nmkdir -p -- \"$STATE\"/{name}-tpm\n");
            text.Append(CultureInfo.InvariantCulture, $"swtpm socket --tpm2 --tpmstate dir=\"$STATE\"/{name}-tpm --ctrl type=unixio,path=\"$TPM_SOCKET\" --terminate --daemon\n");
        }

        return AddCommand(text, arguments).ToString();
    }

    /// <summary>All cards on bridges, for what knows no networks of libvirt.</summary>
    public static DomainRequest OnBridges(DomainRequest request, string defaultBridge) => request with
    {
        Networks = [.. request.Identity.MacAddresses.Select((_, card) => request.NetworkOf(card) is { IsBridge: false, Name: "default" }
            ? new DomainNetwork(defaultBridge, IsBridge: true)
            : request.NetworkOf(card) with { IsBridge = true })],
    };

    private static void AddFirmware(StringBuilder text, string name, (string Code, string Variables)[] places)
    {
        text.Append(CultureInfo.InvariantCulture, $"OVMF_VARS=$STATE/{name}-nvram.fd\n");
        text.Append("if [ -z \"${OVMF_CODE:-}\" ] || [ -z \"${OVMF_TEMPLATE:-}\" ]; then\n  OVMF_CODE=\n");
        foreach ((string code, string variables) in places)
        {
            text.Append(CultureInfo.InvariantCulture, $"  if [ -z \"$OVMF_CODE\" ] && [ -r {code} ] && [ -r {variables} ]; then OVMF_CODE={code} OVMF_TEMPLATE={variables}; fi\n");
        }

        text.Append("  if [ -z \"$OVMF_CODE\" ]; then\n");
        text.Append("    echo 'No UEFI firmware found: install OVMF, or set OVMF_CODE and OVMF_TEMPLATE to its two files.' >&2\n    exit 1\n  fi\nfi\n");
        text.Append("[ -e \"$OVMF_VARS\" ] || cp -- \"$OVMF_TEMPLATE\" \"$OVMF_VARS\"\n");
    }

    /// <summary>Each option with its value on a line of its own.</summary>
    private static StringBuilder AddCommand(StringBuilder text, IReadOnlyList<string> arguments)
    {
        text.Append("exec \"$QEMU\"");
        foreach (string argument in arguments)
        {
            text.Append(argument.StartsWith('-') ? " \\\n  " : " ").Append(ShellText.Quote(argument));
        }

        return text.Append(" \\\n  \"$@\"\n");
    }
}
