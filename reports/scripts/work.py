"""Who has to do what: the changes and the instructions of a result, one task for each person.

Changes of the same thing become one, the same instruction is told once, and where two findings want different values of one
thing the first is followed and the second is left to the next check.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from checks.access._groups import GROUP_NAMES
from checks.changes import IN_DIRECTORY, LISTS, Change, Kind, Principal, Setting
from checks.remedy import Role, Who, administrator_of
from checks.result import FindingRecord, RemedyRecord, Result
from checks.text import Text, Value, plain, render, text
from checks.windows.names import DnsName, HostName, fold
from reports.digest import hosts_of
from reports.escape import powershell_command


class Person(Struct, frozen=True):
    """Somebody who has to act. `name` is the domain, host or VM that the role is about, or nothing."""

    role: Role
    name: str = ""

    @property
    def key(self) -> tuple[int, str]:
        return self.role.turn, fold(self.name)


class Machine(Struct, frozen=True):
    """A host as it said who it is: its full name, its account (sAMAccountName) and the DNS name of its domain. `address` is the name
    under which PowerShell remoting finds it, `tls` whether it is asked that way."""

    full_name: str
    account: str
    domain: str
    address: str
    tls: bool = False


class Step(Struct, frozen=True):
    """A change as a script makes it. For a list: `members` shall be there when `present`, else be gone. For a value: `after`
    replaces `before`. `text` says it in words, `findings` are the ids of those that ask for it. `id` is its number among the changes of
    its task, the same in the undo; `needs` are the ids of those that have to have succeeded before."""

    kind: Kind
    place: str
    object: str
    text: Text
    members: tuple[str, ...] = ()
    present: bool = True
    before: Setting | None = None
    after: Setting | None = None
    principal: Principal | None = None
    findings: tuple[str, ...] = ()
    sid: str = ""
    id: int = 0
    needs: tuple[int, ...] = ()


class Note(Struct, frozen=True):
    """What no script does: a remedy in words, with its commands for somebody who decides to use them."""

    remedy: RemedyRecord
    findings: tuple[str, ...]


class Task(Struct, frozen=True):
    """What one person has to do. `effective` are remedies that say how long it takes until it counts, each sentence once."""

    person: Person
    steps: tuple[Step, ...]
    notes: tuple[Note, ...]
    effective: tuple[RemedyRecord, ...]

    @property
    def undo(self) -> tuple[Step, ...]:
        """The steps backwards, each taken back; what had to come before a step is taken back after it."""
        needed = {step.id: tuple(other.id for other in self.steps if step.id in other.needs) for step in self.steps}
        return tuple(replace(_inverted(step), needs=needed[step.id]) for step in reversed(self.steps))

    @property
    def undone_by_hand(self) -> tuple[Note, ...]:
        """The instructions that say how they are taken back."""
        return tuple(note for note in self.notes if note.remedy.undo)


_WORDS: dict[Kind, tuple[str, str]] = {
    Kind.DELEGATE_TO: (
        "Add {members} to msDS-AllowedToDelegateTo of {object} in {place}; what stands there stays",
        "Remove {members} from msDS-AllowedToDelegateTo of {object} in {place}; everything else stays",
    ),
    Kind.ANY_PROTOCOL: (
        'Choose "use any authentication protocol" (TrustedToAuthForDelegation) for {object} in {place}',
        'Choose "use Kerberos only" again (TrustedToAuthForDelegation off) for {object} in {place}',
    ),
    Kind.ACT_ON_BEHALF: (
        "Let {principal} act on behalf of users to {object} in {place} (resource-based delegation); who stands there stays",
        "No longer let {principal} act on behalf of users to {object} in {place} (resource-based delegation); everybody else stays",
    ),
    Kind.MIGRATION: ("Enable live migrations on {place}", "Disable live migrations on {place}"),
    Kind.AUTHENTICATION: ("Change the authentication of migrations on {place} from {before} to {after}",) * 2,
    Kind.PERFORMANCE_OPTION: ("Change the performance option of migrations on {place} from {before} to {after}",) * 2,
    Kind.MAXIMUM_MIGRATIONS: ("Change the limit of simultaneous migrations on {place} from {before} to {after}",) * 2,
    Kind.MAXIMUM_STORAGE_MIGRATIONS: ("Change the limit of simultaneous storage migrations on {place} from {before} to {after}",) * 2,
    Kind.ANY_NETWORK: (
        "Keep migrations on {place} to the networks that are named there",
        "Take migrations on {place} on any network again",
    ),
    Kind.MIGRATION_NETWORK: (
        "Add {members} to the migration networks of {place}; those that are named stay",
        "Remove {members} from the migration networks of {place}; the others stay",
    ),
    Kind.GROUP_MEMBER: (
        "Add {principal} ({members}) to the local group {object} of {place}",
        "Remove {principal} ({members}) from the local group {object} of {place}",
    ),
    Kind.FIREWALL_RULE: ("Enable the firewall rule {object} on {place}", "Disable the firewall rule {object} on {place}"),
    Kind.SERVICE_START: ("Change how Windows starts the service vmms on {place} from {before} to {after}",) * 2,
    Kind.SERVICE: ("Start the service vmms on {place}", "Stop the service vmms on {place}"),
}
"""What a change does, and what its undo does."""

_TURNS: dict[Kind, int] = {
    Kind.SERVICE_START: -2,
    Kind.SERVICE: -1,
    Kind.MIGRATION_NETWORK: 1,
    Kind.ANY_NETWORK: 2,
    Kind.MIGRATION: 3,
}
"""The order of changes on a host: the service first, enabling migrations last. Of all others the order of the findings."""

_NEEDS: dict[Kind, tuple[Kind, ...]] = {
    Kind.SERVICE: (Kind.SERVICE_START,),
    Kind.ANY_NETWORK: (Kind.MIGRATION_NETWORK,),
    Kind.MIGRATION: (Kind.MIGRATION_NETWORK, Kind.ANY_NETWORK),
}
"""What has to have succeeded before a change: a host whose networks are not kept to does not begin to take migrations."""

PURGE = (
    "When every domain controller shows the changed delegation, purge the tickets of {host} itself (0x3e7 is its own logon) or restart it: "
    "until then it goes on with the old ones, for up to 10 hours"
)
SENTENCES: tuple[str, ...] = (*dict.fromkeys(sentence for pair in _WORDS.values() for sentence in pair), PURGE)


def people(who: Who) -> tuple[Person, ...]:
    """One for each domain, host or VM that the role is about."""
    return tuple(Person(who.role, name) for name in who.of) or (Person(who.role),)


def tasks(result: Result, machines: Mapping[HostName, Machine]) -> tuple[Task, ...]:
    """What has to be done so that nothing stands in the way of the moves: for failed blockers and risks that nobody has accepted.
    Advice is left to the report. A host that is not among the machines cannot be told from another one, or nothing may be changed of it:
    what is to be changed there or on its account is an instruction."""
    made = _Tasks(machines)
    for finding in result.findings:
        if finding.fails and finding.waiver is None and finding.remedy:
            made.add(finding, finding.remedy)
    return made.done()


class _Tasks:
    def __init__(self, machines: Mapping[HostName, Machine]) -> None:
        self.machines = machines
        self.accounts: dict[tuple[str, DnsName], list[HostName]] = {}
        """The hosts by their accounts."""
        for host, machine in machines.items():
            self.accounts.setdefault((fold(machine.account), DnsName(machine.domain)), []).append(host)
        self.people: dict[tuple[int, str], Person] = {}
        self.steps: dict[tuple[object, ...], tuple[Person, Step]] = {}
        self.notes: dict[tuple[object, ...], tuple[Person, Note]] = {}
        self.effective: dict[tuple[int, str], dict[str, RemedyRecord]] = {}
        self.followed: set[str] = set()
        self.follows: set[str] = set()

    def add(self, finding: FindingRecord, remedy: RemedyRecord) -> None:
        """The changes of a finding where they can be made with those before it, else its remedy as an instruction."""
        if remedy.changes and all(self._known_place(change) and self._fits(change, finding) for change in remedy.changes):
            for change in remedy.changes:
                self._step(change, finding, remedy)
                self._purge(change, finding)
            return
        self._note(finding, remedy)

    def _note(self, finding: FindingRecord, remedy: RemedyRecord) -> None:
        for who in map(self._known, people(remedy.by)):
            same = (who.key, remedy.text, remedy.commands)
            before = self.notes.get(same)
            findings = (*(before[1].findings if before else ()), finding.id)
            self.notes[same] = (who, Note(remedy, findings))
            self._takes(who, remedy)

    def done(self) -> tuple[Task, ...]:
        return tuple(
            Task(
                who,
                _ordered(step for owner, step in self.steps.values() if owner == who),
                tuple(note for owner, note in self.notes.values() if owner == who),
                tuple(self.effective.get(key, {}).values()),
            )
            for key, who in sorted(self.people.items())
        )

    def _known(self, who: Person) -> Person:
        return self.people.setdefault(who.key, who)

    def _known_place(self, change: Change) -> bool:
        if change.kind not in IN_DIRECTORY:
            return HostName(change.place) in self.machines
        principal = change.principal
        return (fold(change.object), DnsName(change.place)) in self.accounts and (
            principal is None or (fold(principal.account), DnsName(principal.domain)) in self.accounts
        )

    def _purge(self, change: Change, finding: FindingRecord) -> None:
        """The source of a delegation goes on with the tickets that it has: they are for the administrator of that host to purge."""
        if change.kind not in IN_DIRECTORY:
            return
        principal = change.principal
        account, domain = (principal.account, principal.domain) if principal else (change.object, change.place)
        for host in self.accounts.get((fold(account), DnsName(domain)), ()):
            self._note(finding, purged(host.spelled))

    def _takes(self, who: Person, remedy: RemedyRecord) -> None:
        self.effective.setdefault(who.key, {}).setdefault(remedy.effective_after, remedy)

    def _fits(self, change: Change, finding: FindingRecord) -> bool:
        """Does nothing before contradict this change. A performance option follows another host's: neither may that one change too,
        nor may one that others follow."""
        before = self.steps.get(_key(change))
        if before is not None and change.kind not in LISTS and before[1].after != change.wanted:
            return False
        if change.kind is not Kind.PERFORMANCE_OPTION:
            return True
        others = {fold(name) for name in hosts_of(finding.subject)} - {fold(change.place)}
        if fold(change.place) in self.followed or others & self.follows:
            return False
        self.follows.add(fold(change.place))
        self.followed |= others
        return True

    def _step(self, change: Change, finding: FindingRecord, remedy: RemedyRecord) -> None:
        who = self._known(Person(Role.DOMAIN if change.kind in IN_DIRECTORY else Role.HOST, change.place))
        key = _key(change)
        before = self.steps.get(key)
        self.steps[key] = (who, _merged(before[1] if before else None, change, finding.id))
        self._takes(who, remedy)


def _key(change: Change) -> tuple[object, ...]:
    principal = change.principal.sid if change.principal else ""
    return change.kind, fold(change.place), fold(change.object), principal


def _merged(before: Step | None, change: Change, finding: str) -> Step:
    """The step of a change, together with the one that is there for the same thing."""
    findings = (*(before.findings if before else ()), finding)
    if change.kind in LISTS:
        assert isinstance(change.wanted, tuple)
        assert isinstance(change.earlier, tuple)
        members = _unique((*(before.members if before else ()), *change.wanted))
        held = {fold(member) for member in change.earlier}
        members = tuple(member for member in members if fold(member) not in held)
        step = Step(change.kind, change.place, change.object, Text(""), members, principal=change.principal)
    else:
        step = Step(change.kind, change.place, change.object, Text(""), before=change.earlier, after=change.wanted)
    return replace(step, text=_said(step, _WORDS[step.kind][0]), findings=findings, sid=change.sid)


def _ordered(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps of a task in their order, numbered, each with those it needs."""
    ordered = sorted(steps, key=lambda step: _TURNS.get(step.kind, 0))
    numbers: dict[Kind, tuple[int, ...]] = {}
    for number, step in enumerate(ordered, start=1):
        numbers[step.kind] = (*numbers.get(step.kind, ()), number)
    return tuple(
        replace(step, id=number, needs=tuple(each for kind in _NEEDS.get(step.kind, ()) for each in numbers.get(kind, ())))
        for number, step in enumerate(ordered, start=1)
    )


def purged(host: str) -> RemedyRecord:
    """What lets the source of a delegation, a host as the plan spells it, ask for new tickets."""
    values: dict[str, Value] = {"host": host}
    who = administrator_of(host)
    return RemedyRecord(
        text=render(PURGE, values),
        who=plain(who.text),
        commands=(powershell_command("Invoke-Command -ComputerName {host} -ScriptBlock { klist.exe purge -li 0x3e7 }", values),),
        effective_after="at once",
        verify=(powershell_command("Invoke-Command -ComputerName {host} -ScriptBlock { klist.exe -li 0x3e7 }", values),),
        undo=(),
        template=PURGE,
        values=values,
        by=who,
    )


def _unique(members: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for member in members:
        found.setdefault(fold(member), member)
    return tuple(found.values())


def _inverted(step: Step) -> Step:
    back = replace(step, present=not step.present, before=step.after, after=step.before)
    return replace(back, text=_said(back, _WORDS[step.kind][1]))


def _said(step: Step, template: str) -> Text:
    return Text(template, {name: value for name, value in _values(step) if f"{{{name}}}" in template})


def _values(step: Step) -> Iterator[tuple[str, Value]]:
    yield "place", step.place
    yield "object", _named(step)
    yield "members", step.members
    yield "before", step.before
    yield "after", step.after
    yield "principal", step.principal.name if step.principal else ""


def _named(step: Step) -> str | Text:
    """What is changed, as a person knows it: a local group has its name beside its SID."""
    if step.object in GROUP_NAMES:
        return text("{group} ({sid})", group=GROUP_NAMES[step.object], sid=step.object)
    return step.object


def target(step: Step) -> Text:
    """What is changed and where, for the question whether to change it."""
    values: dict[str, Value] = {"object": _named(step), "place": step.place}
    return Text("{object} ({place})" if step.object else "{place}", values)
