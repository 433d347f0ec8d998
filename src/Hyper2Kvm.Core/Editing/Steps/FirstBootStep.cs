using System.Globalization;
using System.Text;
using Hyper2Kvm.Diagnostics;
using Hyper2Kvm.Editing.Actions;
using Hyper2Kvm.FileSystems;

namespace Hyper2Kvm.Editing.Steps;

/// <summary>Lays an action into the guest, with the runner and the service that start it.</summary>
internal sealed class FirstBootStep(FirstBootAction action) : IEditStep
{
    private const int MostActions = 9999;
    private const int NumberLength = 4;

    public void Apply(EditableGuest guest)
    {
        if (action.NeedsPowerShell)
        {
            CheckPowerShell(guest);
        }

        GuestPath root = guest.WindowsRoot / FirstBootRunner.Folder;
        GuestPath folder = FolderFor(guest, root / FirstBootRunner.Actions);
        foreach (FirstBootFile file in action.Files)
        {
            guest.Windows.WriteFile(folder / file.Name, file.Content);
        }

        guest.Windows.WriteFile(folder / "run.cmd", Encoding.ASCII.GetBytes(action.Run));
        guest.Windows.WriteFile(root / FirstBootRunner.FileName, Encoding.ASCII.GetBytes(FirstBootRunner.Script));
        foreach (string controlSet in guest.Layout.BootControlSets)
        {
            WriteService(guest.System, $@"{controlSet}\Services\{FirstBootRunner.Service}");
        }
    }

    /// <summary>Windows has it from 7 on, Server Core from 2012 on; before, only where somebody installed it.</summary>
    private static void CheckPowerShell(EditableGuest guest)
    {
        WindowsVersion windows = guest.Layout.Windows;
        Version version = new(windows.Major, windows.Minor);
        bool mayLack = version < new Version(6, 1)
            || (version < new Version(6, 2) && windows.InstallationType.Contains("Core", StringComparison.OrdinalIgnoreCase));
        if (mayLack && guest.Windows.Files.Find(guest.System32 / @"WindowsPowerShell\v1.0\powershell.exe") is null)
        {
            throw new GuestItemNotFoundException(
                "PowerShellNotInGuest",
                guest.Layout.ImagePath,
                $"'{guest.Layout.ImagePath}' holds {windows.ProductName} without Windows PowerShell, which this first-boot action needs.",
                "Use a .cmd script, or install Windows PowerShell where the guest ran before.");
        }
    }

    /// <summary>The folder that an action of this name has and that has not run yet, else one after all others.</summary>
    private GuestPath FolderFor(EditableGuest guest, GuestPath actions)
    {
        int last = 0;
        if (guest.Windows.Files.Find(actions) is not null)
        {
            foreach (GuestEntry entry in guest.Windows.Files.List(actions))
            {
                if (entry.Name.Length <= NumberLength
                    || !int.TryParse(entry.Name.AsSpan(0, NumberLength), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                {
                    continue;
                }

                last = Math.Max(last, number);
                if (entry.Name[NumberLength..].Equals($"-{action.Name}", StringComparison.OrdinalIgnoreCase)
                    && guest.Windows.Files.Find(actions / entry.Name / "attempts") is null)
                {
                    return actions / entry.Name;
                }
            }
        }

        return last < MostActions
            ? actions / string.Create(CultureInfo.InvariantCulture, $"{last + 1:D4}-{action.Name}")
            : throw new GuestStateException(
                "FirstBootFull", guest.Layout.ImagePath, $"'{guest.Layout.ImagePath}' holds {last} first-boot actions.", "Start it once, and let it do them.");
    }

    private static void WriteService(HiveEditor system, string key)
    {
        system.SetDword(key, "Type", 0x10); // SERVICE_WIN32_OWN_PROCESS
        system.SetDword(key, "Start", 2); // automatic
        system.SetDword(key, "ErrorControl", 0); // no message to the user
        system.SetExpandString(key, "ImagePath", FirstBootRunner.ImagePath);
        system.SetString(key, "ObjectName", "LocalSystem");
        system.SetString(key, "DisplayName", "Hyper2Kvm first boot");
        system.SetString(key, "Description", "Runs what was prepared for the first starts on KVM, and removes itself.");
    }
}
