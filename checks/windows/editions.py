"""What kind of Windows a host runs, from numbers.

Source: Win32_OperatingSystem.ProductType and OperatingSystemSKU
(https://learn.microsoft.com/windows/win32/cimwin32prov/win32-operatingsystem); the numbers of the second are those of GetProductInfo
(https://learn.microsoft.com/windows/win32/api/sysinfoapi/nf-sysinfoapi-getproductinfo), PRODUCT_AZURESTACKHCI_SERVER_CORE among them from
the Windows SDK (winnt.h).
"""

from __future__ import annotations

from enum import StrEnum

CLIENT_TYPE = 1
"""Win32_OperatingSystem.ProductType of a workstation; 2 is a domain controller, 3 any other server."""

AZURE_LOCAL = 406


class Family(StrEnum):
    """Windows between which VMs are not moved. Hyper-V Server, Server Core and every edition of Windows Server are one."""

    CLIENT = "client Windows"
    SERVER = "Windows Server"
    AZURE_LOCAL = "Azure Local"


def family(product_type: int, sku: int) -> Family:
    if product_type == CLIENT_TYPE:
        return Family.CLIENT
    return Family.AZURE_LOCAL if sku == AZURE_LOCAL else Family.SERVER
