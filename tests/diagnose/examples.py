"""Failure texts with the right answer, which lie beside the project: what is asked of each, and whether the program says it.

A row is right when a confirmed cause stands among the first so many and whatever else its file demands holds; it is wrong when it names
causes and the right one is not among the first three. Causes that the examples call equal count as one.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from textwrap import fill
from typing import Any, NamedTuple
from unicodedata import combining
from unicodedata import normalize as decomposed

import yaml

from checks.check import Outcome
from checks.errors.codes import normalize
from checks.errors.diagnosis import Answers
from checks.errors.lookup import find
from checks.result import Result, Verdict
from reports import diagnosis as report
from reports import pages
from reports.language import Language
from runner.diagnose.answer import answered
from runner.diagnose.read import read_inputs
from runner.evaluate import evaluate
from runner.files.plan import read_plan
from runner.files.snapshot import read_snapshot
from tests.lanes import lacking

FOLDER = Path(__file__).parents[3] / "shared" / "data"
FIRST, SECOND, REPORTS = "diagnose-examples.yaml", "diagnose-examples-2.yaml", "reports"
WITHIN = 3


class Answer:
    """What the program says of one text: as for scripts, and as on a terminal."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    @cached_property
    def data(self) -> Any:
        return json.loads(json.dumps(report.as_data(self._answers, Language("en"))))

    @cached_property
    def said(self) -> str:
        language, stream = Language("en"), io.StringIO()
        report.write(self._answers, language, stream, color=False)
        return "\n".join((*map(language.show, self._answers.problems), stream.getvalue()))

    @property
    def causes(self) -> list[str]:
        return [cause["id"] for cause in self.data["causes"]]

    @property
    def codes(self) -> set[str]:
        return {code for operation in self.data["operations"] for code in operation["codes"]}

    @property
    def all_causes(self) -> set[str]:
        return {cause["id"] for operation in self.data["operations"] for cause in operation["causes"]}

    @property
    def errors(self) -> set[str]:
        return {cause["code"] for operation in self.data["operations"] for cause in operation["causes"]} | self.codes

    def standing(self, id: str) -> str:
        return next((cause["standing"] for cause in self.data["causes"] if cause["id"] == id), "")

    def says(self, *words: str) -> bool:
        return all(word in self.said for word in words)


class Row(NamedTuple):
    """An example, and how it went."""

    kind: str
    id: str
    right: bool
    first: bool
    wrong: bool
    said: str


def folder() -> Path:
    if not (FOLDER / FIRST).exists():
        lacking("the examples are needed: ../shared/data beside the project")
    return FOLDER


def ask(content: bytes) -> Answer:
    """What `diagnose` says of a text, without a process of its own."""
    return Answer(answered(read_inputs((), io.BytesIO(content))))


# --- the first file: confirmed causes ---


@cache
def _read(name: str) -> Any:
    return yaml.safe_load((folder() / name).read_text(encoding="utf-8"))


@cache
def equal() -> Mapping[str, str]:
    """Causes that mean the same, by the first of their ids."""
    groups = (group for kind in _read(FIRST)["kinds"] for group in kind.get("equal_ids", ()))
    return {id: group[0] for group in groups for id in group}


def _one(id: str) -> str:
    return equal().get(id, id)


BESIDE: dict[str, Callable[[Answer], bool]] = {
    "H4": lambda answer: answer.says("ERROR_INVALID_STATE", "not in the correct state"),
    "C7": lambda answer: "0xC03A0016" not in answer.errors,
}
"""What an example demands beside its causes."""


def first_file() -> Iterator[Row]:
    for kind in _read(FIRST)["kinds"]:
        for example in kind["examples"]:
            yield _by_causes(kind["id"].partition("-")[0], example, ask(example["text"].encode()))


def _by_causes(kind: str, example: Mapping[str, Any], answer: Answer) -> Row:
    causes = [_one(id) for id in answer.causes]
    accept = {_one(id) for id in example["accept"]}
    place = next((place for place, id in enumerate(causes, 1) if id in accept), 0)
    beside = BESIDE.get(example["id"], lambda _: True)(answer)
    ordered = causes[:1] == [_one(example["first"])] if "first" in example else True
    ordered &= causes[:1] != [_one(example["not_first"])] if "not_first" in example else True
    found = 0 < place <= example["within"] if accept else not causes
    return Row(
        kind,
        example["id"],
        found and ordered and beside,
        place == 1 or not (accept or causes),
        bool(causes) and not 0 < place <= WITHIN and set(causes) != {"no_cause"},
        f"{causes[:4]} for {sorted(accept)}",
    )


# --- the second file: what must be said, and what must not ---

_SIMPLE: dict[str, Callable[[Answer, Any], bool]] = {
    "code": lambda answer, code: code in answer.codes | answer.errors,
    "operation": lambda answer, name: answer.data.get("operation") == name,
    "target": lambda answer, name: answer.data["target"] == name,
    "first": lambda answer, id: [_one(each) for each in answer.causes[:1]] == [_one(id)],
    "nothing_failed": lambda answer, _: not answer.all_causes and answer.says("Nothing failed"),
    "nothing_known": lambda answer, _: not answer.all_causes,
    "nothing_known_about_a_move": lambda answer, _: not answer.all_causes,
    "symbol": lambda answer, symbol: symbol in answer.said,
    "check": lambda answer, check: any(check in cause["checks"] for cause in answer.data["causes"]),
    "status": lambda answer, status: not answer.codes.isdisjoint(normalize(status)),
    "event": lambda answer, number: any(number == event["id"] for each in answer.data["operations"] for event in each["events"]),
    "ended": lambda answer, _: answer.says("was moved"),
}
_SAYS: dict[tuple[str, str], Callable[[Answer], bool]] = {
    ("L3", "says"): lambda answer: answer.causes[:1] == ["winrm_credssp_service_off"],
    ("L4", "reads"): lambda answer: answer.says("service names", "HV31"),
    ("L5", "reads"): lambda answer: answer.says("ticket", "cifs/hv32.contoso.test"),
    ("M2a", "operation"): lambda answer: answer.says("SRV-07"),
    ("Q2", "says"): lambda answer: answer.says("account is disabled"),
    ("S1", "evidence"): lambda answer: answer.says("delegation", "HV31", "5 minutes"),
    ("T1", "says"): lambda answer: answer.says("is a snapshot", "hvpreflight check", "--snapshot"),
}
"""Fields whose wording is for people, by example."""

_FILES: dict[str, Callable[[], bytes]] = {
    "R4": lambda: b"\xff\xfe" + "Move-VM started\r\n".encode("utf-16-le") + b"error 0x8007274D\r\n",
    "T1": lambda: (folder() / REPORTS / "cfg-pass-through" / "snapshot.json").read_bytes(),
}


def second_file() -> Iterator[Row]:
    for example in _read(SECOND)["examples"]:
        id = example["id"]
        answer = ask(_FILES[id]() if "file_made_of" in example else example["text"].encode())
        never = answer.all_causes | answer.errors
        wrong = bool(never.intersection(example.get("never", ())))
        lacking = [
            f"{name}: {value}" for name, value in example["want"].items() if value is not None and not _holds(id, name, value, answer)
        ]
        yield Row(
            id.rstrip("ab0123456789"), id, not (wrong or lacking), not (wrong or lacking), wrong, f"{answer.causes[:4]} lacks {lacking}"
        )


def _holds(id: str, name: str, value: Any, answer: Answer) -> bool:
    said = _SAYS.get((id, name))
    return said(answer) if said else _SIMPLE[name](answer, value)


# --- reports: texts, and plans with what was collected for them ---

_NOT_MANAGEABLE = {"vmms_stopped", "operator_not_admin_on_both", "wrong_host"}


def _at_target(answer: Answer) -> bool:
    return (answer.data["vm"], answer.data["target"], answer.data["hosts"]) == ("APP01", "HV12", [])


_TEXTS: dict[str, tuple[str, Callable[[Answer], bool]]] = {
    "config-in-text-credssp": (
        "G",
        lambda answer: (answer.causes[0], answer.standing(answer.causes[0])) == ("credssp_not_logged_on_source", "shown_by_text")
        and all(answer.standing(id) == "ruled_out_by_text" for id in ("kcd_kerberos_only_remote_start", "delegation_missing")),
    ),
    "config-in-text-kerberos": (
        "G",
        lambda answer: (answer.causes[0], answer.standing(answer.causes[0])) == ("kcd_kerberos_only_remote_start", "shown_by_text")
        and all(
            answer.standing(id) == "ruled_out_by_text"
            for id in ("credssp_not_logged_on_source", "delegation_missing", "auth_type_mismatch", "credential_guard_with_credssp")
        ),
    ),
    "host-role-destination": ("M", lambda a: _at_target(a) and "33012" in a.errors),
    "host-role-destination-2": ("M", lambda a: _at_target(a) and a.codes == {"0x800705B4"}),
    "names-from-quotes": ("M", lambda a: a.data["vm"] is None and a.data["hosts"] == [] and not a.all_causes),
    "namespace-wording-cim": ("C", lambda a: a.causes[0] == "hyperv_role_missing_on_target" and a.data["target"] == "hv11.contoso.test"),
    "ru-not-enabled": ("E", lambda a: "migration_not_enabled" in a.errors),
    "vmms-connect": ("C", lambda a: bool(_NOT_MANAGEABLE & {*map(_one, a.causes[:3])})),
    "weak-words-access-denied": ("L", lambda a: a.causes[0] == "operator_not_admin_on_both" and "0xC03A0016" not in a.errors),
    "weak-words-long-text": (
        "L",
        lambda a: {21502, 22038} <= {event["id"] for event in a.data["events"]}
        and a.data["causes"][0]["code"] in {"0x80070005", "0x8009030E", "0x8009030D"}
        and not {"0xC03A0016", "14050"} & a.errors,
    ),
    "weak-words-question": ("L", lambda a: not a.all_causes),
    "winrm-credssp-disabled": ("C", lambda a: a.causes[0] == "winrm_credssp_client_off" and a.says("Enable-WSManCredSSP -Role Client")),
    "winrm-trustedhosts": ("C", lambda a: a.causes[0] == "trustedhosts" and a.data["target"] == "hv21"),
}  # fmt: skip
"""What a report's text must lead to, in its kind."""
_NOT_WRONG = frozenset({"host-role-destination", "host-role-destination-2", "ru-not-enabled"})
"""Reports whose matter is not the cause, so that not being right is no wrong cause."""


def _fails(*checks: str) -> Callable[[Result], bool]:
    return lambda result: bool({f.check for f in result.findings if f.outcome is Outcome.FAIL} & {*checks})


def _not_passed(check: str) -> Callable[[Result], bool]:
    """For snapshots that are older than the facts of a check: what was not read is unknown."""
    return lambda result: any(f.check == check and f.outcome in (Outcome.FAIL, Outcome.UNKNOWN) for f in result.findings)


_PLANS: dict[str, Callable[[Result], bool]] = {
    "cfg-clustered-vm": _fails("vm.replica", "platform.not_clustered", "vm.present", "vm.running"),
    "cfg-delegation-just-changed": _not_passed("delegation.ticket_age"),
    "cfg-near-miss-spelling": lambda result: any("Services" in str(f.message.values) + str(f.evidence) for f in result.findings),
    "cfg-pass-through": _fails("vm.disks"),
    "cfg-remote-start-without-winrm": _not_passed("access.remote_management"),
    "cfg-smb-445-closed": _fails("network.port_445"),
    "cfg-smb-third-server": lambda result: not _fails("delegation.cifs")(result),
    "cfg-smb-third-server-missing": _not_passed("delegation.cifs"),
    "cfg-spn-not-registered": _fails("domain.service_names"),
    "cfg-switch-missing": _fails("vm.switch"),
    "cfg-vm-at-target": _fails("vm.identity"),
}
"""What `check` must say of a report's plan and snapshot."""


def _explained(asked: str) -> str:
    return "\n".join(pages.of_errors(asked, find(asked), Language("en")))


def _event_ids() -> Row:
    """The report that asks for numbers instead of giving a text."""
    said = [_explained(asked) for asked in ("22040", "15500", "16300", "20412", "22038")]
    right = not any(wrong in each for wrong in ("certutil", "net helpmsg", "Nearest") for each in said)
    return Row("N", "event-id-unknown", right, right, not right, said[0][:80])


def reports() -> Iterator[Row]:
    there = {path.name.removesuffix(".expected.yaml") for path in (folder() / REPORTS).glob("*.expected.yaml")}
    assert there == {*_TEXTS, *_PLANS, "event-id-unknown"}, "each report says what is asked of it"
    for name, (kind, holds) in _TEXTS.items():
        answer = ask((folder() / REPORTS / f"{name}.txt").read_bytes())
        right = _safe(lambda holds=holds, answer=answer: holds(answer))
        yield Row(kind, name, right, right, bool(answer.causes) and not right and name not in _NOT_WRONG, str(answer.causes[:4]))
    yield _event_ids()
    for name, judged in _PLANS.items():
        plan, snapshot = folder() / REPORTS / name / "plan.toml", folder() / REPORTS / name / "snapshot.json"
        result = evaluate(read_plan(plan)[0], read_snapshot(snapshot, datetime.now(UTC))[0], snapshot_sha256="", plan_sha256="")
        right = judged(result)
        yield Row("check", name, right, right, not right and result.verdict is Verdict.GO, f"{result.verdict}")


def _safe(holds: Callable[[], bool]) -> bool:
    try:
        return holds()
    except (IndexError, KeyError):
        return False


# --- the table ---


def table(rows: Iterable[Row]) -> str:
    """Kind, examples, right, first, wrong: a line a kind and one for all."""
    kinds: dict[str, list[Row]] = {}
    for row in rows:
        kinds.setdefault(row.kind, []).append(row)
    lines = ["kind   examples  right  first  wrong"]
    every = [row for rows_of_kind in kinds.values() for row in rows_of_kind]
    for kind, own in [*sorted(kinds.items()), ("all", every)]:
        counts = (len(own), sum(row.right for row in own), sum(row.first for row in own), sum(row.wrong for row in own))
        lines.append("{:<6} {:>8} {:>6} {:>6} {:>6}".format(kind, *counts))
    return "\n".join(lines)


# --- what happens to texts on their way ---


def confirmed() -> list[Mapping[str, Any]]:
    """The examples of the first file that have a right cause."""
    return [example for kind in _read(FIRST)["kinds"] for example in kind["examples"] if example["accept"]]


def found(example: Mapping[str, Any], answer: Answer) -> bool:
    """Does a right cause stand among the first three of one of the operations."""
    accept = {_one(id) for id in example["accept"]}
    return any(_one(cause["id"]) in accept for each in answer.data["operations"] for cause in each["causes"][:WITHIN])


def leading(answer: Answer) -> set[str]:
    return {_one(id) for id in answer.causes[:WITHIN]}


def _without_end(text: str) -> str:
    """A text without its last tenth, cut at the end of a word; where no blanks part words, at a character."""
    most = len(text) * 9 // 10
    if not re.search(r"\s", text):
        return text[:most]
    return text[: max((word.end() for word in re.finditer(r"\w+\W?", text) if word.end() <= most), default=most)]


def _in_a_table(text: str) -> str:
    """A message as the last column of a table that the console cut with dots; an output stays as it is."""
    line = " ".join(text.split())
    heading = "TimeCreated            Id LevelDisplayName Message\n-----------            -- ---------------- -------\n"
    shown = f"{heading}12/5/2026 8:14:03 PM    0 Error            {line[: len(line) * 9 // 10]}..."
    return text if re.search(r"^(?:\w+ +: |-{3})", text, re.MULTILINE) else shown


MUTATIONS: dict[str, Callable[[str], str]] = {
    "quoted mail": lambda text: "\n".join(f"> {line}" for line in text.splitlines()),
    "other line ends": lambda text: text.replace("\n", "\r\n"),
    "wrapped": lambda text: "\n".join(fill(line, 60) for line in text.split("\n")),
    "within a mail": lambda text: f"Hello,\n\nwe see this since Monday, please help:\n\n{text}\n\nKind regards\nJane Doe\nService desk",
    "another language's wrapper": lambda text: f'Fehler beim Migrationsvorgang für den virtuellen Computer "X".\n\n{text}',
    "cut in a word": lambda text: text[: len(text) * 9 // 10],
    "cut at a word's end": _without_end,
    "in a table, cut with dots": _in_a_table,
    "lost umlauts": lambda text: "".join(each for each in decomposed("NFKD", text) if not combining(each)) if text[0] < "\u3000" else text,
}


def pairs(steps: Iterable[int]) -> Iterator[tuple[str, str]]:
    """Each confirmed example with those so many places behind it."""
    ids = [example["id"] for example in confirmed()]
    return ((id, ids[(place + step) % len(ids)]) for place, id in enumerate(ids) for step in steps)


def wrongly_joined(together: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """The pairs of texts that lead to a third cause first, without the word that there were two failures."""
    texts = {example["id"]: example["text"] for example in confirmed()}
    alone = {id: leading(ask(text.encode())) for id, text in texts.items()}
    wrong = []
    for one, other in together:
        answer = ask(f"{texts[one]}\n\n{texts[other]}".encode())
        first = answer.causes[0] if answer.causes else None
        if first and len(answer.data["operations"]) < 2 and _one(first) not in alone[one] | alone[other]:
            wrong.append((one, other, first))
    return wrong
