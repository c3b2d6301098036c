"""What the topic says of a host of the good world."""

from __future__ import annotations

from typing import Any

from checks.facts.network import (
    Adapter,
    Address,
    AddressFamily,
    AddressState,
    DomainAnswer,
    DynamicPorts,
    FirewallRule,
    HostVirtualAdapter,
    IpInterface,
    NameAnswer,
    PartnerAnswer,
    PortAnswer,
    Route,
    ServerAddresses,
    ServiceAnswer,
    ServiceServer,
    SmbInterface,
    SmbMultichannel,
    Switch,
    SwitchType,
)
from tests.facts.described import Described

DOMAINS = (
    *("contoso.test", "a.contoso.test", "c.contoso.test", "x.a.contoso.test", "northwind.test"),
    *("fabrikam.test", "b.fabrikam.test", "tailspin.test"),
)
"""The domains of test worlds: each host finds controllers of them all."""


def found(domain: str) -> DomainAnswer:
    """What a host resolves that finds the one controller of a domain."""
    name = f"dc01.{domain}"
    ldap, kerberos = (ServiceAnswer((ServiceServer(name, port),), 0) for port in (389, 88))
    return DomainAnswer(domain, ldap, kerberos, (ServerAddresses(name, ("10.0.0.10",), 0),))


def good(host: Described) -> dict[str, Any]:
    number, other = host.number, host.partner_number
    names = tuple(NameAnswer(form, (f"10.0.0.{other}",), 0) for form in (host.partner.lower(), f"{host.partner.lower()}.contoso.test"))
    ports = (
        *(PortAnswer(f"10.0.0.{other}", port, port != 6600, 10061 if port == 6600 else 0) for port in (6600, 445, 5985)),
        PortAnswer(f"192.168.10.{other}", 6600, True, 0),
    )
    return {
        "addresses": (
            Address(f"10.0.0.{number}", 24, 5, AddressState.PREFERRED, skip_as_source=False),
            Address(f"192.168.10.{number}", 24, 7, AddressState.PREFERRED, skip_as_source=False),
        ),
        "routes": (
            Route("0.0.0.0/0", "10.0.0.254", 5, 256),
            Route("10.0.0.0/24", "0.0.0.0", 5, 256),
            Route("192.168.10.0/24", "0.0.0.0", 7, 256),
        ),
        "dynamic_ports": DynamicPorts(49152, 16384),
        "smb_interfaces": tuple(SmbInterface(index, False) for index in (5, 7)),
        "smb_multichannel": SmbMultichannel(True, True),
        "ip_interfaces": tuple(IpInterface(index, family, 15) for index in (5, 7) for family in AddressFamily),
        "adapters": (
            Adapter("vEthernet (LAN)", 5, f"00155D0A000{number}", True, 10_000_000_000),
            Adapter("Migration", 7, f"A0369F0B000{number}", False, 10_000_000_000),
        ),
        "host_virtual_adapters": (HostVirtualAdapter("LAN", "LAN", f"00155D0A000{number}"),),
        "switches": (Switch("5f3c0000-0000-0000-0000-000000000001", "LAN", SwitchType.EXTERNAL, True),),
        "firewall": tuple(
            FirewallRule(name, "local", f"v2.26|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort={port}|App={program}|")
            for name, port, program in (
                ("VIRT-MIGL-In-TCP-NoScope", 6600, "%systemroot%\\system32\\vmms.exe"),
                ("FPS-SMB-In-TCP", 445, "System"),
                ("WINRM-HTTP-In-TCP", 5985, "System"),
            )
        ),
        "partners": (PartnerAnswer(host.partner.lower(), names, ports),),
        "controller_records": tuple(map(found, DOMAINS)),
    }
