"""A plan to edit, made from what hosts say. Pure. Whatever a host calls its VMs, the plan reads back as exactly that, and no name in a
comment ends it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from checks import toml
from checks.facts.fact import Known, Missing
from checks.facts.host import HostFacts
from checks.facts.machines import VirtualMachine
from checks.plan import EVERY_VM
from checks.windows.names import DnsName, HostName, MachineName
from reports.escape import visible
from reports.language import Language

SHOWN = 2000
"""So many VMs of a host are listed that no move names."""
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_CHANGE = """\
[change]
# id = "CHG0042317"
# title = "…"
# window = { start = 2026-12-05T20:00:00+01:00, end = 2026-12-06T02:00:00+01:00 }
# delegation_administrator = 'CONTOSO\\dom-admin'"""


class Start(NamedTuple):
    """Who will start moves, and from where; nothing where nobody said it. `guessed`: the operator is only who is signed in here."""

    operator: str | None = None
    launch: str | None = None
    launch_from: str | None = None
    guessed: bool = False

    @property
    def said(self) -> dict[str, str]:
        """What is said, by the keys of a plan."""
        return {name: value for name in ("operator", "launch", "launch_from") if (value := getattr(self, name))}


class Host(NamedTuple):
    """A host: what the plan calls it, and what it said."""

    name: str
    facts: HostFacts

    @property
    def vms(self) -> tuple[VirtualMachine, ...]:
        """Its VMs, as far as it told them, by name."""
        told = self.facts.vms.value if isinstance(self.facts.vms, Known) else ()
        return tuple(sorted(told, key=lambda vm: (MachineName(vm.name), vm.id)))


class Moving(NamedTuple):
    """A VM to be moved, from where to where."""

    vm: VirtualMachine
    source: Host
    target: str


class Draft(NamedTuple):
    """What a plan is to hold. `unknown`: by hosts with a short name the full one that only they claim to have."""

    hosts: tuple[Host, ...]
    start: Start
    moves: tuple[Moving, ...] = ()
    csv: str | None = None
    unknown: Mapping[str, str] = MappingProxyType({})


def named(typed: str, facts: HostFacts, domains: Collection[DnsName]) -> tuple[str, str | None]:
    """What the plan calls a host: its full name, where this is typed, or where the domain in it is one that whoever uses the program named;
    else what was typed, and what the host claims. Who it says that it is never decides whom a run signs in to."""
    computer = facts.computer
    if "." in typed or HostName(typed).is_address or isinstance(computer, Missing):
        return typed, None
    full = computer.value.full_name
    if full.short == HostName(typed) and DnsName(full.spelled.partition(".")[2]) in domains:
        return full.spelled, None
    return typed, full.spelled


def reference(vm: VirtualMachine, beside: Sequence[VirtualMachine]) -> str | None:
    """What a plan calls a VM of a host: its name where that is one and no other has it, else its id; nothing where that is none."""
    name, own = vm.name, MachineName(vm.name)
    plain = bool(name) and name == name.strip() and all(character.isprintable() or character == "\xa0" for character in name)
    if plain and own != EVERY_VM and not _GUID.fullmatch(name) and sum(MachineName(each.name) == own for each in beside) == 1:
        return name
    alone = not any(MachineName(each.name) == MachineName(vm.id) for each in beside if each is not vm)
    return vm.id if alone and _GUID.fullmatch(vm.id) else None


def written(draft: Draft, language: Language) -> str:
    """The plan as TOML, with comments in a language."""
    return "\n".join(_lines(draft, language)) + "\n"


def _lines(draft: Draft, language: Language) -> Iterator[str]:
    say, start = language.say, draft.start
    yield _comment(say("Written by hvpreflight init from what the hosts said. Look it over, above all where it says DECIDE."))
    yield from ("", _CHANGE, "", "[defaults]")
    if start.operator is None:
        yield _comment(say("operator: as hvpreflight.toml says"))
    else:
        if start.guessed:
            yield _comment(say("DECIDE: this account is signed in here; is it the one that will start the moves?"))
        yield f"operator = {toml.string(start.operator)}"
    if start.launch is None:
        yield _comment(say("DECIDE: from where? remote, or in a session on the source: console, rdp, powershell"))
    yield f'{"# " if start.launch is None else ""}launch = "{start.launch or "remote"}"'
    if start.launch_from is None:
        yield '# launch_from = "admin01.contoso.test"'
    else:
        yield f"launch_from = {toml.string(start.launch_from)}"
    yield "# include_storage = true"
    for name, claimed in draft.unknown.items():
        yield from (
            "",
            _comment(say("DECIDE: it says that this is its full name; the controllers of that domain will be asked")),
        )
        yield f"# [hosts.{toml.string(name)}]"
        yield f"# fqdn = {toml.string(claimed)}"
    yield ""
    if draft.csv is not None:
        yield from ("[[moves]]", f"csv = {toml.string(draft.csv)}", "")
    for moving in draft.moves:
        yield from _move(moving, language)
    if draft.csv is None and not draft.moves:
        yield from _nothing_named(draft, language)
    taken = {(moving.source.name, moving.vm.id) for moving in draft.moves}
    for host in draft.hosts:
        yield from _host(host, {id for name, id in taken if name == host.name}, language)


def _move(moving: Moving, language: Language) -> Iterator[str]:
    vm = reference(moving.vm, moving.source.vms)
    yield _comment(_about(moving.vm, language))
    if vm is None:
        yield from (_comment(language.say("DECIDE: neither its name nor its id can be written here")), "")
        return
    yield from ("[[moves]]", f"vm = {toml.string(vm)}", f"source = {toml.string(moving.source.name)}")
    yield from (f"target = {toml.string(moving.target)}", "# destination_path = 'D:\\VMs'", "")


def _nothing_named(draft: Draft, language: Language) -> Iterator[str]:
    """The pair, and a move to be filled in."""
    say, names = language.say, [toml.string(host.name) for host in draft.hosts]
    if len(names) > 1:
        yield _comment(say("Both ways, without a VM. Moves take its place or stand beside it."))
        yield from ("[[pairs]]", f"hosts = [{', '.join(names)}]", "")
    yield _comment(say("DECIDE: what is moved to where? One such table for each VM; the VMs stand below"))
    vms = [vm for vm in (reference(vm, draft.hosts[0].vms) for vm in draft.hosts[0].vms) if vm is not None]
    yield from ("# [[moves]]", f"# vm = {toml.string(vms[0] if vms else 'LMTest')}", f"# source = {names[0]}")
    target = names[1] if len(names) > 1 else toml.string("testserver02.contoso.test")
    yield from (f"# target = {target}", "# destination_path = 'D:\\VMs'", "")


def _host(host: Host, taken: Collection[str], language: Language) -> Iterator[str]:
    """What a host said, and which VMs it has that no move names."""
    say, facts = language.say, host.facts
    if isinstance(facts.os, Missing) and isinstance(facts.vms, Missing):
        yield from (_comment(f"{host.name}: {say('not read')} ({told(facts.vms, language)})"), "")
        return
    yield _comment(f"{host.name}: {facts.os.value.caption if isinstance(facts.os, Known) else say('not read')}")
    if isinstance(facts.migration, Known):
        its = facts.migration.value
        how = its.performance_option.label if its.performance_option is not None else "TCPIP"
        on = say("live migration is on") if its.enabled else say("live migration is off")
        yield _comment(
            f"  {on}: {its.authentication.label}, {how}, {its.maximum_migrations}+{its.maximum_storage_migrations}; "
            f"{its.machine_folder or '–'}; {its.disk_folder or '–'}"
        )
    if isinstance(facts.vms, Missing):
        yield _comment(f"  {say('its VMs were not read')} ({told(facts.vms, language)})")
    left = [vm for vm in host.vms if vm.id not in taken]
    for vm in left[:SHOWN]:
        yield _comment(f"  vm = {toml.string(reference(vm, host.vms) or '')}  {_about(vm, language)}")
    if len(left) > SHOWN:
        yield _comment(f"  {say('and {count} more', count=len(left) - SHOWN)}")
    yield ""


def told(missing: Missing, language: Language) -> str:
    """Why something was not read."""
    reason = missing.reason.value
    return ": ".join(filter(None, (language.say(reason), language.show(missing.detail))))


def _about(vm: VirtualMachine, language: Language) -> str:
    """What tells a VM from others: its name, its id, how much memory and how many disks it has, and where it lies."""
    memory = language.say("{count} MiB of memory", count=vm.memory_assigned_bytes >> 20)
    disks = language.say("disks: {count}", count=len(vm.disks)) if vm.disks is not None else language.say("disks not read")
    return f"{vm.name} ({vm.id}): {memory}, {disks}, {vm.configuration_path}"


def _comment(said: str) -> str:
    """A comment of one line, whatever it says."""
    return f"# {visible(said)}".rstrip()
