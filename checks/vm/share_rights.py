"""Who needs which rights where files of the VM lie on a share, and how to look: this program reads none of them."""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import Evidence, Finding, Scope, Severity, check, fails, skips
from checks.plan import Kind
from checks.remedy import Remedy, Step, administrator_of
from checks.storage import At
from checks.subject import HostView, MoveSubject
from checks.text import Value, command, text
from checks.windows.paths import server_of, share_of

_BOTH, _SOURCE, _TARGET = (True, True), (True, False), (False, True)

_FILES: dict[Kind, dict[At, tuple[bool, bool]]] = {
    Kind.WITH_STORAGE: {At.TARGET: _SOURCE, At.ELSEWHERE: _SOURCE},
    Kind.VM_ALONE: {At.SOURCE: _BOTH, At.TARGET: _BOTH, At.ELSEWHERE: _BOTH},
    Kind.STORAGE_ALONE: {},
}
"""Whether the source's and the target's account need rights where the files lie."""
_DESTINATION: dict[Kind, dict[At, tuple[bool, bool]]] = {
    Kind.WITH_STORAGE: {At.SOURCE: _TARGET, At.TARGET: _TARGET, At.ELSEWHERE: _BOTH},
    Kind.VM_ALONE: {},
    Kind.STORAGE_ALONE: {At.TARGET: _SOURCE, At.ELSEWHERE: _SOURCE},
}
"""The same for where they go."""


@check(
    scope=Scope.MOVE,
    severity=Severity.ADVICE,
    title="The hosts' computer accounts have full control of every share that holds or takes files, as a share and as NTFS",
    facts=("vm", "source.computer", "target.computer"),
    depends_on=("vm.present",),
    predicts=("0x80070005",),
)
def share_rights(subject: MoveSubject) -> Finding:
    leg = subject.leg
    rules = _FILES[leg.kind]
    if rules and not leg.whole:
        raise subject.files_unknown()
    if not any(place.at in rules for place in leg.files) and (leg.destination is None or leg.destination.at not in _DESTINATION[leg.kind]):
        return skips(
            "No other host's share holds or takes a file. A folder of a host itself needs full control for S-1-5-18 (SYSTEM) and "
            "S-1-5-83-0 (every VM), which it has where Hyper-V made it"
        )
    needed = dict(_needed(subject))
    accounts = tuple(dict.fromkeys(account for its in needed.values() for account in its))
    shares = tuple(needed)
    return fails(
        text(
            "{accounts} need full control of {shares}, as a share and as NTFS: a host opens files on a share as itself. Look whether they "
            "have it, this program does not",
            accounts=accounts,
            shares=shares,
        ),
        *(Evidence.of(text("full control of {share}", share=share), text("not looked at"), its) for share, its in needed.items()),
        remedy=Remedy(
            text(
                "Give {accounts} full control of {shares}, as a share and as NTFS. A folder of a host itself needs it for S-1-5-18 "
                "(SYSTEM) and S-1-5-83-0 (every VM)",
                accounts=accounts,
                shares=shares,
            ),
            administrator_of(*dict.fromkeys(server.spelled for share in shares if (server := server_of(share)))),
            shows=text("Full for the computer accounts of the remedy, in the rights of the share and of the folder"),
            verify=tuple(_looks(subject, shares)),
        ),
    )


def _needed(subject: MoveSubject) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each path on a share with the accounts that need rights there."""
    step, kind = subject.step, subject.route.kind
    found: dict[str, dict[str, None]] = {}
    destination = subject.move.destination_path if subject.route.moves_storage else None
    parts = [(_FILES, path) for path in (subject.files.paths if _FILES[kind] else ())]
    parts += [(_DESTINATION, destination)] if destination else []
    for rules, path in parts:
        place = subject.world.place(server_of(path), step.here, step.there)
        needs = rules[kind].get(place.at, (False, False))
        for host, its in zip((subject.source, subject.target), needs, strict=True):
            if its:
                found.setdefault(path, {})[_account(host)] = None
    for path, accounts in found.items():
        yield path, tuple(accounts)


def _account(host: HostView) -> str:
    return f"{host.computer.name}$"


def _looks(subject: MoveSubject, shares: tuple[str, ...]) -> Iterator[Step]:
    for share in dict.fromkeys((server.spelled, share_of(path)) for path in shares if (server := server_of(path))):
        values: dict[str, Value] = {"server": share[0], "share": share[1]}
        yield command("Get-SmbShareAccess -CimSession {server} -Name {share}", **values)
    for path in shares:
        yield command("icacls.exe {path}", path=path)
    destination = subject.move.destination_path
    if subject.route.kind is Kind.WITH_STORAGE and destination and server_of(destination) is None:
        yield command("Invoke-Command -ComputerName {host} -ScriptBlock { icacls.exe {path} }", host=subject.target.name, path=destination)
