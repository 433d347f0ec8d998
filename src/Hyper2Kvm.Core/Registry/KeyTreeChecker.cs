using System.Globalization;
using Hyper2Kvm.Binary;
using Hyper2Kvm.Diagnostics;

namespace Hyper2Kvm.Registry;

/// <summary>Checks all keys from the root down: nodes, lists of subkeys, statistics, values and their data.</summary>
internal sealed class KeyTreeChecker(CheckedCells cells, SecurityChecker security)
{
    private const int MostLevels = 512;

    private readonly ValueChecker _values = new(cells);

    /// <summary>Keys still to check: the offset of the key node, its level above that.</summary>
    private readonly List<long> _pending = [];

    // Of the key at hand, and of its subkeys seen so far.
    private int _level;
    private string? _previousName;
    private int _subkeys;
    private int _largestName;
    private int _largestClass;

    public void Check(CellOffset root)
    {
        if (ClaimKey(root, "root key node", out Span<byte> rootNode))
        {
            if ((new KeyNodeView(rootNode).Flags & KeyNodeView.HiveEntryFlag) == 0)
            {
                cells.Report("HiveRootNotMarked", root, "the root key is not marked as the root of a hive");
            }

            _pending.Add(root.Value);
        }

        while (_pending.Count > 0 && !cells.IsFull)
        {
            Interruption.Check();
            long next = _pending[^1];
            _pending.RemoveAt(_pending.Count - 1);
            _level = (int)(next >> 32);
            CheckKey(new CellOffset((uint)(next & uint.MaxValue)));
        }
    }

    /// <summary>A whole key node, claimed; false, and a finding, when it is not one.</summary>
    private bool ClaimKey(CellOffset cell, string structure, out Span<byte> data)
    {
        if (!cells.Claim(cell, structure, KeyNodeView.HeaderSize, out data))
        {
            return false;
        }

        KeyNodeView node = new(data);
        if (!node.HasSignature || node.NameLength == 0 || node.NameLength > data.Length - KeyNodeView.HeaderSize)
        {
            cells.Report("HiveKeyDamaged", cell, $"the {structure} is not whole");
            return false;
        }

        return true;
    }

    private void CheckKey(CellOffset cell)
    {
        KeyNodeView node = new(cells.Data(cell));
        if (_level > MostLevels)
        {
            cells.Report("HiveTooDeep", cell, "more than 512 levels of keys");
            return;
        }

        security.Use(node.Security, cell);
        if (!node.ClassName.IsNone && node.ClassLength > 0)
        {
            cells.Claim(node.ClassName, "class name", node.ClassLength);
        }

        CheckSubkeys(cell, node);
        _values.Check(cell, node);
    }

    private void CheckSubkeys(CellOffset cell, KeyNodeView node)
    {
        if (node.SubkeyCount == 0)
        {
            return;
        }

        _previousName = null;
        _subkeys = 0;
        _largestName = 0;
        _largestClass = 0;
        CheckList(node.SubkeyList, cell, mayBeRoot: true);
        if (_subkeys != node.SubkeyCount)
        {
            cells.Report("HiveSubkeyCountWrong", cell, string.Create(CultureInfo.InvariantCulture, $"counts {node.SubkeyCount} subkeys, lists {_subkeys}"));
        }

        if (node.LargestSubkeyName < _largestName || node.LargestSubkeyClass < _largestClass)
        {
            cells.Report(
                "HiveStatisticsWrong",
                cell,
                string.Create(CultureInfo.InvariantCulture, $"a subkey name of {_largestName} bytes, class {_largestClass}; the key says {node.LargestSubkeyName} and {node.LargestSubkeyClass}"));
        }
    }

    private void CheckSubkey(CellOffset key, CellOffset parent, uint hint, SubkeyListKind kind)
    {
        _subkeys++;
        if (!ClaimKey(key, "key node", out Span<byte> data))
        {
            return;
        }

        KeyNodeView subkey = new(data);
        if (subkey.Parent != parent)
        {
            cells.Report("HiveParentWrong", key, string.Create(CultureInfo.InvariantCulture, $"the parent is 0x{parent.Value:X}, not 0x{subkey.Parent.Value:X}"));
        }

        string name = subkey.Name;
        if (_previousName is not null && HiveName.Compare(_previousName, name) >= 0)
        {
            cells.Report("HiveSubkeysUnsorted", key, $"'{name}' is listed behind '{_previousName}'");
        }

        if (kind == SubkeyListKind.HashLeaf ? hint != HiveName.Hash(name) : kind == SubkeyListKind.FastLeaf && !HiveName.MayHaveHint(name, hint))
        {
            cells.Report("HiveHintWrong", key, $"the list has a wrong hint for '{name}'");
        }

        _previousName = name;
        _largestName = Math.Max(_largestName, name.Length * 2);
        _largestClass = Math.Max(_largestClass, subkey.ClassLength);
        _pending.Add(((long)(_level + 1) << 32) | key.Value);
    }

    private void CheckList(CellOffset cell, CellOffset parent, bool mayBeRoot)
    {
        const int header = 4;
        if (!cells.Claim(cell, "subkeys list", header, out Span<byte> bytes))
        {
            return;
        }

        SubkeyListKind? kind = bytes[..2] switch
        {
            [(byte)'l', (byte)'i'] => SubkeyListKind.IndexLeaf,
            [(byte)'l', (byte)'f'] => SubkeyListKind.FastLeaf,
            [(byte)'l', (byte)'h'] => SubkeyListKind.HashLeaf,
            [(byte)'r', (byte)'i'] when mayBeRoot => SubkeyListKind.IndexRoot,
            _ => null,
        };
        int step = kind is SubkeyListKind.FastLeaf or SubkeyListKind.HashLeaf ? 8 : 4;
        int count = Le.U16(bytes, 2);
        if (kind is null || count == 0 || header + (count * step) > bytes.Length)
        {
            cells.Report("HiveSubkeyListDamaged", cell, "no whole list of subkeys");
            return;
        }

        for (int offset = header; offset < header + (count * step); offset += step)
        {
            CellOffset target = new(Le.U32(bytes, offset));
            if (kind == SubkeyListKind.IndexRoot)
            {
                CheckList(target, parent, mayBeRoot: false);
            }
            else
            {
                CheckSubkey(target, parent, step == 8 ? Le.U32(bytes, offset + 4) : 0, kind.Value);
            }
        }
    }
}
