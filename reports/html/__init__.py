"""The report for the change board: one HTML file without network, complete without scripts, made from the result alone."""

from __future__ import annotations

import gzip
import hashlib
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import msgspec
from jinja2 import Environment, FunctionLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from msgspec import UNSET
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.result import FindingRecord, HostDetail, MoveResult, PairResult, RemedyRecord, Result, Subject, Verdict
from checks.text import Text, Value
from checks.waves import Wave
from checks.windows.names import HostName, fold
from reports import graph, midway, times
from reports.articles import articles, called, cited
from reports.asked import asked
from reports.digest import (
    OUTCOMES,
    SEALS,
    SYMBOLS,
    WORDS,
    Group,
    InTime,
    RootCause,
    all_hosts,
    alternatives,
    areas_of,
    beside,
    compared_vm,
    computed,
    condensed,
    counted,
    evidence_rows,
    few,
    from_configuration,
    grouped,
    hosts_of,
    label,
    moved,
    of_way_back,
    place,
    predicted,
    reserve,
    root_causes,
    still_open,
    subject_id,
    subjects,
    visits,
    waived,
    without_fix,
)
from reports.escape import json_in_html, visible
from reports.glance import DO, LEFT, cause, glance, needed_for, next_steps
from reports.html import sign_ins
from reports.language import MOST_SHOWN, Language, iso
from reports.obstacles import not_known, numbered, obstacles, rule
from reports.redact import told as told_of_redacted
from reports.signing import entries, signatures, startable
from reports.since import grew_worse, in_short
from reports.since import parts as parts_since
from reports.timeline import BAR_HEIGHT, UNKNOWN_WIDTH, timeline
from reports.ways import in_short as ways_in_short
from reports.ways import means, others, ways

EMBEDDED_FORMAT = "hvpreflight.report/1"

EVIDENCE_SHOWN = 20
"""Rows of evidence of one group or cause; more stand in result.json."""

SUBJECTS_NAMED = 5
"""Subjects of one group that are named with their ids; more are listed by their names alone."""

ANCHORED = 100
"""So many subjects that pass, or to which a check does not apply, have an anchor each; a link to one of more leads to the check."""

PLAIN_BYTES = 1 << 18
"""So large the result for machines stands in the page as JSON; a larger one as its gzip in base64."""

OBSTACLES_SHOWN = 10
"""So much of what stands between a result and GO is told beside the verdict."""

CAUSES_TOLD = 50
"""Root causes of one severity that are told in full; more are told in a line each."""

WAVES_TOLD = 50
"""Waves that the table tells one by one; more are told together."""
LEFT_SHOWN = 100
"""Rows of what would be left after the fixes; more stand in result.json."""
BESIDE_SHOWN = 100
"""Entries of Compare-VM that are told in a line each; more stand in result.json."""

CHANGE_SHOWN = 60
"""So much of a change's number stands below each page."""

MOVE_COLUMNS = {
    "storage": "Storage",
    "destination_path": "Destination",
    "authentication": "Authentication",
    "launch": "Launch",
    "launch_from": "Started on",
    "operator": "Operator",
}
"""What is told of a move, by its field: of all moves at once where it is the same, else of each."""
_IN_WORDS = frozenset({"storage", "authentication", "launch"})
"""Those that are words of our own. The others are names, and none is what the plan does not state."""

LONGEST_WORD = 72
"""So long a word of a command may be to stand in one line."""
_WHOLE = Markup('<span class="whole">{}</span>')
LONGEST = 24
"""So long a part of a name or value may be before it is broken where no sign parts it."""
_SIGNS = r"/\\.,:;=@_-"
_BREAKS = re.compile(rf"(?<![{_SIGNS}])([{_SIGNS}]++)(?=[^\s{_SIGNS}])|([^\s{_SIGNS}]{{{LONGEST + 1},}})")
_HUMP = re.compile(r"([a-z])(?=[A-Z])")
_BREAK = "\0"
_TOO_LONG = re.compile(rf"([^{_BREAK}]{{{LONGEST}}})(?=[^{_BREAK}])")

CLASSES = {
    "PASS": "good",
    "FAIL": "bad",
    "SKIP": "quiet",
    "UNKNOWN": "open",
    "ERROR": "open",
    Verdict.GO: "good",
    Verdict.CONDITIONS: "fair",
    Verdict.INCOMPLETE: "open",
    Verdict.NO_GO: "bad",
}


def render(
    result: Result, *, now: datetime | None = None, language: Language | None = None, sha256: str = "", changed: bool = False
) -> str:
    """The whole HTML document. `now` says whether the result has expired; without it only the date stands there, and a browser
    with scripts compares it with its own clock. `sha256` is that of the file of this result, and `changed` says that another one was
    recorded when its run was written."""
    language = language or Language()
    style, script = Markup(file_of("report.css") + on_each_page(result, language, sha256)), Markup(file_of("report.js"))  # noqa: S704 - our own
    groups = grouped(result.findings)
    told = condensed(groups, SUBJECTS_NAMED)
    hosts = all_hosts(result)
    visited_as = visits(result, hosts)
    visited = {HostName(name) for name in result.visits}
    numbers = {fold(host): number for number, host in enumerate(hosts)}

    def host_numbers(subject: Subject) -> str:
        return " ".join(str(numbers[fold(host)]) for host in hosts_of(subject))

    def all_host_numbers(findings: Sequence[FindingRecord]) -> str:
        return " ".join(dict.fromkeys(number for finding in findings for number in host_numbers(finding.subject).split()))

    sources = {HostName(pair.source) for pair in result.pairs}
    together = {finding.id for group in told if told_together(group) for finding in group.findings}
    sizes = Counter(finding.check for finding in result.findings)

    def whole(group: Group) -> bool:
        return told_together(group) and not group.varied and len(group.findings) == sizes[group.check]

    every = {group.kind: group.findings for group in told if whole(group)}

    def place_of(finding: FindingRecord) -> str:
        return f"check-{finding.check}" if finding.id in together else anchor(finding)

    causes = tuple((severity, root_causes(result, severity)) for severity in Severity)
    told_already = Once()
    blockers = next(of for severity, of in causes if severity is Severity.BLOCKER)
    words = {
        "t": language.say,
        "show": language.show,
        "said": language.said,
        "counted": lambda kind, count: counted(kind, count, language),
        "label": lambda subject: label(subject, language),
        "subjects": lambda findings: subjects(findings, language),
        "names": lambda findings: ", ".join(finding.subject.vm or label(finding.subject, language) for finding in findings),
        "message": lambda group: group.message(language),
        "place_of": place_of,
        "how": lambda obstacle: obstacle.how(language),
        "who": lambda obstacle: obstacle.who(language),
        "said_then": lambda part: part.said(language),
        "predicted": lambda codes: predicted(codes, language),
        "without_fix": lambda cause: without_fix(cause.findings[0].check, cause.predicts, language),
        "local": lambda moment: times.local(moment, result),
        "both": lambda moment: times.both(moment, result),
        "dated": lambda moment: times.in_words(moment, result, language),
        "few": lambda names: few(names, SUBJECTS_NAMED, language),
        "moved": lambda move: moved(move.vm, language),
        "from_configuration": lambda origin, keys: from_configuration(origin, keys, language),
        "command_lines": lambda remedies, part: command_lines(remedies, part, language),
        "says": lambda finding: of_way_back(finding.message, blockers, language),
        "means": lambda choice: means(choice, language),
        "items": lambda row, part: Markup(", <br>").join(map(breakable, language.items(row, part))),
        "told_before": told_already.before,
        "effective": lambda remedy: effective(remedy, told_already, language),
        "staying": lambda host, detail: staying(detail, language, leaves=HostName(host) in sources),
    }
    values = common(result.moves)
    told_apart = {name: heading for name, heading in MOVE_COLUMNS.items() if 1 < len(values[name]) <= ANCHORED}
    by_id = {finding.id: finding for finding in result.findings}
    told_whole = in_causes(of for _, of in causes)
    unknown = not_known(result)
    steps = obstacles(result, unknown)
    choice, lacking = ways(result, language), asked(result, language)
    short = ways_in_short(choice, language)
    template = environment().get_template("report.html")
    return template.render(
        words,
        host_numbers=host_numbers,
        all_host_numbers=all_host_numbers,
        told_together=told_together,
        result=result,
        collected_by=language.collector(result.collected),
        language=language.name,
        style=style,
        script=script,
        policy=policy(style, script),
        data=for_machines(embedded(result, told)),
        whole=whole,
        every=every,
        sha256=sha256,
        changed=changed,
        rule=rule(result, language),
        do=DO[result.verdict],
        left_to_do=LEFT[result.verdict],
        cause=cause(result, steps, language),
        glance=tuple(glance(result, steps, language)),
        left_midway=tuple(midway.told(result, language)),
        stays_midway=midway.stays(result, language),
        sources_midway=midway.sources(result),
        signatures=signatures(result, steps, choice, lacking, language),
        startable=startable(result),
        to_accept=entries(result).strip().splitlines(),
        left_out=any(finding.left_out for finding in result.findings),
        step_names=tuple(name if step.cause else step.severity for step, name in numbered(steps)),
        needed_for=needed_for(steps, language) if result.verdict is Verdict.NO_GO else "",
        next_steps=tuple(next_steps(result, language)),
        other_ways=tuple(others(choice, steps, language)),
        has_commands=lambda causes: any(each.remedy and each.remedy.commands for cause in causes for each in cause.findings),
        late=now is not None and result.expired(now),
        redacted=told_of_redacted(result.redacted),
        of_seal=language.say(SEALS[result.seal]),
        obstacles=steps,
        ways=choice,
        ways_in_short=short,
        way_taken=short.taken if short else "",
        pairs=moves_by_pair(result, told_apart),
        common={name: few([of_move(name, each, language) for each in these], SUBJECTS_NAMED, language) for name, these in values.items()},
        of_move=lambda move, name: of_move(name, getattr(move, name), language),
        told_apart=told_apart,
        by_id=by_id,
        waves=told_waves(result, language),
        timeline=timeline(result, language),
        bar_height=BAR_HEIGHT,
        unknown_width=UNKNOWN_WIDTH,
        in_time=InTime.of(result.waves).said(language),
        matrix_areas=tuple(area for area in areas_of(result) if any(area in pair.areas for pair in result.pairs)),
        drawing=graph.layout(result),
        areas=areas_of(result),
        hosts=hosts,
        sign_in_notes=tuple(sign_ins.notes(result, visited_as, language)),
        visits=visited_as,
        reach=sign_ins.reach(result, visited_as, unknown, language),
        unvisited=tuple(host for host in hosts if HostName(host) not in visited),
        severities=causes,
        in_brief=lambda groups: all(in_brief(group, told_whole) for group in groups),
        not_known=unknown,
        undecided=Counter(finding.severity for finding in result.findings if finding.undecided),
        not_judged=tuple(group for group in groups if group.outcome is Outcome.SKIP and group.findings[0].because),
        asked=lacking,
        not_applying=tuple(group for group in groups if group.findings[0].does_not_apply),
        checks=groups_by_check(told),
        waivers=tuple((use, tuple(by_id[id] for id in use.findings)) for use in result.waivers),
        beside=beside(result),
        beside_shown=BESIDE_SHOWN,
        computed=computed(result.after, language) if result.after else "",
        reserve=reserve(result, language),
        since=parts_since(result, language),
        since_in_short=in_short(result, language),
        grew_worse=grew_worse,
        left=still_open(result),
        left_shown=LEFT_SHOWN,
        compared_vm=compared_vm,
        compared_files=tuple(dict.fromkeys(each.report.file for each in result.compared)),
        outcomes=tuple(Outcome),
        words=WORDS,
        cited=cited((each for check in result.checks.values() for each in check.article), language),
        citations=articles().sentences,
        called=lambda citation: called(citation, language),
        planned=planned(result),
        most_obstacles=OBSTACLES_SHOWN,
        told=CAUSES_TOLD,
        named=SUBJECTS_NAMED,
    )


@cache
def environment() -> Environment:
    """Compiles each template once a process. What a language or a result gives is the context of one rendering."""
    environment = Environment(
        loader=FunctionLoader(file_of),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters["translated"] = _translated
    environment.filters["breakable"] = breakable
    environment.filters["shown"] = _said
    environment.filters["unbroken"] = unbroken
    environment.globals.update(
        evidence=lambda findings: evidence_rows(findings, EVIDENCE_SHOWN),
        iso=iso,
        utc=times.utc,
        place=place,
        anchor=anchor,
        alternatives=alternatives,
        waived=waived,
        by_place=by_place,
        by_values=by_values,
        symbols=SYMBOLS,
        classes=CLASSES,
        graph=graph,
        shorten=graph.shorten,
    )
    return environment


@pass_context
def _translated(context: Context, template: str) -> str:
    said: str = context["t"](template)
    return said


@pass_context
def _said(context: Context, value: Value) -> str:
    said: str = context["show"](value)
    return said


def file_of(name: str) -> str:
    return (resources.files("reports.html") / name).read_text(encoding="utf-8")


def _shown(value: Any) -> Any:
    return value if isinstance(value, Markup) else visible(str(value))


def on_each_page(result: Result, language: Language, sha256: str = "") -> str:
    """The rules that print below each page of which result it is, and beside what is folded that it is not on paper. In them stand letters,
    digits and escapes alone, whatever the names are."""
    parts = (
        result.change.id[:CHANGE_SHOWN],
        language.say(result.verdict),
        language.say("valid until {until}", until=iso(result.valid_until)),
        language.say("result {digest}", digest=sha256[:12]) if sha256 else "",
    )
    below, folded = _in_css(" · ".join(filter(None, parts))), _in_css(f" ({language.say('on the page, not on paper')})")
    return (
        f'@page {{ @bottom-left {{ content: "{below}"; font: 8pt sans-serif; color: #545f6b; }} }}\n'
        f'@media print {{ .unprinted > summary::after {{ content: "{folded}"; font-weight: 400; }} }}\n'
    )


def _in_css(text: str) -> str:
    return "".join(each if each.isascii() and each.isalnum() else f"\\{ord(each):x} " for each in visible(text))


def policy(style: str, script: str | None = None) -> Markup:
    def source(content: str) -> str:
        return f"'sha256-{b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"

    scripts = "'none'" if script is None else source(script)
    return Markup(  # noqa: S704 - digests and our own words
        f"default-src 'none'; style-src {source(style)}; script-src {scripts}; base-uri 'none'; form-action 'none'"
    )


def anchor(finding: FindingRecord) -> str:
    """The HTML id of a finding: its check, and its subject as a digest. The same for the same finding in every report, and safe and
    short whatever the names are."""
    return f"{finding.check}@{hashlib.sha256(subject_id(finding).encode('utf-8', 'surrogatepass')).hexdigest()[:10]}"


def command_lines(remedies: Iterable[RemedyRecord], part: str, language: Language) -> tuple[str, ...]:
    """The lines of one part (commands, verify, undo) of several remedies, each command once."""
    commands = dict.fromkeys(command for remedy in remedies for command in language.commands(remedy, part))
    return tuple(line for command in commands for line in command.splitlines())


def told_together(group: Group) -> bool:
    """Are the subjects of a group listed without an anchor for each: so many for which nothing is wrong."""
    return group.outcome in (Outcome.PASS, Outcome.SKIP) and len(group.findings) > ANCHORED


def in_causes(causes: Iterable[Sequence[RootCause]]) -> frozenset[str]:
    """The ids of the failures whose evidence their causes tell, all of it. On paper it is not told twice."""
    told = (cause for of in causes for cause in of[:CAUSES_TOLD] if not evidence_rows(cause.findings, EVIDENCE_SHOWN)[1])
    return frozenset(finding.id for cause in told for finding in cause.findings)


def in_brief(group: Group, told: Collection[str]) -> bool:
    """Does paper need no more of these findings than how many there are: nothing is wrong, or the causes tell it."""
    return group.outcome in (Outcome.PASS, Outcome.SKIP) or all(finding.id in told for finding in group.findings)


def by_values(group: Group, findings: Iterable[FindingRecord]) -> tuple[tuple[dict[str, Value], tuple[FindingRecord, ...]], ...]:
    """Findings of a varied group that say the same together, each with the values in which it differs from others of the group."""
    found: dict[str, list[FindingRecord]] = {}
    for finding in findings:
        found.setdefault(finding.message.text, []).append(finding)
    return tuple((group.own(alike[0]), tuple(alike)) for alike in found.values())


def by_place(findings: Iterable[FindingRecord]) -> tuple[tuple[FindingRecord, ...], ...]:
    """Findings of moves by their pair; all others stay together."""
    found: dict[str, list[FindingRecord]] = {}
    for finding in findings:
        found.setdefault(place(finding.subject) if finding.subject.vm is not None else "", []).append(finding)
    return tuple(map(tuple, found.values()))


def breakable(value: str) -> Markup:
    """A name or value that a narrow column breaks behind a sign that parts it, and within a part only where that is too long for any."""
    broken = _BREAKS.sub(lambda found: found[1] + _BREAK if found[1] else _within(found[2]), visible(value))
    return Markup("<wbr>").join(broken.split(_BREAK))


def unbroken(line: str) -> Markup:
    """A line of a command, which is broken between its words alone: at a hyphen a copy from paper would hold a line break."""
    words = (visible(word) for word in line.split(" "))
    return Markup(" ").join(_WHOLE.format(word) if "-" in word[1:] and len(word) <= LONGEST_WORD else escape(word) for word in words)


def _within(part: str) -> str:
    """A part that is too long, broken where a word of it begins, and else after so many letters."""
    return _TOO_LONG.sub(rf"\1{_BREAK}", _HUMP.sub(rf"\1{_BREAK}", part))


@dataclass(frozen=True)
class Told:
    """Where something was told: the anchor, and what the place is called."""

    anchor: str
    name: str


class Once:
    """What stands in a page already, so that it is told once."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], Told] = {}

    def before(self, kind: str, said: str, anchor: str, name: str) -> Told | None:
        """Where the same was told, or nothing where this is the first place."""
        here = Told(anchor, name)
        told = self._places.setdefault((kind, said), here)
        return None if told is here else told


def effective(remedy: RemedyRecord, told: Once, language: Language) -> str:
    """When a remedy counts; in short where another one counts as soon, or as soon as that of another host."""
    when = language.said(remedy, "effective_after")
    words = remedy.texts.get("effective_after") if remedy.texts else None
    host = words.values.get("source") if isinstance(words, Text) else None
    alike = told.before("alike", words.template, "", "") if isinstance(words, Text) and host else None
    if told.before("step", when, "", ""):
        return language.say("Effective: as above.")
    return language.say("Effective: as above, for {host}.", host=host) if alike else language.say("Effective: {when}.", when=when)


def staying(detail: HostDetail, language: Language, *, leaves: bool) -> str:
    """What the plan leaves on a host from which it moves VMs: `2 (APP01, DB01)`. Of another host nothing is asked."""
    stays = detail.staying
    if not leaves:
        return "–"
    if stays is None:
        return language.say("not known")
    if not stays.count:
        return language.say("none")
    more = stays.count - len(stays.names)
    names = (*stays.names, language.say("and {count} more", count=more)) if more else stays.names
    return f"{stays.count} ({', '.join(names)})"


def moves_by_pair(result: Result, told_apart: Iterable[str]) -> tuple[tuple[PairResult, tuple[tuple[MoveResult, ...], ...]], ...]:
    """The moves of each pair: of a large plan those together of which the same is told."""
    alone = len(result.moves) <= ANCHORED
    found: dict[tuple[str, str], dict[object, list[MoveResult]]] = {}
    for number, move in enumerate(result.moves):
        of_pair = found.setdefault((fold(move.source), fold(move.target)), {})
        like = number if alone or move.rests_on is not None else (move.verdict, *(getattr(move, name) for name in told_apart))
        of_pair.setdefault(like, []).append(move)
    return tuple((pair, tuple(map(tuple, found.get((fold(pair.source), fold(pair.target)), {}).values()))) for pair in result.pairs)


@dataclass(frozen=True)
class Row:
    """One wave of the plan, or several together: its numbers, the first of its moves, how many others it has, how long it takes, and why
    not more of it is known."""

    numbers: str
    moves: tuple[str, ...]
    others: int
    time: str
    why: tuple[str, ...]


def told_waves(result: Result, language: Language) -> tuple[Row, ...]:
    parts: list[tuple[str, tuple[Wave, ...]]] = [(str(number), (wave,)) for number, wave in enumerate(result.waves[:WAVES_TOLD], 1)]
    if rest := result.waves[WAVES_TOLD:]:
        parts.append((f"{WAVES_TOLD + 1}–{len(result.waves)}", rest))
    rows = []
    for numbers, these in parts:
        places = [place for wave in these for place in wave.moves]
        named = [result.moves[place] for place in places[:SUBJECTS_NAMED]]
        whys = dict.fromkeys(language.show(why) for wave in these for why in wave.why)
        rows.append(
            Row(
                numbers,
                tuple(f"{moved(move.vm, language)}: {move.source} → {move.target}" for move in named),
                len(places) - len(named),
                InTime.of(these).said(language),
                few(tuple(whys), SUBJECTS_NAMED, language),
            )
        )
    return tuple(rows)


def common(moves: Sequence[MoveResult]) -> dict[str, tuple[str | None, ...]]:
    """What the moves are made of, each value once; nothing of what an older result does not tell."""
    found = {name: dict.fromkeys(getattr(move, name) for move in moves) for name in MOVE_COLUMNS}
    return {name: tuple(each for each in values if each is not UNSET) for name, values in found.items()}


def of_move(name: str, value: str | None, language: Language) -> str:
    """One value of a move as its reader says it."""
    if value is None:
        return language.say("not stated")
    return language.say(value) if name in _IN_WORDS else language.show(value)


def groups_by_check(groups: Iterable[Group]) -> dict[str, tuple[Group, ...]]:
    """The groups of each check, the worst outcome first."""
    found: dict[str, list[Group]] = {}
    for group in groups:
        found.setdefault(group.check, []).append(group)
    return {check: tuple(sorted(of, key=lambda group: OUTCOMES.index(group.outcome))) for check, of in found.items()}


@dataclass(frozen=True)
class Planned:
    """The sum of the outcomes against what was planned and what is there."""

    planned: int
    terms: tuple[tuple[Outcome, int], ...]
    holds: bool


def planned(result: Result) -> Planned:
    terms = tuple((outcome, result.counts.get(outcome, 0)) for outcome in Outcome)
    count = result.counts.get("planned", 0)
    return Planned(count, terms, sum(number for _, number in terms) == count == len(result.findings))


class Data(NamedTuple):
    """The result for machines as it stands in the page, and in which form."""

    text: Markup
    form: str


def embedded(result: Result, groups: Iterable[Group]) -> dict[str, Any]:
    """The result for machines, as it stands in the report: findings that say the same once, with the numbers of their `subjects`
    and, where they differ in a value, what they say of `each`. A finding's id is its check, `@` and its subject's id."""
    subjects: dict[str, int] = {}
    told: list[dict[str, Any]] = []
    for group in groups:
        for finding in group.findings:
            subjects.setdefault(subject_id(finding), len(subjects))
        rows, left_out = evidence_rows(group.findings, EVIDENCE_SHOWN)
        first = group.findings[0]
        told.append(
            _filled(
                {
                    "check": group.check,
                    "outcome": group.outcome,
                    "severity": group.severity,
                    "message": _shortened(first.message.text if group.one_sentence else group.template),
                    "values": _shortened(group.values),
                    "each": [_shortened(finding.message.text) for finding in group.findings] if group.varied else (),
                    "reason": group.reason,
                    "predicts": group.predicts,
                    "because": first.because if len(group.findings) == 1 else (),
                    "remedies": [
                        _shortened(finding.remedy.text)
                        for finding in RootCause(group.severity, tuple(group.findings), 0).remedies[:EVIDENCE_SHOWN]
                        if finding.remedy
                    ],
                    "evidence": [_shortened(msgspec.to_builtins(row.evidence)) for row in rows],
                    "evidence_left_out": left_out or None,
                    "subjects": [subjects[subject_id(finding)] for finding in group.findings],
                }
            )
        )
    whole: dict[str, Any] = msgspec.to_builtins(replace(result, findings=(), compared=(), after=None, since=None))
    del whole["after"], whole["since"]
    if not result.redacted:
        del whole["redacted"]
    for move in whole["moves"]:
        del move["findings"]
    for wave in whole["waves"]:
        wave.pop("why", None)
    del whole["compared"]
    if after := result.after:
        whole["after"] = {"verdict": after.verdict, "changes": after.changes, "left": len(after.told) + len(after.same)}
    if since := result.since:
        counts = {became: len(ids) for became, ids in since.changes.items()}
        whole["since"] = {"earlier": msgspec.to_builtins(since.earlier), "changes": counts}
    if result.compared:
        whole["second_opinions"] = [
            _filled(
                {
                    "vm": each.report.vm or each.report.vm_id,
                    "destination": each.report.destination,
                    "id": said.entry.id,
                    "message": said.entry.message,
                    "agreement": said.agreement,
                    "error": said.error,
                    "findings": said.findings,
                }
            )
            for each, said in beside(result)[:BESIDE_SHOWN]
        ]
    return whole | {"format": EMBEDDED_FORMAT, "subjects": list(subjects), "findings": told}


def for_machines(whole: dict[str, Any]) -> Data:
    data = msgspec.json.encode(whole)
    if len(data) <= PLAIN_BYTES:
        return Data(json_in_html(data), "application/json")
    return Data(Markup(b64encode(gzip.compress(data, mtime=0)).decode()), "application/gzip;base64")  # noqa: S704 - no letter of HTML


def _shortened(value: Any) -> Any:
    """A value without what is longer than a report shows."""
    if isinstance(value, str):
        return _english().beginning(value)
    if isinstance(value, dict):
        return {name: _shortened(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [*map(_shortened, value[:MOST_SHOWN]), *([f"and {len(value) - MOST_SHOWN} more"] if len(value) > MOST_SHOWN else [])]
    return value


@cache
def _english() -> Language:
    """What stands in the page for machines is English in every report."""
    return Language()


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    """Without what says nothing. `0` and `false` say something."""
    return {name: value for name, value in values.items() if value is not None and value not in ((), [], {}, "")}
