"""Older forms of a snapshot, brought to the present one. The number of the form changes only when the meaning of something in it does; a
fact that was added later needs no migration, a snapshot without it is judged without it.

/1, written by 0.1.0, kept in English words where a fact comes from and why it is missing. In /2 these are sentences with values. The words
of /1 are kept as they are, so that any language shows them in English. /1 kept of a domain what its first controller said; in /2 each
controller keeps its own answers. In /1 an empty value could stand where Windows always has one; in /2 such a fact is missing. And the
checkpoints, which were a part of each VM, are a fact of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

Tree: TypeAlias = dict[str, Any]


def migrated(snapshot: Tree, number: int) -> Tree:
    """A snapshot of an older form, as it was decoded, in the present form. Changes what it is given. Raises KeyError, TypeError or
    AttributeError for one that does not have its form."""
    for step in _STEPS[number - 1 :]:
        step(snapshot)
    return snapshot


_NEVER_EMPTY: dict[str, tuple[str, ...]] = {
    "computer": ("name", "dns_host_name", "domain"),
    "hyperv_role": ("service_state", "service_start"),
    "credential_guard": ("services_running",),
    "migration_networks": ("subnet",),
    "addresses": ("address",),
    "routes": ("prefix", "next_hop"),
    "adapters": ("name",),
    "host_virtual_adapters": ("name", "switch", "mac"),
    "switches": ("id", "name"),
    "firewall": ("name", "store", "data"),
    "sessions": ("id",),
    "locators": ("domain", "controller"),
    "vms": ("id", "name", "configuration_path", "checkpoint_path", "paging_path"),
}
"""The fields of each fact of a host in which /1 could hold an empty value that proves that it was not read."""


def _empty_to_missing(snapshot: Tree) -> None:
    for host in snapshot["hosts"].values():
        _without_credential_guard(host.get("credential_guard"))
        for name, fields in _NEVER_EMPTY.items():
            if (fact := host.get(name)) is None or fact["fact"] != "known":
                continue
            rows = fact["value"] if isinstance(fact["value"], list) else [fact["value"]]
            if empty := next((field for row in rows for field in fields if row[field] in ("", [])), None):
                host[name] = {
                    "fact": "missing",
                    "reason": "unreadable answer",
                    "source": fact["source"],
                    "at": fact["at"],
                    "detail": f"{empty}: empty",
                }


def _without_credential_guard(fact: Tree | None) -> None:
    """Of a Windows that has no such class, /1 said an empty list of services; in /2 it is that of a Windows on which none runs."""
    if fact is not None and fact["fact"] == "known" and not fact["source"].startswith("Win32_DeviceGuard"):
        fact["value"]["services_running"] = fact["value"]["services_running"] or [0]


def _checkpoints_by_themselves(snapshot: Tree) -> None:
    for host in snapshot["hosts"].values():
        if (vms := host.get("vms")) is None:
            continue
        known = vms["fact"] == "known"
        host["checkpoints"] = vms | ({"value": {}} if known else {})
        for vm in vms["value"] if known else ():
            if count := vm.pop("checkpoints"):
                host["checkpoints"]["value"][vm["id"]] = count
            for disk in vm["disks"]:
                disk["path"] = disk["path"] or None


def _words_to_texts(snapshot: Tree) -> None:
    for fact in _facts(snapshot):
        fact["source"] = _verbatim(fact["source"])
        if "detail" in fact:
            fact["detail"] = _verbatim(fact["detail"])


def _answers_to_controllers(snapshot: Tree) -> None:
    """The trusts of a domain are those of the first controller that told any, which is the first one that answered."""
    for name, domain in snapshot["domains"].items():
        controllers = {each: {"domain": fact} for each, fact in sorted(domain["controllers"].items())}
        answered = [each for each in controllers.values() if each["domain"]["fact"] == "known"]
        for first in (answered or list(controllers.values()))[:1]:
            first["trusts"] = domain["trusts"]
        snapshot["domains"][name] = {"controllers": controllers} | ({} if controllers else {"nobody": domain["domain"]})


def _verbatim(words: str) -> Tree:
    if not isinstance(words, str):
        raise TypeError(f"expected words, got {type(words).__name__}")
    return {"template": "{words}", "values": {"words": words}} if words else {"template": ""}


def _facts(snapshot: Tree) -> Iterator[Tree]:
    """Every fact of a snapshot of form /1."""
    for host in snapshot["hosts"].values():
        yield from host.values()
    for account in snapshot["accounts"].values():
        yield from account["views"].values()
    for domain in snapshot["domains"].values():
        yield from (domain["domain"], domain["trusts"], *domain["controllers"].values())
    for operator in snapshot["operators"].values():
        yield from (operator["account"], *operator["token"].values())
    yield from snapshot["names"].values()


def _to_second(snapshot: Tree) -> None:
    _empty_to_missing(snapshot)
    _checkpoints_by_themselves(snapshot)
    _words_to_texts(snapshot)
    _answers_to_controllers(snapshot)
    snapshot["format"] = "hvpreflight.snapshot/2"


_STEPS: tuple[Callable[[Tree], None], ...] = (_to_second,)
"""From /1 on, one for each number."""
