namespace Hyper2Kvm.Registry;

/// <summary>The predefined types of registry values. Others occur: the driver database keeps flags in the high word.</summary>
public static class HiveValueType
{
    /// <summary>REG_NONE.</summary>
    public const int None = 0;

    /// <summary>REG_SZ: UTF-16 text, with a zero at its end.</summary>
    public const int String = 1;

    /// <summary>REG_EXPAND_SZ: text with environment variables.</summary>
    public const int ExpandString = 2;

    /// <summary>REG_BINARY.</summary>
    public const int Binary = 3;

    /// <summary>REG_DWORD, little-endian.</summary>
    public const int Dword = 4;

    /// <summary>REG_DWORD_BIG_ENDIAN.</summary>
    public const int DwordBigEndian = 5;

    /// <summary>REG_LINK: the target of a symbolic link.</summary>
    public const int Link = 6;

    /// <summary>REG_MULTI_SZ: texts, each with a zero, and one more zero at the end.</summary>
    public const int MultiString = 7;

    /// <summary>REG_RESOURCE_LIST.</summary>
    public const int ResourceList = 8;

    /// <summary>REG_FULL_RESOURCE_DESCRIPTOR.</summary>
    public const int FullResourceDescriptor = 9;

    /// <summary>REG_RESOURCE_REQUIREMENTS_LIST.</summary>
    public const int ResourceRequirementsList = 10;

    /// <summary>REG_QWORD, little-endian.</summary>
    public const int Qword = 11;

    /// <summary>The name as in <c>REG_SZ</c>; a number for what is not predefined.</summary>
    public static string NameOf(int type) => type switch
    {
        None => "REG_NONE",
        String => "REG_SZ",
        ExpandString => "REG_EXPAND_SZ",
        Binary => "REG_BINARY",
        Dword => "REG_DWORD",
        DwordBigEndian => "REG_DWORD_BIG_ENDIAN",
        Link => "REG_LINK",
        MultiString => "REG_MULTI_SZ",
        ResourceList => "REG_RESOURCE_LIST",
        FullResourceDescriptor => "REG_FULL_RESOURCE_DESCRIPTOR",
        ResourceRequirementsList => "REG_RESOURCE_REQUIREMENTS_LIST",
        Qword => "REG_QWORD",
        _ => $"type 0x{type:X8}",
    };
}
