using Hyper2Kvm.Machines;
using Hyper2Kvm.Unit.Support;

namespace Hyper2Kvm.Unit.Machines;

/// <summary>Descriptions of machines, as small as they can be.</summary>
internal static class Descriptions
{
    private const string Namespaces =
        "xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\" xmlns:ovf=\"http://schemas.dmtf.org/ovf/envelope/1\" "
        + "xmlns:rasd=\"http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData\" "
        + "xmlns:vmw=\"http://www.vmware.com/schema/ovf\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";

    /// <summary>Four disks on SCSI, SATA, IDE and NVMe, in the wrong order, a CD-ROM, and two cards.</summary>
    public static string Ovf(string more = "", string files = "", string hardware = "") => $"""
        <?xml version="1.0"?>
        <Envelope {Namespaces}>
        <References><File ovf:href="a%20b.vmdk" ovf:id="f1"/><File ovf:href="s1.vmdk" ovf:id="f2"/><File ovf:href="i.vmdk" ovf:id="f3"/><File ovf:href="n.vmdk" ovf:id="f4"/>{files}</References>
        <DiskSection><Disk ovf:capacity="32" ovf:capacityAllocationUnits="byte * 2^30" ovf:diskId="d1" ovf:fileRef="f1"/>
        <Disk ovf:capacity="1048576" ovf:diskId="d2" ovf:fileRef="f2"/><Disk ovf:capacity="4" ovf:capacityAllocationUnits="GigaBytes" ovf:diskId="d3" ovf:fileRef="f3"/>
        <Disk ovf:capacity="99999999999999999999" ovf:capacityAllocationUnits="byte * 2^90" ovf:diskId="d4" ovf:fileRef="f4"/></DiskSection>{more}
        <VirtualSystem ovf:id="id"><Name>web 01</Name><OperatingSystemSection ovf:id="112" vmw:osType="windows2019srvNext_64Guest"><Description>Windows</Description></OperatingSystemSection>
        <VirtualHardwareSection>
        <Item><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>8</rasd:VirtualQuantity><vmw:CoresPerSocket ovf:required="false">4</vmw:CoresPerSocket></Item>
        <Item><rasd:AllocationUnits>byte * 2^30</rasd:AllocationUnits><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>16</rasd:VirtualQuantity></Item>
        <Item><rasd:Address>0</rasd:Address><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceSubType>lsilogicsas</rasd:ResourceSubType><rasd:ResourceType>6</rasd:ResourceType></Item>
        <Item><rasd:Address>0</rasd:Address><rasd:InstanceID>4</rasd:InstanceID><rasd:ResourceSubType>vmware.sata.ahci</rasd:ResourceSubType><rasd:ResourceType>20</rasd:ResourceType></Item>
        <Item><rasd:Address>1</rasd:Address><rasd:InstanceID>5</rasd:InstanceID><rasd:ResourceType>5</rasd:ResourceType></Item>
        <Item><rasd:Address>0</rasd:Address><rasd:InstanceID>6</rasd:InstanceID><rasd:ResourceSubType>vmware.nvme.controller</rasd:ResourceSubType><rasd:ResourceType>20</rasd:ResourceType></Item>
        {Disk(10, 5, 0, "d3")}{Disk(11, 4, 1, "d2")}{Disk(12, 6, 0, "d4")}{Disk(13, 3, 0, "d1")}
        <Item><rasd:AddressOnParent>1</rasd:AddressOnParent><rasd:InstanceID>14</rasd:InstanceID><rasd:Parent>5</rasd:Parent><rasd:ResourceType>15</rasd:ResourceType></Item>
        <Item><rasd:Address>00:50:56:aa:bb:01</rasd:Address><rasd:Connection>VM Network</rasd:Connection><rasd:InstanceID>20</rasd:InstanceID><rasd:ResourceSubType>VmxNet3</rasd:ResourceSubType><rasd:ResourceType>10</rasd:ResourceType></Item>
        <Item><rasd:Connection>DMZ</rasd:Connection><rasd:InstanceID>21</rasd:InstanceID><rasd:ResourceSubType>E1000</rasd:ResourceSubType><rasd:ResourceType>10</rasd:ResourceType></Item>
        <vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="efi"/><vmw:Config vmw:key="bootOptions.efiSecureBootEnabled" vmw:value="true"/>{hardware}
        </VirtualHardwareSection></VirtualSystem></Envelope>
        """;

    public static string Disk(int id, int parent, int address, string disk) =>
        $"<Item><rasd:AddressOnParent>{address}</rasd:AddressOnParent><rasd:HostResource>ovf:/disk/{disk}</rasd:HostResource><rasd:InstanceID>{id}</rasd:InstanceID>"
        + $"<rasd:Parent>{parent}</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>";

    public static SourceMachine Read(TempFolder folder, string name, string text)
    {
        File.WriteAllText(folder.File(name), text);
        return Assert.Single(MachineReader.Read(folder.File(name)));
    }
}
