"""The versions of Windows Server as data, by build.

Source: Win32_OperatingSystem.BuildNumber and the release page of Windows Server,
https://learn.microsoft.com/windows/release-health/windows-server-release-info
"""

from __future__ import annotations

from msgspec import Struct

BUILD_2012 = 9200
BUILD_2012_R2 = 9600
BUILD_2016 = 14393
BUILD_2019 = 17763
BUILD_2022 = 20348
BUILD_2025 = 26100


class Release(Struct, frozen=True):
    """One release of Windows Server that has a number of its own: the build it starts with and how people call it."""

    build: int
    name: str


RELEASES: tuple[Release, ...] = (
    Release(BUILD_2012, "Windows Server 2012"),
    Release(BUILD_2012_R2, "Windows Server 2012 R2"),
    Release(BUILD_2016, "Windows Server 2016"),
    Release(BUILD_2019, "Windows Server 2019"),
    Release(BUILD_2022, "Windows Server 2022"),
    Release(BUILD_2025, "Windows Server 2025"),
)

_NAMES = {release.build: release.name for release in RELEASES}


def name(build: int) -> str:
    """`Windows Server 2016` for 14393; a build that is no release of the table is named by its number."""
    return _NAMES.get(build, f"Windows (Build {build})")


def is_2012(build: int) -> bool:
    """Is this Windows Server 2012, the last one before 2012 R2."""
    return BUILD_2012 <= build < BUILD_2012_R2


def is_old(build: int) -> bool:
    """Is this Windows Server 2012 or 2012 R2, where a remote start reaches Hyper-V over DCOM and not over WinRM
    (https://techcommunity.microsoft.com/t5/virtualization/live-migration-via-constrained-delegation-with-kerberos-in/ba-p/382334)."""
    return build < BUILD_2016


def tools_know(tools: int, host: int) -> bool:
    """Do the management tools of Hyper-V that are part of the one build manage a host of the other: before 2016 none that is newer
    (https://learn.microsoft.com/windows-server/virtualization/hyper-v/manage/remotely-manage-hyper-v-hosts). From 2016 on all have one
    module, which knows later hosts too (inferred)."""
    return host <= tools or not is_old(tools)


def moves_vms(source: int, target: int) -> bool:
    """Does the pair of these builds move VMs at all, outside of clusters: 2012 only to itself and, one way, to 2012 R2
    (https://mskb.pkisolutions.com/en-us/help/2956020), nothing before it. Of others the VM's version decides."""
    if min(source, target) < BUILD_2012:
        return False
    return is_old(target) if is_2012(source) else not is_2012(target)
