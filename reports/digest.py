"""What a result comes down to: findings that say the same told once, failures by their root cause, and the rule behind the verdict."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import NamedTuple

from checks.changes import IN_DIRECTORY, Change
from checks.check import Evidence, Outcome, Scope, Severity
from checks.errors.lookup import known
from checks.facts.fact import Reason
from checks.facts.snapshot import HostVisit
from checks.remedy import Instead, Means
from checks.result import After, FindingRecord, Message, Origin, RemedyRecord, Result, Seal, Subject, Verdict, roots
from checks.second_opinion import LISTED, Agreement, Compared, Opinion
from checks.text import Text, Value
from checks.waiver import Waiver
from checks.waves import Wave
from checks.windows.names import fold
from checks.windows.tickets import TICKET_LIFE
from reports.language import Language

AREAS = ("platform", "domain", "access", "authentication", "delegation", "migration", "network", "vm", "plan")
"""The built-in areas in the order in which a migration meets them. Areas of plug-ins follow by name."""

OUTCOMES = (Outcome.FAIL, Outcome.ERROR, Outcome.UNKNOWN, Outcome.SKIP, Outcome.PASS)
"""Worst first, as reports list them."""

SYMBOLS = {
    Outcome.PASS: "✓",
    Outcome.FAIL: "✗",
    Outcome.SKIP: "–",
    Outcome.UNKNOWN: "?",
    Outcome.ERROR: "!",
    Verdict.GO: "✓",
    Verdict.CONDITIONS: "△",
    Verdict.INCOMPLETE: "?",
    Verdict.NO_GO: "✗",
}

RULES: dict[str, str] = {
    Verdict.GO: "Every blocker that applies was judged and holds, and so does every risk, or it is accepted. What somebody has to give or "
    "look at may be open.",
    Verdict.CONDITIONS: "No blocker stands in the way: each that applies was judged, and holds or is accepted. What is left are risks.",
    Verdict.INCOMPLETE: "No blocker failed, but at least one could not be judged, and what is not known never counts as passed.",
    Verdict.NO_GO: "At least one blocker failed, and one failed blocker is enough.",
}

WORDS: dict[str, str] = {
    Outcome.PASS: "The requirement holds.",
    Outcome.FAIL: "The requirement does not hold.",
    Outcome.SKIP: "The requirement does not apply, a check that it depends on failed, or somebody has to give something or look.",
    Outcome.UNKNOWN: "Something that is needed could not be read. It never counts as passed.",
    Outcome.ERROR: "The check itself failed: a bug of this program.",
    Severity.BLOCKER: "Without it the move fails.",
    Severity.RISK: "Without it the move may fail, or succeeds unsafely.",
    Severity.ADVICE: "Without it the move succeeds, but something could be better.",
    **RULES,
}
"""What the fixed words mean, which are the same in every language."""

OF_THE_WAY_BACK = ("plan.rollback", "delegation.return_direction", "authentication.return_session")
"""The checks that say whether the moves can be taken back, the one for the whole plan first."""

WAY_AND_WHY = {"source", "target", "why"}
"""The places of a sentence that says what is in the way of a way back, and of which."""

SEALS: dict[Seal, str] = {
    Seal.NONE: "Whether the snapshot was changed after it was collected cannot be told.",
    Seal.NOT_CHECKED: "There is a seal, but no key to check it with was given (--seal-key).",
    Seal.UNCHANGED: "Who has the key wrote the snapshot as it was judged. That the hosts told the truth is not what a seal says.",
    Seal.CHANGED: "The snapshot is not what was sealed with this key, and was judged all the same. Nobody vouches for what it says.",
    Seal.MISSING: "A seal was to be checked and there is none. The snapshot was judged all the same, and nobody vouches for what it says.",
}
"""What it means for a result how its snapshot is sealed."""

COUNTED = {
    Scope.HOST: ("{count} host", "{count} hosts"),
    Scope.PAIR: ("{count} pair", "{count} pairs"),
    Scope.MOVE: ("{count} move", "{count} moves"),
    Scope.ACCESS: ("{count} account on a host", "{count} accounts on hosts"),
    Scope.PLAN: ("the plan", "the plan"),
}


def counted(kind: str, count: int, language: Language) -> str:
    """`3 moves`, `1 host`."""
    one, many = COUNTED[Scope(kind)]
    return language.say(one if count == 1 else many, count=count)


def lasting(seconds: int, language: Language, *, least: bool = False) -> str:
    """`2 h 05 min`, `3 min`, `40 s`: what is told in minutes is rounded up, and down where it takes at least so long."""
    if seconds < 120:
        return language.say("{seconds} s", seconds=seconds)
    minutes = seconds // 60 if least else -(-seconds // 60)
    if minutes < 60:
        return language.say("{minutes} min", minutes=minutes)
    return language.say("{hours} h {minutes} min", hours=minutes // 60, minutes=f"{minutes % 60:02}")


class InTime(NamedTuple):
    """Some waves together: `seconds` where each of them is estimated, `least_seconds` of what is, and how many of the moves are in
    neither."""

    moves: int
    seconds: int | None
    least_seconds: int
    uncounted: int

    @staticmethod
    def of(waves: Sequence[Wave]) -> InTime:
        ends = [wave.seconds for wave in waves if wave.seconds is not None]
        return InTime(
            sum(len(wave.moves) for wave in waves),
            sum(ends) if len(ends) == len(waves) else None,
            sum(wave.least_seconds for wave in waves),
            sum(wave.uncounted for wave in waves),
        )

    def said(self, language: Language) -> str:
        """`about 54 s, at least 37 s`, or why it is not known."""
        if self.uncounted == self.moves:
            return language.say("not known")
        least = lasting(self.least_seconds, language, least=True)
        if self.seconds is not None:
            return language.say("about {time}, at least {least}", time=lasting(self.seconds, language), least=least)
        return language.say("at least {least}, without {count} of {moves} moves", least=least, count=self.uncounted, moves=self.moves)


def areas_of(result: Result) -> tuple[str, ...]:
    """Every area that was checked, in the order of reports."""
    found = {info.area for info in result.checks.values()}
    return tuple(area for area in AREAS if area in found) + tuple(sorted(found.difference(AREAS)))


def hosts_of(subject: Subject) -> tuple[str, ...]:
    return tuple(host for host in (subject.host, subject.source, subject.target) if host is not None)


def all_hosts(result: Result) -> tuple[str, ...]:
    """Every host of the pairs and findings once, in the spelling of its first appearance."""
    seen: dict[str, str] = {}
    for pair in result.pairs:
        seen.setdefault(fold(pair.source), pair.source)
        seen.setdefault(fold(pair.target), pair.target)
    for finding in result.findings:
        for host in hosts_of(finding.subject):
            seen.setdefault(fold(host), host)
    return tuple(seen.values())


def visits(result: Result, hosts: Iterable[str]) -> dict[str, HostVisit]:
    """The visits to hosts, by the names that the plan has for these (all_hosts)."""
    called = {fold(host): host for host in hosts}
    return {called.get(fold(name), name): visit for name, visit in result.visits.items()}


def place(subject: Subject) -> str:
    """Where a subject is: its pair, its host, or nothing for the plan."""
    if subject.source is not None and subject.target is not None:
        return f"{subject.source} → {subject.target}"
    return subject.host or ""


def moved(vm: str, language: Language) -> str:
    """What a move takes along: its VM, or none where the pair was judged alone."""
    return vm or language.say("without a VM")


def label(subject: Subject, language: Language) -> str:
    """A subject in words: `LMTest, TestServer01 → TestServer02`."""
    if subject.vm is not None:
        return f"{subject.vm}, {place(subject)}"
    if subject.operator is not None:
        return language.say("{operator} on {host}", operator=subject.operator, host=subject.host)
    return place(subject) or language.say("the plan")


def subjects(findings: Sequence[FindingRecord], language: Language) -> str:
    """Whom findings of one check are about: the one in words, or how many."""
    first = findings[0].subject
    return label(first, language) if len(findings) == 1 else counted(first.kind, len(findings), language)


def mending(finding: FindingRecord, language: Language) -> Iterator[str]:
    """What the move would show, and what mends it."""
    if finding.predicts:
        yield without_fix(finding.check, finding.predicts, language)
    if finding.remedy is not None:
        yield f"{language.say('to do' if finding.asks else 'fix')}: {language.remedy(finding.remedy)}"


def few(names: Sequence[str], limit: int, language: Language) -> tuple[str, ...]:
    """The first names, then how many more there are."""
    if len(names) <= limit:
        return tuple(names)
    return (*names[:limit], language.say("and {count} more", count=len(names) - limit))


def predicted(codes: Iterable[str], language: Language) -> str:
    """Codes with the sentences that Windows shows with them: `0x80070005: General access denied error; …`. One that is not known
    stands alone."""
    errors = ((code, known(code)) for code in codes)
    return "; ".join(f"{code}: {language.of_error(error, 'message').rstrip('.')}" if error else code for code, error in errors)


def without_fix(check: str, codes: Sequence[str], language: Language) -> str:
    """What whoever does not mend what a check found will see: `if started without the fix: 0x80070005: General access denied error`."""
    shown = predicted(codes, language)
    if check in OF_THE_WAY_BACK:
        if len(codes) == 1:
            return language.say("if moved back without the fix: {codes}", codes=shown)
        return language.say("if moved back without the fix, one of these: {codes}", codes=shown)
    if len(codes) == 1:
        return language.say("if started without the fix: {codes}", codes=shown)
    return language.say("if started without the fix, one of these: {codes}", codes=shown)


def from_configuration(origin: Origin, keys: Sequence[str], language: Language) -> str:
    """What a configuration file said that counted in a run."""
    return language.say(
        "from hvpreflight.toml beside the plan: {keys}" if origin is Origin.BESIDE else "from hvpreflight.toml of the user: {keys}",
        keys=", ".join(keys),
    )


def beside(result: Result) -> tuple[tuple[Compared, Opinion], ...]:
    """What Compare-VM lists, and how it stands to the findings: first what no check says."""
    rows = [(each, said) for each in result.compared for said in each.opinions]
    return tuple(sorted(rows, key=lambda row: (row[1].agreement not in LISTED, row[1].agreement in (Agreement.SAME, Agreement.NOTHING))))


def compared_vm(each: Compared) -> str:
    """The VM of a report as it names it."""
    return each.report.vm or each.report.vm_id or "–"


def subject_id(finding: FindingRecord) -> str:
    """The part of a finding's id that stands for its subject."""
    return finding.id.removeprefix(f"{finding.check}@")


def _common_values(finding: FindingRecord) -> dict[str, Value]:
    """The values of a message, and of the sentences in it, without what only names the finding's own subject."""
    subject = finding.subject
    own = {fold(n) for n in (subject.host, subject.source, subject.target, subject.vm, subject.operator) if n}
    return _without(own, f"@{subject_id(finding)}", finding.message.values)


def _without(own: Collection[str], suffix: str, values: Mapping[str, Value]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, value in values.items():
        if isinstance(value, tuple):
            found[name] = tuple(item if isinstance(item, Text) else item.removesuffix(suffix) for item in value)
        elif isinstance(value, Text):
            found[name] = Text(value.template, _without(own, suffix, value.values))
        elif not isinstance(value, str) or fold(value) not in own:
            found[name] = value
    return found


@dataclass
class Group:
    """Findings of one check that say the same of several subjects: same outcome, severity and sentence, and the same values
    apart from the subjects' own names."""

    check: str
    outcome: Outcome
    severity: Severity
    template: str
    values: dict[str, Value]
    reason: Reason | None
    waiver: Waiver | None
    findings: list[FindingRecord] = field(default_factory=list)
    varied: bool = False
    """Do the findings differ in more than their subjects' names, so that each has to show its own sentence."""

    @property
    def kind(self) -> str:
        return self.findings[0].subject.kind

    @property
    def predicts(self) -> tuple[str, ...]:
        """The codes that the failures of this group show without a remedy."""
        return tuple(dict.fromkeys(code for finding in self.findings for code in finding.predicts))

    def own(self, finding: FindingRecord) -> dict[str, Value]:
        """The values in which what a finding says differs from others of this group, without the names of its subject."""
        return {name: value for name, value in _common_values(finding).items() if name not in self.values}

    @cached_property
    def one_sentence(self) -> bool:
        """Is the message word for word the same for every subject."""
        return len({finding.message.text for finding in self.findings}) == 1

    def message(self, language: Language) -> str:
        """The sentence; where it is another one for each subject that of the first, and that the others are told likewise."""
        first = self.findings[0].message
        said = language.say(first.template, **first.values)
        if self.one_sentence:
            return said
        if self.varied:
            return language.say("{said} (the others with their own values)", said=said)
        return language.say("{said} (the others likewise)", said=said)


def grouped(findings: Iterable[FindingRecord]) -> tuple[Group, ...]:
    """The findings told once, in the order in which each group first appears."""
    found: dict[tuple[object, ...], Group] = {}
    for finding in findings:
        message, values = finding.message, _common_values(finding)
        key = (
            finding.check,
            finding.outcome,
            finding.severity,
            message.template,
            finding.reason,
            finding.waiver,
            tuple(sorted((name, type(value).__name__, value) for name, value in values.items())),
        )
        group = found.get(key)
        if group is None:
            args = (finding.check, finding.outcome, finding.severity, message.template, values, finding.reason, finding.waiver)
            group = found[key] = Group(*args)
        group.findings.append(finding)
    return tuple(found.values())


def condensed(groups: Iterable[Group], limit: int) -> tuple[Group, ...]:
    """The groups, but more than `limit` of one check, outcome and sentence that differ in a value only become one that is `varied`."""
    alike: dict[tuple[object, ...], list[Group]] = {}
    for group in groups:
        key = (group.check, group.outcome, group.severity, group.template, group.reason, group.waiver)
        alike.setdefault(key, []).append(group)
    found: list[Group] = []
    for same in alike.values():
        if len(same) <= limit:
            found += same
            continue
        first = same[0]
        values = {n: v for n, v in first.values.items() if all(n in g.values and g.values[n] == v for g in same)}
        findings = [finding for group in same for finding in group.findings]
        found.append(
            Group(first.check, first.outcome, first.severity, first.template, values, first.reason, first.waiver, findings, varied=True)
        )
    return tuple(found)


@dataclass(frozen=True)
class EvidenceRow:
    """One row of evidence and the subjects it was read for; none when it holds for every subject of the group."""

    subjects: tuple[Subject, ...]
    evidence: Evidence

    @property
    def decides(self) -> bool:
        return self.evidence.decides is True

    @property
    def beside(self) -> bool:
        """Was this only read: nothing is expected of it, and nothing rests on it."""
        return self.evidence.expected is None and not self.decides


def evidence_rows(findings: Sequence[FindingRecord], limit: int) -> tuple[tuple[EvidenceRow, ...], int]:
    """The evidence of several findings, each row once, what decides first; at most `limit` rows, and how many were left out."""
    found: dict[Evidence, list[Subject]] = {}
    for finding in findings:
        for evidence in dict.fromkeys(finding.evidence):
            found.setdefault(evidence, []).append(finding.subject)
    rows = [EvidenceRow(() if len(subjects) == len(findings) else tuple(subjects), evidence) for evidence, subjects in found.items()]
    rows.sort(key=lambda row: not row.decides)
    return tuple(rows[:limit]), max(0, len(rows) - limit)


@dataclass(frozen=True)
class RootCause:
    """One root cause: the failures that one remedy ends, and how many findings were not judged because of them."""

    severity: Severity
    findings: tuple[FindingRecord, ...]
    skipped: int

    @property
    def explained(self) -> int:
        return len(self.findings) + self.skipped

    @property
    def checks(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(finding.check for finding in self.findings))

    @property
    def predicts(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(code for finding in self.findings for code in finding.predicts))

    @property
    def remedies(self) -> tuple[FindingRecord, ...]:
        """One finding for each different remedy: one, or one a VM."""
        found: dict[tuple[str, ...], FindingRecord] = {}
        for finding in self.findings:
            found.setdefault(remedy_key(finding.remedy), finding)
        return tuple(found.values())


def told_of_the_move(message: Message, blockers: Sequence[RootCause]) -> str:
    """The blocker that says of the move what a message says of its way back, as a page numbers it: `BLOCKER 2`; else nothing."""
    why = message.values.get("why")
    if message.values.keys() == WAY_AND_WHY and isinstance(why, Text):
        for number, cause in enumerate(blockers, 1):
            if cause.findings[0].message.template == why.template:
                return f"{cause.severity} {number}"
    return ""


def of_way_back(message: Message, blockers: Sequence[RootCause], language: Language) -> str:
    """What a message says; of a way back that has the same in its way as the move only that, with its direction."""
    if cause := told_of_the_move(message, blockers):
        source, target = message.values["source"], message.values["target"]
        return language.say(
            "On the way back ({source} → {target}): the same as in {cause}, at {source}", source=source, target=target, cause=cause
        )
    return language.say(message.template, **message.values)


def alternatives(findings: Iterable[FindingRecord]) -> tuple[tuple[RemedyRecord, ...], ...]:
    """The remedies that would be enough as well, each once, those by the same means together."""
    found: dict[Means, dict[tuple[str, ...], RemedyRecord]] = {}
    for finding in findings:
        for other in (finding.remedy and finding.remedy.alternatives) or ():
            if other.choice:
                found.setdefault(other.choice.means, {}).setdefault(remedy_key(other), other)
    return tuple(tuple(others.values()) for others in found.values())


def insteads(findings: Iterable[FindingRecord]) -> tuple[Instead, ...]:
    """What can be done otherwise, so that no remedy is needed, each once with all that it needs and costs."""
    found: dict[Text, list[Instead]] = {}
    for finding in findings:
        if finding.remedy and (one := finding.remedy.instead):
            found.setdefault(one.what, []).append(one)
    return tuple(
        Instead(what, *(tuple(dict.fromkeys(each for one in these for each in getattr(one, part))) for part in ("needs", "costs")))
        for what, these in found.items()
    )


def instead_of(findings: Sequence[FindingRecord], language: Language, *, opens: bool = True) -> Iterator[str]:
    """The remedies that would be enough as well, each by whom and, unless that is told elsewhere, with what it `opens` up."""
    for others in alternatives(findings):
        first = others[0]
        whole = "; ".join(language.say(remedy.template, **remedy.values) for remedy in others)
        said, by = language.say("Alternative: {remedy}", remedy=whole), language.say("By: {who}.", who=language.said(first, "who"))
        costs = f" {language.show(first.choice.opens)}." if opens and first.choice else ""
        yield f"{said}. {by}{costs}"


def remedy_key(remedy: RemedyRecord | None) -> tuple[str, ...]:
    """What tells two remedies apart."""
    return () if remedy is None else (remedy.who, remedy.text, *remedy.commands)


def _cause_key(finding: FindingRecord) -> tuple[object, ...]:
    """What failures with one root cause have in common: the remedy. One that has to be applied to each VM is still one."""
    remedy, vm = finding.remedy, finding.subject.vm
    if remedy is None:
        return (finding.check, finding.message.template, place(finding.subject))
    if vm is None:
        return remedy_key(remedy)
    values = tuple(sorted((name, str(value)) for name, value in remedy.values.items() if value != vm))
    return (place(finding.subject), remedy.by.role, tuple(name for name in remedy.by.of if name != vm), remedy.template, values)


class StillOpen(NamedTuple):
    """What would be in the way after the changes of the remedies, of one check: findings that would say the same of several subjects.
    `new`: they say other than now, and the first one says it for all."""

    findings: tuple[FindingRecord, ...]
    new: bool

    @property
    def first(self) -> FindingRecord:
        return self.findings[0]

    def said(self, language: Language) -> str:
        """What it says then. Where a fact has to be read again, how it could be read is no matter of now."""
        if not self.new:
            return language.say("as now")
        message, lacks = self.first.message, self.first.lacks
        if lacks is not None and lacks.reason is Reason.NOT_COLLECTED:
            return language.say("to be read again after the fixes: {source}", source=lacks.source)
        return language.say(message.template, **message.values)


def still_open(result: Result) -> tuple[StillOpen, ...]:
    """What is left after the changes of the remedies: what fails before what is not known, what is new first."""
    if result.after is None:
        return ()
    now = {finding.id: finding for finding in result.findings}
    found: dict[tuple[object, ...], list[FindingRecord]] = {}
    for new, findings in ((True, result.after.told), (False, tuple(now[id] for id in result.after.same))):
        for finding in findings:
            words = finding.message.template if new else ""
            found.setdefault((new, finding.check, finding.outcome, finding.severity, finding.waiver, words), []).append(finding)
    parts = [StillOpen(tuple(findings), bool(new)) for (new, *_), findings in found.items()]
    return tuple(sorted(parts, key=lambda part: (-part.first.verdict.weight, not part.new)))


def in_directory(result: Result) -> Iterator[Change]:
    """What the fixes change of computer accounts."""
    for finding in result.findings:
        if finding.fails and finding.remedy:
            yield from (change for change in finding.remedy.changes if change.kind in IN_DIRECTORY)


def computed(after: After, language: Language) -> str:
    """What the answer about the time after the fixes rests on."""
    return language.say(
        "computed with the change of the script that hvpreflight fix writes; nothing was changed or read for it"
        if after.changes == 1
        else "computed with the {count} changes of the scripts that hvpreflight fix writes; nothing was changed or read for it",
        count=after.changes,
    )


def reserve(result: Result, language: Language) -> str:
    """What a new result may say otherwise than a GO that was computed, for some hours; empty where nothing changes in the directory."""
    if result.after is None or result.after.verdict is not Verdict.GO or not any(in_directory(result)):
        return ""
    return language.say(
        "Within {hours} hours of the change a new result may still be GO WITH CONDITIONS (delegation.ticket_age), since none can see that "
        "tickets were purged. That needs no restart: wait, or accept this risk.",
        hours=TICKET_LIFE // timedelta(hours=1),
    )


def waived(waiver: Waiver) -> str:
    """What a waiver is about, as its file says it."""
    return " ".join((waiver.finding, *(f"{name}={value}" for name, value in waiver.subject.items())))


def waived_by(waiver: Waiver, language: Language) -> str:
    """Who accepts a failure, until when, and why."""
    ticket = f" ({waiver.ticket})" if waiver.ticket else ""
    day, by = waiver.expires.isoformat(), f"{waiver.approved_by}{ticket}"
    return language.say("accepted by {by} until {day}: {reason}", by=by, day=day, reason=waiver.reason)


def root_causes(result: Result, severity: Severity) -> tuple[RootCause, ...]:
    """The failures of one severity that nobody accepts, by root cause: what explains most comes first."""
    by_id = {finding.id: finding for finding in result.findings}
    waiting: dict[str, set[str]] = {}
    for finding in result.findings:
        if finding.outcome is Outcome.SKIP:
            for failed in roots(finding, by_id):
                waiting.setdefault(failed, set()).add(finding.id)
    found: dict[tuple[object, ...], list[FindingRecord]] = {}
    for finding in result.findings:
        if finding.outcome is Outcome.FAIL and finding.severity is severity and finding.waiver is None:
            found.setdefault(_cause_key(finding), []).append(finding)
    made = [
        RootCause(severity, tuple(findings), len(set().union(*(waiting.get(finding.id, set()) for finding in findings))))
        for findings in found.values()
    ]
    return tuple(sorted(made, key=lambda cause: -cause.explained))
