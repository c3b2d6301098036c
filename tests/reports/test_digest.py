from __future__ import annotations

from pathlib import Path

from msgspec import UNSET
from msgspec.structs import replace

from checks.check import Outcome, Severity
from checks.result import Verdict
from checks.waves import Wave
from reports.digest import InTime, areas_of, condensed, evidence_rows, grouped, lasting, predicted, root_causes
from reports.language import Language
from tests.reports import sample


def test_one_missing_delegation_explains_the_moves_it_stops_and_what_was_skipped_after_it() -> None:
    (cause,) = root_causes(sample.no_go(), Severity.BLOCKER)
    assert [finding.subject.vm for finding in cause.findings] == ["LMTest", "SQL01", "WEB01"]
    assert cause.skipped == 4, "three moves' delegation.protocol, and delegation.ticket_age behind one of them"
    assert cause.predicts == ("0x80070005", "0x8009030E")


def test_two_pairs_that_lack_delegation_are_two_causes() -> None:
    found = sample.on_pair(("A",), "HV01", "HV02") + sample.on_pair(("B",), "HV03", "HV04")
    moves = [sample.move("A", "HV01", "HV02"), sample.move("B", "HV03", "HV04")]
    assert len(root_causes(sample.result(moves, found), Severity.BLOCKER)) == 2


def test_a_remedy_that_each_vm_needs_is_one_cause_with_its_commands_for_each() -> None:
    found = sample.hostile()
    cause = next(cause for cause in root_causes(found, Severity.RISK) if cause.checks == ("vm.running",))
    assert len(cause.findings) == len(cause.remedies) == len(sample.HOSTILE_NAMES)


def test_findings_that_differ_in_their_subject_only_are_told_once() -> None:
    passed = [finding for finding in sample.no_go().findings if finding.check == "vm.running"]
    (group,) = grouped(passed)
    assert len(group.findings) == 3
    assert group.message(Language()) == f"{passed[0].subject.vm} runs (the others likewise)"


def test_findings_with_other_values_are_not_thrown_together() -> None:
    result = sample.thousand_moves()
    groups = grouped(finding for finding in result.findings if finding.check == "vm.version")
    assert len(groups) == 1000
    (one,) = condensed(groups, 5)
    assert one.varied
    assert len(one.findings) == 1000
    said = one.message(Language())
    assert said == f"{one.findings[0].message.text} (the others with their own values)"


def test_evidence_that_all_share_is_shown_once_and_too_much_of_it_is_counted() -> None:
    result = sample.no_go()
    shared, left = evidence_rows([f for f in result.findings if f.check == "delegation.cifs"], 20)
    assert [row.subjects for row in shared] == [()]
    assert left == 0
    many, left = evidence_rows([f for f in sample.thousand_moves().findings if f.check == "vm.version"], 20)
    assert (len(many), left) == (20, 980)


def test_of_much_evidence_what_decides_comes_first_and_is_never_left_out() -> None:
    failure = next(f for f in sample.no_go().findings if f.check == "delegation.cifs" and f.outcome is Outcome.FAIL)
    (row,) = failure.evidence
    read = tuple(replace(row, what=str(number), decides=UNSET) for number in range(9))
    shown, left = evidence_rows([replace(failure, evidence=(*read, replace(row, what="the reason")))], 3)
    assert ([row.evidence.what for row in shown], left) == (["the reason", "0", "1"], 7)


def test_a_check_of_a_plugin_comes_after_the_built_in_areas() -> None:
    result = sample.go()
    extra = sample.CHECKS["vm.running"]
    changed = {"backup.window": type(extra)(extra.title, "backup", extra.scope, extra.severity, ())} | result.checks
    assert areas_of(type(result)(**{n: getattr(result, n) for n in result.__struct_fields__} | {"checks": changed}))[-1] == "backup"


def test_the_samples_say_what_they_are_named_after() -> None:
    verdicts = [sample.go().verdict, sample.conditions().verdict, sample.incomplete().verdict, sample.no_go().verdict]
    assert verdicts == [Verdict.GO, Verdict.CONDITIONS, Verdict.INCOMPLETE, Verdict.NO_GO]
    assert {finding.outcome for finding in sample.no_go().findings} == set(Outcome)


def test_a_code_stands_with_its_sentence_in_the_readers_language_and_an_unknown_one_alone(tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    codes = ("0x8009030E", "0xDEADBEEF", "migration_not_enabled")
    assert predicted(codes[:2], Language()) == "0x8009030E: No credentials are available in the security package; 0xDEADBEEF"
    assert predicted(codes, Language("de", tmp_path)) == (
        "0x8009030E: Im Sicherheitspaket sind keine Anmeldeinformationen verfügbar; 0xDEADBEEF; "
        "migration_not_enabled: The source/destination host is not configured for live migration. Use the Enable-VMMigration cmdlet"
    ), "where no German wording is known, the English one stands"


def test_a_time_is_told_in_what_a_person_counts_and_never_shorter_than_it_is() -> None:
    told = {seconds: lasting(seconds, Language()) for seconds in (0, 119, 120, 121, 3599, 3600, 3601, 90_000)}
    assert told == {
        0: "0 s",
        119: "119 s",
        120: "2 min",
        121: "3 min",
        3599: "1 h 00 min",
        3600: "1 h 00 min",
        3601: "1 h 01 min",
        90_000: "25 h 00 min",
    }
    assert [lasting(seconds, Language(), least=True) for seconds in (179, 3599, 3659)] == ["2 min", "59 min", "1 h 00 min"]


def test_waves_together_take_their_sum_and_one_that_is_not_known_leaves_only_what_they_take_at_least() -> None:
    known, partly, nothing = Wave((0, 1), (54, 54), 54, 37), Wave((2, 3), (None, None), None, 30, 1), Wave((4,), (None,), None, 0, 1)
    assert InTime.of((known, known)).said(Language()) == "about 108 s, at least 74 s"
    assert InTime.of((known,)).said(Language()) == "about 54 s, at least 37 s"
    assert InTime.of((known, partly, nothing)).said(Language()) == "at least 67 s, without 2 of 5 moves"
    assert InTime.of((nothing,)).said(Language()) == "not known"
