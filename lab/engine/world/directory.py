"""The domain as a host sees it."""

from __future__ import annotations

from checks.facts.directory import Locator, SecureChannel
from lab.engine.world import Part, cim


def locators(value: tuple[Locator, ...]) -> Part:
    """The first row is the host itself, without a controller."""
    rows = (
        {
            "DomainName": row.domain,
            "DomainControllerName": f"\\\\{row.controller}",
            "DomainControllerAddress": f"\\\\{row.address}",
            "DNSForestName": row.forest,
            "DcSiteName": row.site,
        }
        for row in value
    )
    itself = dict.fromkeys(("DomainName", "DomainControllerName", "DomainControllerAddress", "DNSForestName", "DcSiteName"))
    return cim("root/cimv2", "Win32_NTDomain", [itself, *rows])


def secure_channel(value: SecureChannel) -> Part:
    return {"cmdlets": {"Test-ComputerSecureChannel:object[]": [value.works]}}
