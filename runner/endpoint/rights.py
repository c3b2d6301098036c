"""Which rights the account of a session has, and what it cannot read with them (runner/collect/hosts/rights.toml)."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from functools import cache

import msgspec
from msgspec import Struct

from runner.collect.hosts.script import beside


class Need(StrEnum):
    """What reading a section takes beyond a session: a group of that name in rights.toml."""

    SESSION = "session"
    HYPERV = "hyperv"
    LOG = "log"
    ADMINISTRATORS = "administrators"


class Group(Struct, frozen=True, forbid_unknown_fields=True):
    """A group that every Windows has; its name is that of an English one."""

    name: str
    sid: str
    page: str


class Right(Struct, frozen=True, forbid_unknown_fields=True):
    """What a section needs, and the page about it; `stated`: the page tells the right too."""

    needs: Need
    page: str
    stated: bool = True


class Rights(Struct, frozen=True, forbid_unknown_fields=True):
    """`groups` by what they give, `sections` by their names."""

    groups: dict[Need, Group]
    sections: dict[str, Right]


class RunAs(Struct, frozen=True):
    """What the account of a session is: a member of `groups`, and which sections it cannot read. `limited`: it is no administrator."""

    groups: tuple[Group, ...]
    lacks: tuple[str, ...]
    limited: bool


@cache
def rights() -> Rights:
    return msgspec.convert(tomllib.loads(beside("rights.toml")), Rights)


def run_as(*, administrator: bool) -> RunAs:
    """The account of an administrator, or of one that is in the groups which let it see Hyper-V and its events."""
    its = rights()
    given = (Need.ADMINISTRATORS,) if administrator else (Need.HYPERV, Need.LOG)
    lacks = () if administrator else tuple(name for name, right in its.sections.items() if right.needs not in (Need.SESSION, *given))
    return RunAs(tuple(its.groups[need] for need in given), lacks, limited=not administrator)
