"""Who has to do what: the changes and the instructions of a result, one task for each person.

Changes of the same thing become one, the same instruction is told once, and where two findings want different values of one
thing the first is followed and the second is left to the next check.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from checks.changes import IN_DIRECTORY, LISTS, Change, Kind, Principal, Setting
from checks.remedy import Role, Who
from checks.result import FindingRecord, RemedyRecord, Result
from checks.text import Text, Value
from checks.windows.names import fold
from reports.digest import hosts_of


class Person(Struct, frozen=True):
    """Somebody who has to act. `name` is the domain, host or VM that the role is about, or nothing."""

    role: Role
    name: str = ""

    @property
    def key(self) -> tuple[int, str]:
        return self.role.turn, fold(self.name)


class Step(Struct, frozen=True):
    """A change as a script makes it. For a list: `members` shall be there when `present`, else be gone. For a value: `after`
    replaces `before`. `text` says it in words, `findings` are the ids of those that ask for it."""

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

    @property
    def target(self) -> str:
        """What is changed, for the question whether to change it."""
        return f"{self.object} ({self.place})" if self.object else self.place


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
        """The steps backwards, each taken back."""
        return tuple(_inverted(step) for step in reversed(self.steps))


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

SENTENCES: tuple[str, ...] = tuple(dict.fromkeys(sentence for pair in _WORDS.values() for sentence in pair))


def people(who: Who) -> tuple[Person, ...]:
    """One for each domain, host or VM that the role is about."""
    return tuple(Person(who.role, name) for name in who.of) or (Person(who.role),)


def tasks(result: Result) -> tuple[Task, ...]:
    """What has to be done so that nothing stands in the way of the moves: for failed blockers and risks that nobody has accepted.
    Advice is left to the report."""
    made = _Tasks()
    for finding in result.findings:
        if finding.fails and finding.waiver is None and finding.remedy:
            made.add(finding, finding.remedy)
    return made.done()


class _Tasks:
    def __init__(self) -> None:
        self.people: dict[tuple[int, str], Person] = {}
        self.steps: dict[tuple[object, ...], tuple[Person, Step]] = {}
        self.notes: dict[tuple[object, ...], tuple[Person, Note]] = {}
        self.effective: dict[tuple[int, str], dict[str, RemedyRecord]] = {}
        self.followed: set[str] = set()
        self.follows: set[str] = set()

    def add(self, finding: FindingRecord, remedy: RemedyRecord) -> None:
        """The changes of a finding where they can be made with those before it, else its remedy as an instruction."""
        if remedy.changes and all(self._fits(change, finding) for change in remedy.changes):
            for change in remedy.changes:
                self._step(change, finding, remedy)
            return
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
                tuple(step for owner, step in self.steps.values() if owner == who),
                tuple(note for owner, note in self.notes.values() if owner == who),
                tuple(self.effective.get(key, {}).values()),
            )
            for key, who in sorted(self.people.items())
        )

    def _known(self, who: Person) -> Person:
        return self.people.setdefault(who.key, who)

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
        step = Step(change.kind, change.place, change.object, Text(""), members, principal=change.principal, findings=findings)
    else:
        step = Step(change.kind, change.place, change.object, Text(""), before=change.earlier, after=change.wanted, findings=findings)
    return replace(step, text=_said(step, _WORDS[step.kind][0]))


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
    yield "object", step.object
    yield "members", step.members
    yield "before", step.before
    yield "after", step.after
    yield "principal", step.principal.name if step.principal else ""
