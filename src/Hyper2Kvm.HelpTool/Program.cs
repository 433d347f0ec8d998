using System.Xml.Linq;
using Hyper2Kvm.HelpTool;

// docs/cmdlets -> en-US: the pages of the cmdlets become one MAML file, about_ topics are text already.
if (args.Length != 2)
{
    Console.Error.WriteLine("Usage: Hyper2Kvm.HelpTool <folder of the pages> <en-US folder of the module>");
    return 64;
}

Directory.CreateDirectory(args[1]);
string[] pages = Directory.GetFiles(args[0], "*-*.md");
Array.Sort(pages, StringComparer.Ordinal);
try
{
    foreach (IGrouping<string, CommandPage> file in pages.Select(CommandPageReader.Read).GroupBy(page => page.ExternalHelpFile))
    {
        XDocument maml = MamlWriter.Write(file);
        maml.Save(Path.Combine(args[1], file.Key));
    }
}
catch (PageException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}

foreach (string topic in Directory.GetFiles(args[0], "about_*.help.txt"))
{
    File.Copy(topic, Path.Combine(args[1], Path.GetFileName(topic)), overwrite: true);
}

return 0;
