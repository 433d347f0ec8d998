using Hyper2Kvm.Shell;

ShellOptions options;
try
{
    options = ShellOptions.Parse(args);
}
catch (FormatException exception)
{
    Console.Error.WriteLine(exception.Message);
    Console.Error.WriteLine(ShellOptions.Usage);
    return ExitCodes.BadCommandLine;
}

if (options.ShowHelp)
{
    Console.WriteLine(ShellOptions.Usage);
    return ExitCodes.Success;
}

// The engine sends usage data to Microsoft unless told not to, and nobody expects that of this program.
Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");

using ShellSession session = new(options);
return options switch
{
    { Command: { } command } => session.RunCommand(command),
    { File: { } file } => session.RunFile(file, options.Arguments),
    _ when Console.IsInputRedirected => session.RunCommand(Console.In.ReadToEnd()),
    _ => new InteractiveLoop(session).Run(),
};
