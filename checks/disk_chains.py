"""The chains of files of which the virtual disks of a VM consist: a disk, the file of which it holds the differences, and so on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import NamedTuple

from msgspec import Struct

from checks.facts.machines import Disk, VirtualDisk, VirtualMachine
from checks.windows.paths import on_drive, server_of

WITHOUT_PARENT = (2, 3)
"""VhdType of fixed and of dynamic disks."""


class Link(NamedTuple):
    """A file of a chain, and the one that holds its differences; nothing for the disk itself."""

    path: str
    child: str | None


class Size(Struct, frozen=True, gc=False):
    """What the virtual disks of a VM take today, with all files of which they hold the differences, and by how much they can grow."""

    file_bytes: int
    growth_bytes: int


class Chains(Struct, frozen=True, gc=False):
    """What is known of the chains of a VM. `paths` are all files of which they are known to consist, as they are named, `opened` those that
    were opened (on_drive) and `parents` those of them whose differences others hold. At `unread`, at `silent`, which opened and did not
    tell its parent, and at `away`, which is on a share, it is not known how a chain goes on; `circle` is a file whose chain leads back to
    it. `size` is nothing where one of the files is not known."""

    paths: tuple[str, ...]
    opened: tuple[str, ...]
    parents: tuple[str, ...]
    unread: tuple[Link, ...]
    silent: tuple[str, ...]
    away: tuple[str, ...]
    circle: str | None
    size: Size | None


def chains_of(vm: VirtualMachine, files: Mapping[str, VirtualDisk | None]) -> Chains | None:
    """The chains of a VM's virtual disks, or nothing where its disks are not known. `files` are by on_drive."""
    if vm.disks is None:
        return None
    if len(vm.disks) == 1 and (alone := _of_one_file(vm.disks[0], files)):
        return alone
    named: dict[str, str] = {}
    opened: dict[str, None] = {}
    parents: dict[str, None] = {}
    unread: list[Link] = []
    silent: list[str] = []
    away: dict[str, None] = {}
    circle = None
    taken = growth = 0
    for disk in vm.disks:
        if disk.path is None and not disk.pass_through:
            return None
        path, child = None if disk.pass_through else disk.path, None
        seen: set[str] = set()
        while path is not None:
            key = on_drive(path)
            its = files.get(key) if key is not None else None
            named.setdefault(key or path, path)
            if key is None and server_of(path) is not None:
                away[path] = None
                break
            if key is None or its is None:
                unread.append(Link(path, child))
                break
            if child is not None:
                parents[key] = None
            if key in opened:
                circle = path if key in seen else circle
                break
            opened[key] = None
            seen.add(key)
            taken += its.file_bytes
            growth += max(0, its.size_bytes - its.file_bytes) if child is None else 0
            if its.parent is None and its.type not in WITHOUT_PARENT:
                silent.append(path)
            path, child = its.parent, path
    size = None if unread or away else Size(taken, growth)
    return Chains(tuple(named.values()), tuple(opened), tuple(parents), tuple(unread), tuple(silent), tuple(away), circle, size)


def _of_one_file(disk: Disk, files: Mapping[str, VirtualDisk | None]) -> Chains | None:
    """The chains of a VM whose one disk is one file, as most are, or nothing for any other."""
    key = on_drive(disk.path) if disk.path is not None and not disk.pass_through else None
    its = files.get(key) if key is not None else None
    if disk.path is None or key is None or its is None or its.parent is not None or its.type not in WITHOUT_PARENT:
        return None
    size = Size(its.file_bytes, max(0, its.size_bytes - its.file_bytes))
    return Chains((disk.path,), (key,), (), (), (), (), None, size)


class Users(NamedTuple):
    """The files of a host that several of its VMs use (on_drive), with how many do, and the names of the VMs of which not all files are
    known."""

    shared: Mapping[str, int]
    doubtful: tuple[str, ...]


def users(chains: Iterable[tuple[str, Chains | None]]) -> Users:
    """Of all VMs of a host, each with its name."""
    told = list(chains)
    doubtful = tuple(name for name, its in told if its is None or its.unread or its.silent)
    used = Counter(chain.from_iterable(its.opened for _, its in told if its))
    return Users({file: vms for file, vms in used.items() if vms > 1}, doubtful)
