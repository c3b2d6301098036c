"""What to do about a failure: who has to act, with which commands, how long until it counts, and how it is taken back."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from msgspec import Struct

from checks.changes import Change
from checks.text import Command, Text, text


class Role(StrEnum):
    """What somebody is who has to act, in the order in which they act: what takes longest to count comes first, the move itself last."""

    DOMAIN = "domain administrator"
    """Of one or more domains."""
    HOST = "administrator"
    """Of one or more hosts."""
    OWNER = "owner"
    """Of a VM, who decides when it may be off."""
    NETWORK = "network administrator"
    OPERATOR = "operator"
    """Who starts the move."""
    OTHER = "other"
    """Somebody whom only a plug-in knows: `of` says who that is."""

    @cached_property
    def turn(self) -> int:
        return tuple(Role).index(self)


_SAID: dict[Role, tuple[str, str]] = {
    Role.DOMAIN: ("domain administrator of {domain}", "domain"),
    Role.HOST: ("administrator of {host}", "host"),
    Role.OWNER: ("owner of {vm}", "vm"),
    Role.OTHER: ("{who}", "who"),
}


class Who(Struct, frozen=True, omit_defaults=True):
    """Who has to act. `of` are the domains, hosts or VMs that the role is about, where they are known."""

    role: Role
    of: tuple[str, ...] = ()

    @property
    def text(self) -> Text:
        if not self.of or self.role not in _SAID:
            return text(self.role.value)
        template, place = _SAID[self.role]
        return Text(template, {place: self.of[0] if len(self.of) == 1 else self.of})


OPERATOR = Who(Role.OPERATOR)


def administrator_of(*hosts: str) -> Who:
    return Who(Role.HOST, hosts)


def domain_administrator_of(*domains: str) -> Who:
    return Who(Role.DOMAIN, domains)


def restart_of(*hosts: str) -> Text:
    """What a remedy that restarts hosts says of that."""
    return text("{hosts} restarts: VMs that run there go down, unless they are moved away before", hosts=hosts)


def restart_of_service_on(*hosts: str) -> Text:
    """The same of the Virtual Machine Management service, which VMs do not need to run on."""
    return text("The service vmms of {hosts} restarts: VMs go on running, migrations under way fail", hosts=hosts)


Step: TypeAlias = Command | Text
"""A command, or in words what no command can do."""


class Means(StrEnum):
    """How a source may be let act for users at a target: by its own delegation list, or by the target's (resource-based)."""

    CONSTRAINED = "constrained"
    RESOURCE_BASED = "resource-based"


class Users(StrEnum):
    """For whom a host may act, the fewest first: users without a ticket for the host include those who have one ([MS-SFU] 3.2.5.1.2)."""

    SIGNED_IN = "signed in"
    """Those who sign in to it with Kerberos."""
    ANY = "any"
    """Every account that may be delegated."""

    @cached_property
    def rank(self) -> int:
        return tuple(Users).index(self)


class Opening(Struct, frozen=True):
    """What a remedy lets a `host` do, as data: act for `users` at some services of targets, which its own list then names (`named`), at all
    of them (`every`), and with `listed` at whatever its list names. `domain` is that of the host.

    Of two openings of one host that opens no more which has no more users, and no service beyond the other's: those that a list names of a
    target are some of all of the target's ([MS-SFU] 3.2.5.2)."""

    host: str
    domain: str
    users: Users
    named: tuple[str, ...] = ()
    every: tuple[str, ...] = ()
    listed: bool = False

    def __or__(self, other: Opening) -> Opening:
        """Both together: for whom a host may act is one property of its account, whichever list names the service."""
        named, every = (tuple(sorted({*own, *others})) for own, others in ((self.named, other.named), (self.every, other.every)))
        users = max(self.users, other.users, key=lambda users: users.rank)
        return Opening(self.host, self.domain, users, named, every, self.listed or other.listed)

    def __le__(self, other: Opening) -> bool:
        """Does this open nothing that the other does not."""
        reached = {*other.named, *other.every}
        return (
            self.users.rank <= other.users.rank
            and self.listed <= other.listed
            and reached.issuperset(self.named)
            and set(other.every).issuperset(self.every)
        )


class Choice(Struct, frozen=True):
    """A remedy as one of several means to the same: who may then do what, and who can change that later (`opens`, as data `opening`; none
    in a result from before there was any), and what it `needs`, the right first."""

    means: Means
    opens: Text
    needs: tuple[Text, ...]
    opening: Opening | None = None


class RuledOut(Struct, frozen=True, omit_defaults=True):
    """Means that would not be enough here, and why. `preferred`: the plan prefers them."""

    means: Means
    why: Text
    preferred: bool = False


class Instead(Struct, frozen=True):
    """What whoever moves can do otherwise, so that the remedy is not needed: what it `needs`, and what it costs."""

    what: Text
    needs: tuple[Text, ...]
    costs: tuple[Text, ...]


class Remedy(Struct, frozen=True):
    """`effective_after`: how long until it counts. `changes` are what the commands change, as data, where that needs no decision of a
    person. Where there is a choice of means, `choice` is what these are, `alternatives` are remedies by others that are enough as well, and
    `ruled_out` those that are not. `shows` is what the commands of `verify` show once it counts. `restarts` says what of it goes down
    meanwhile. `instead` is what makes it unnecessary."""

    text: Text
    who: Who
    commands: tuple[Step, ...] = ()
    effective_after: Text = Text("at once")
    verify: tuple[Step, ...] = ()
    undo: tuple[Step, ...] = ()
    changes: tuple[Change, ...] = ()
    choice: Choice | None = None
    alternatives: tuple[Remedy, ...] = ()
    ruled_out: tuple[RuledOut, ...] = ()
    instead: Instead | None = None
    restarts: Text | None = None
    shows: Text | None = None
