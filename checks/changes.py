"""What a remedy changes, as data: from it come the scripts, their undo, and their verification.

A change names one thing in one place, what it should be, and what it was when the facts were read. There are two sorts: a value,
which is replaced, and a list, to which members are added while those that stand there stay.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

Setting: TypeAlias = bool | int | str | tuple[str, ...]


class Kind(StrEnum):
    """What is changed. Each kind has one way to be read and one to be written (reports/scripts/domain.ps1, host.ps1)."""

    DELEGATE_TO = "delegate_to"
    """Entries of msDS-AllowedToDelegateTo of a computer account."""
    ANY_PROTOCOL = "any_protocol"
    """TrustedToAuthForDelegation of a computer account."""
    ACT_ON_BEHALF = "act_on_behalf"
    """SIDs in msDS-AllowedToActOnBehalfOfOtherIdentity of a computer account."""
    MIGRATION = "migration"
    """Are live migrations enabled."""
    AUTHENTICATION = "authentication"
    """Kerberos or CredSSP."""
    PERFORMANCE_OPTION = "performance_option"
    """TCPIP, Compression or SMB."""
    MAXIMUM_MIGRATIONS = "maximum_migrations"
    MAXIMUM_STORAGE_MIGRATIONS = "maximum_storage_migrations"
    ANY_NETWORK = "any_network"
    """Are migrations taken on any network."""
    MIGRATION_NETWORK = "migration_network"
    """Subnets on which migrations are taken."""
    GROUP_MEMBER = "group_member"
    """SIDs in a local group."""
    FIREWALL_RULE = "firewall_rule"
    """Is a rule of the firewall on."""
    SERVICE_START = "service_start"
    """How Windows starts vmms: Win32_Service.StartMode."""
    SERVICE = "service"
    """Does vmms run."""


IN_DIRECTORY = frozenset({Kind.DELEGATE_TO, Kind.ANY_PROTOCOL, Kind.ACT_ON_BEHALF})
LISTS = frozenset({Kind.DELEGATE_TO, Kind.ACT_ON_BEHALF, Kind.MIGRATION_NETWORK, Kind.GROUP_MEMBER})


class Principal(Struct, frozen=True):
    """An account that becomes a member of a list. `account` is how a directory finds it in its `domain` (DNS name); both are empty
    where the SID alone is used."""

    sid: str
    name: str
    account: str = ""
    domain: str = ""


class Change(Struct, frozen=True, omit_defaults=True):
    """One change. `place` is the DNS name of a domain for what stands in the directory (IN_DIRECTORY), otherwise a host as the plan
    spells it; `object` is what is changed there: a computer account, the SID of a local group, the name of a firewall rule. `sid` tells
    which account bears that name, so that another one under the same name is left alone.

    For a value, `wanted` replaces `earlier`. For a list (LISTS), `wanted` are members that were absent, and `earlier` are all
    that stood there.
    """

    kind: Kind
    place: str
    wanted: Setting
    earlier: Setting
    object: str = ""
    principal: Principal | None = None
    sid: str = ""
