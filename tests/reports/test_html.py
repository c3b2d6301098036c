from __future__ import annotations

import gzip
import hashlib
import json
import re
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterable
from functools import cache
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from msgspec.structs import replace

from checks.check import Outcome
from checks.remedy import OPERATOR
from checks.result import AreaState, ChangeInfo, HostDetail, MoveResult, Result, Seal, Staying
from reports.digest import SEALS, all_hosts, visits
from reports.html import ANCHORED, EMBEDDED_FORMAT, anchor, render, sign_ins, unbroken
from reports.language import Language, iso
from tests.reports import sample
from tests.reports.golden import assert_golden

SAMPLES = ["no_go", "go", "conditions", "incomplete", "empty", "hostile", "thousand_moves"]
VOID = {"meta", "input", "link", "br", "wbr", "img"}


class Page(HTMLParser):
    """A page as a browser takes it apart: elements with their attributes, and their text."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[int, list[str]] = {}
        self._open: list[int] = []
        self.feed(source)
        self.close()
        assert not self._open, f"never closed: {[self.elements[n] for n in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute twice in {tag} {attrs}"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID and self.get_starttag_text()[-2:] != "/>":  # type: ignore[index]
            self._open.append(len(self.elements) - 1)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self.elements[self._open[-1]][0] == tag:
            self._open.pop()
        else:
            assert tag in ("path", "rect", "line"), f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        for number in self._open:
            self.texts.setdefault(number, []).append(data)

    def all(self, tag: str) -> list[tuple[int, dict[str, str | None]]]:
        return [(number, attrs) for number, (name, attrs) in enumerate(self.elements) if name == tag]

    def text(self, number: int) -> str:
        return " ".join("".join(self.texts.get(number, [])).split())

    @property
    def words(self) -> str:
        return self.text(0)


@cache
def source(name: str) -> str:
    return render(getattr(sample, name)(), now=sample.BEFORE_THE_END)


@cache
def page(name: str) -> Page:
    return Page(source(name))


def data(name: str) -> dict[str, Any]:
    parsed = page(name)
    (number,) = (n for n, attrs in parsed.all("script") if attrs.get("id") == "result")
    text, form = "".join(parsed.texts[number]), parsed.elements[number][1]["type"]
    found: dict[str, Any] = json.loads(text if form == "application/json" else gzip.decompress(b64decode(text)))
    return found


@pytest.mark.parametrize("name", ["no_go", "hostile"])
def test_the_html_report_is_the_one_somebody_approved(name: str) -> None:
    assert_golden(f"report-{name}.html", source(name))


def test_the_same_result_gives_the_same_bytes() -> None:
    assert render(sample.hostile(), now=sample.BEFORE_THE_END) == source("hostile")


@pytest.mark.parametrize("name", SAMPLES)
def test_a_browser_needs_nothing_but_the_file(name: str) -> None:
    for tag, attrs in page(name).elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "video", "audio"), tag
        assert not {"src", "style", "srcset", "action"} & attrs.keys(), (tag, attrs)
        assert not [attribute for attribute in attrs if attribute.startswith("on")], (tag, attrs)
        assert (attrs.get("href") or "#").startswith("#"), attrs


def test_below_each_printed_page_stands_of_which_result_it_is_whatever_the_change_is_called() -> None:
    hostile = replace(sample.go(), change=ChangeInfo('"; } body { display: none } </style><script>\u202e', ""))
    shown = Page(render(hostile, sha256="5d" * 32))
    (style,) = ("".join(shown.texts[number]) for number, _ in shown.all("style"))
    (said,) = re.findall(r'@bottom-left \{ content: "([^"]*)"', style)
    assert re.fullmatch(r"(?:[A-Za-z0-9]|\\[0-9a-f]+ )+", said)
    told = re.sub(r"\\([0-9a-f]+) ", lambda match: chr(int(match[1], 16)), said)
    assert told.endswith(f" · GO · valid until {iso(hostile.valid_until)} · result 5d5d5d5d5d5d")
    assert told.startswith('"; } body { display: none }')


@pytest.mark.parametrize("name", SAMPLES)
def test_the_policy_allows_this_style_and_this_script_and_nothing_else(name: str) -> None:
    parsed = page(name)
    (policy,) = (attrs["content"] for _, attrs in parsed.all("meta") if attrs.get("http-equiv") == "Content-Security-Policy")
    digests = []
    for tag in ("style", "script"):
        (inline,) = ("".join(parsed.texts[n]) for n, attrs in parsed.all(tag) if "type" not in attrs)
        digests.append("'sha256-" + b64encode(hashlib.sha256(inline.encode()).digest()).decode() + "'")
    wanted = f"default-src 'none'; style-src {digests[0]}; script-src {digests[1]}; base-uri 'none'; form-action 'none'"
    assert policy == wanted


@pytest.mark.parametrize("name", SAMPLES)
def test_every_link_leads_somewhere_and_no_id_is_given_twice(name: str) -> None:
    ids = [attrs["id"] for _, attrs in page(name).elements if "id" in attrs]
    assert [id for id, count in Counter(ids).items() if count > 1] == []
    assert not [id for id in ids if not id or re.search(r"\s", id)]
    links = {attrs["href"] for _, attrs in page(name).all("a")}
    assert {str(link)[1:] for link in links} <= set(ids)
    named = {id for _, attrs in page(name).elements for id in (attrs.get("aria-labelledby") or "").split()}
    assert named <= set(ids)


@pytest.mark.parametrize("name", SAMPLES)
def test_headings_come_in_order_and_tables_say_what_they_hold(name: str) -> None:
    parsed = page(name)
    levels = [int(tag[1]) for tag, _ in parsed.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(parsed.all("caption")) == len(parsed.all("table"))
    assert all(parsed.text(number) for number, _ in parsed.all("caption"))
    assert all(attrs.get("scope") in ("col", "row", "rowgroup") for _, attrs in parsed.all("th"))
    assert parsed.elements[0] == ("html", {"lang": "en"})


@pytest.mark.parametrize("name", SAMPLES)
def test_every_finding_has_its_anchor(name: str) -> None:
    ids = {attrs.get("id") for _, attrs in page(name).elements}
    findings = getattr(sample, name)().findings
    without = {finding.id for finding in findings if anchor(finding) not in ids}
    passing = Counter(finding.check for finding in findings if finding.outcome is Outcome.PASS)
    assert without == {each.id for each in findings if each.outcome is Outcome.PASS and passing[each.check] > ANCHORED}
    assert {f"check-{finding.check}" for finding in findings} <= ids, "a link to one of them leads to its check"
    assert len({anchor(finding) for finding in findings}) == len(findings)


def test_an_anchor_stays_the_same_in_another_report() -> None:
    first = {finding.id: anchor(finding) for finding in sample.no_go().findings}
    second = {finding.id: anchor(finding) for finding in sample.go().findings}
    assert first["migration.enabled@testserver01"] == "migration.enabled@" + hashlib.sha256(b"testserver01").hexdigest()[:10]
    assert all(first[id] == second[id] for id in first.keys() & second.keys())


def test_hostile_names_are_text_and_nothing_else() -> None:
    known = {tag for name in ("no_go", "incomplete", "conditions") for tag, _ in page(name).elements}
    assert {tag for tag, _ in page("hostile").elements} <= known
    assert not [attrs for _, attrs in page("hostile").elements if {"onerror", "onmouseover"} & attrs.keys()]
    words = page("hostile").words
    for shown in (
        "<script>alert(1)</script>",
        "'; Remove-Item C:\\ -Recurse; '",
        "\\u202egnp.exe \\u2066LMTest",
        "\\x1b[2J\\x1b]0;owned\\x07red\\x1b[31m",
        "{{ 7*7 }} {vm} ${jndi}",
        "line\\x0d\\x0abreak\\x09tab\\u2028end",
    ):
        assert shown in words
    hidden = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
    assert not hidden.search(re.sub(r'<script type="application/json".*?</script>', "", source("hostile"), flags=re.DOTALL))


def test_a_thousand_moves_with_28_checks_each_stay_below_one_megabyte() -> None:
    assert len(sample.thousand_moves().findings) == 28_000
    assert len(source("thousand_moves").encode()) < 1_000_000, "much of it is told of all at once"


def test_of_a_thousand_that_pass_each_is_told_and_those_that_fail_have_an_anchor_each() -> None:
    result = sample.thousand_moves()
    listed = [attrs for _, attrs in page("thousand_moves").all("li") if attrs.get("id") or attrs.get("data-count")]
    anchors = {str(attrs["id"]) for attrs in listed if "id" in attrs}
    failing = [finding for finding in result.findings if finding.outcome not in (Outcome.PASS, Outcome.SKIP)]
    assert {anchor(finding) for finding in failing} <= anchors
    without = sum(finding.outcome is Outcome.PASS for finding in result.findings if finding.check == "delegation.cifs")
    told = sum(int(attrs.get("data-count") or 1) for attrs in listed)
    assert told + without == len(result.findings), "of one check some fail: those that pass are named one by one"


def test_where_a_check_says_one_thing_of_all_moves_they_are_named_once_in_the_page() -> None:
    parsed = page("thousand_moves")
    (every,) = (parsed.text(number) for number, attrs in parsed.all("details") if attrs.get("id") == "every-move")
    assert re.findall(r"VM-PROD-\d{4}", every) == [move.vm for move in _by_pair(sample.thousand_moves().moves)]
    alike = [attrs for _, attrs in parsed.all("li") if attrs.get("data-all") == "move"]
    assert len(alike) > 20
    assert {attrs["data-count"] for attrs in alike} == {"1000"}
    links = {attrs["href"] for _, attrs in parsed.all("a") if str(attrs["href"]).startswith("#every-")}
    assert links == {"#every-move"}


def test_of_many_that_pass_only_the_values_are_told_in_which_they_differ() -> None:
    parsed = page("thousand_moves")
    said = {parsed.text(number) for number, attrs in parsed.all("li") if attrs.get("data-count") == "1"}
    assert "VM-PROD-0003: mebibytes 1027, free 65533" in said
    assert not any("MiB" in each for each in said), "the sentence stands above them"


def _by_pair(moves: Iterable[MoveResult]) -> list[MoveResult]:
    pairs: dict[tuple[str, str], list[MoveResult]] = {}
    for move in moves:
        pairs.setdefault((move.source, move.target), []).append(move)
    return [move for of_pair in pairs.values() for move in of_pair]


def test_the_moves_of_a_large_plan_are_told_together_by_pair_and_verdict() -> None:
    parsed = page("thousand_moves")
    heads = [parsed.text(number) for number, attrs in parsed.all("th") if attrs.get("role") == "rowheader"]
    rows = [head.split(", ") for head in heads if head.startswith("VM-PROD-")]
    assert len(rows) == 20
    assert [name for row in rows for name in row] == [move.vm for move in _by_pair(sample.thousand_moves().moves)]


def test_a_link_to_one_of_many_that_a_check_does_not_apply_to_leads_to_the_check() -> None:
    moves = [sample.move(f"VM{number:03}", "TestServer01", "TestServer02") for number in range(ANCHORED + 1)]
    does_not = [sample.finding("vm.running", each, Outcome.SKIP, "Storage moves alone") for each in moves]
    parsed = Page(render(sample.result(moves, does_not)))
    ids = {attrs.get("id") for _, attrs in parsed.elements}
    links = {str(attrs["href"]) for _, attrs in parsed.all("a") if str(attrs.get("href")).startswith("#")}
    assert {link.removeprefix("#") for link in links} <= ids
    assert "#check-vm.running" in links


def test_all_failing_in_its_own_words_is_bounded_too() -> None:
    result = sample.thousand_moves()
    changed = [
        replace(finding, outcome=failed.outcome, remedy=failed.remedy, predicts=failed.predicts)
        for finding in result.findings
        for failed in (result.findings[0],)
        if finding.check in ("vm.version", "vm.requirement_00", "vm.requirement_01")
    ]
    again = sample.result([sample.move(m.vm, m.source, m.target) for m in result.moves], changed)
    assert len(render(again).encode()) < 3_000_000


def test_what_a_host_says_in_megabytes_stays_a_report_of_kilobytes() -> None:
    at_length = "x" * 2_000_000
    said = sample.finding(
        "migration.enabled",
        sample.host("TestServer01"),
        Outcome.FAIL,
        "{host} listens on {addresses}",
        sample.read("addresses", (at_length,) * 10),
        fix=sample.remedy("Name {network}", OPERATOR, commands=("Add-VMMigrationNetwork {network}",), network=at_length),
        host="TestServer01",
        addresses=(at_length, *map(str, range(100_000))),
    )
    page = render(sample.result([sample.move("LMTest", "TestServer01", "TestServer02")], [said]))
    assert len(page) < 150_000
    assert "… (2000000 characters)" in page
    assert "and 100000 more" in page


def sections(name: str) -> list[str]:
    parsed = page(name)
    return [str(attrs["id"]) for _, attrs in parsed.all("section") if "id" in attrs]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_report_has_every_section_in_the_order_of_reading(name: str) -> None:
    result = getattr(sample, name)()
    left_out = {section for section, there in (("time", result.moves), ("midway", result.moves), ("after", result.after)) if not there}
    wanted = ["verdict", "scope", "origin", "overview", "time", "midway", "blockers", "risks", "advice", "waivers", "after"]
    wanted += ["since", "not-checked", "sign-off", "findings", "words"]
    assert sections(name) == [section for section in wanted if section not in left_out]


def section_text(name: str, id: str) -> str:
    parsed = page(name)
    (number,) = (n for n, attrs in parsed.all("section") if attrs.get("id") == id)
    return parsed.text(number)


def test_the_verdict_comes_with_its_rule_and_the_numbered_way_to_go() -> None:
    text = section_text("no_go", "verdict")
    assert "At least one blocker failed, and one failed blocker is enough. Findings that decided it: 3." in text
    steps = [page("no_go").text(n) for n, _ in page("no_go").all("li") if "finding" in page("no_go").text(n)][:4]
    assert [step.split(" By:")[0].split(" ? UNKNOWN")[0].split(" in migration")[0] for step in steps] == [
        "Let TestServer01 delegate to cifs on TestServer02, by its short and its full name.",
        "Report a bug of hvpreflight",
        "Find out why it answers late, or wait longer for it (--host-deadline, --deadline): TestServer01: TcpClient",
        "Name the migration networks on TestServer01 and use only them.",
    ]
    assert "3 findings, lets 4 more be judged" in steps[0]


def test_a_go_needs_nothing_more() -> None:
    assert "What would make it GO" not in section_text("go", "verdict")


def test_an_empty_plan_is_told_apart_from_a_good_one() -> None:
    text = section_text("empty", "verdict")
    assert "INCOMPLETE" in text
    assert "The plan holds no move" in text


@pytest.mark.parametrize("long", ["-Add @{'msDS-AllowedToDelegateTo'='a<b'}", "x-" * 60])
def test_a_command_is_broken_between_its_words_alone_unless_one_is_longer_than_a_line(long: str) -> None:
    line = str(unbroken(f"Set-ADComputer {long}"))
    assert re.findall(r'<span class="whole">([^ ]+)</span>', line)[0] == "Set-ADComputer"
    assert line.count("<span") == (1 if len(long) > 100 else 2)
    assert unescape(re.sub(r"</?span[^>]*>", "", line)) == f"Set-ADComputer {long}"


def test_scope_and_origin_name_the_change_the_collector_and_how_to_reproduce_it() -> None:
    scope, origin = section_text("no_go", "scope"), section_text("no_go", "origin")
    for said in (
        "CHG0042317",
        "2026-12-05T19:00:00Z (20:00+01:00) to 2026-12-06T01:00:00Z (02:00+01:00)",
        "3 moves, 1 pair, 2 hosts",
        "with storage",
    ):
        assert said in scope
    for said in ("Kerberos", "remote", "CONTOSO\\hv-operator"):
        assert said in scope
    for said in ("CONTOSO\\auditor, from the computer named ADMIN01", "hvpreflight 1.2.3", "rules 0123456789ab", "sha256 " + "5d" * 32):
        assert said in origin
    for said in ("2026-12-06T17:00:00Z", "hvpreflight check plan.toml --snapshot snapshot.json", "TestServer02"):
        assert said in origin


def scope_of(result: Result) -> str:
    parsed = Page(render(result))
    return next(parsed.text(n) for n, attrs in parsed.all("section") if attrs.get("id") == "scope")


def test_the_scope_names_where_files_go_where_the_move_is_started_and_what_stays_on_the_source() -> None:
    stays = Staying(22, ("APP01", "DB01"))
    first, second, third = sample.no_go().moves
    result = replace(
        sample.no_go(),
        waves=(),
        moves=tuple(replace(move, launch_from="admin01.contoso.test", destination_path=f"D:\\{move.vm}") for move in (first, second)),
        host_details={
            "TestServer01": HostDetail("testserver01.contoso.test", "contoso.test", staying=stays),
            "testserver02": HostDetail(workgroup="LAB"),
        },
    )
    text = scope_of(result)
    assert "Started onadmin01.contoso.test" in text
    assert "DestinationD:\\LMTest, D:\\SQL01" in text
    assert "TestServer01testserver01.contoso.testcontoso.test22 (APP01, DB01, and 20 more)" in text
    assert "testserver02not knownworkgroup LAB–" in text
    assert "Started onnot stated" in scope_of(replace(result, moves=(replace(third, launch_from=None),)))
    older = section_text("no_go", "scope")
    assert not any(heading in older for heading in ("Started on", "Destination", "VMs that stay")), "an older result does not tell these"


def test_an_expired_result_says_so_in_words_where_the_verdict_stands() -> None:
    late, fresh = (Page(render(sample.go(), now=now)) for now in (sample.AFTER_THE_END, sample.BEFORE_THE_END))
    for page, hidden, shown in ((late, "in-time", "late"), (fresh, "late", "in-time")):
        by_class = {attrs["class"]: attrs for _, attrs in page.elements if attrs.get("class") in ("late", "in-time")}
        assert "hidden" in by_class[hidden]
        assert "hidden" not in by_class[shown]
    assert "EXPIRED, was GO" in late.words
    assert "EXPIRED This result was valid until 6 December 2026 at 18:00 (UTC+01:00)." in late.words


def test_a_collection_that_was_cut_short_says_so_beside_the_verdict() -> None:
    assert "CUT SHORT" in section_text("incomplete", "verdict")
    assert "CUT SHORT" not in page("no_go").words


@pytest.mark.parametrize("seal", Seal)
def test_where_the_facts_come_from_says_how_the_snapshot_is_sealed_and_the_verdict_where_it_does_not_hold(seal: Seal) -> None:
    shown = Page(render(replace(sample.no_go(), seal=seal)))
    assert f"{seal}. {SEALS[seal]}" in shown.words
    loud = f"{seal.upper()} {SEALS[seal]}"
    assert (loud in shown.words) == seal.broken
    assert not seal.broken or shown.words.index(loud) < shown.words.index("What would make it GO")


def test_hosts_that_were_not_visited_are_named() -> None:
    result = replace(sample.no_go(), visits={})
    assert "Not visited: TestServer01, TestServer02." in Page(render(result)).words


def test_a_blocker_tells_evidence_remedy_commands_undo_and_the_error_it_would_have_been() -> None:
    text = section_text("no_go", "blockers")
    for said in (
        "Explains 7 findings: 3 failed, 4 not judged because of it.",
        "if started without the fix, one of these: 0x80070005: General access denied error; "
        "0x8009030E: No credentials are available in the security package",
        "Microsoft Virtual System Migration Service/TestServer02",
        "cifs/TestServer02, cifs/TestServer02.contoso.test",
        "dc01.contoso.test: computer account",
        "2026-12-05T17:00:05Z",
        "domain administrator",
        "at most 10 hours",
        "Set-ADComputer -Identity 'TestServer01' -Add @{'msDS-AllowedToDelegateTo' = 'cifs/TestServer02',",
        "Set-ADComputer -Identity 'TestServer01' -Remove @{",
        "Verify",
    ):
        assert said in text


def test_the_row_on_which_a_failure_rests_is_named_in_words_where_its_table_is_read() -> None:
    parsed = page("no_go")
    heads = [parsed.text(number) for number, attrs in parsed.all("th") if attrs.get("class") == "what"]
    assert "✗ decisive msDS-AllowedToDelegateTo" in heads
    assert sum("decisive" in head for head in heads) == sum(attrs.get("class") == "decides" for _, attrs in parsed.all("tr")) > 0


def test_what_was_not_judged_stands_there_with_its_reason_and_the_sum_adds_up() -> None:
    text = section_text("no_go", "not-checked")
    assert "planned 24 = PASS 14 + FAIL 4 + SKIP 4 + UNKNOWN 1 + ERROR 1" in text
    assert "Find out why it answers late, or wait longer for it (--host-deadline, --deadline): TestServer01: TcpClient" in text
    assert "administrator of the host or the domain that is asked" in text
    assert "This check has a bug, please report it: KeyError: 'enabled'" in text
    assert "What was not judged, because something else failed" in text
    assert "What does not apply" not in text, "everything that was skipped had a failure behind it"


def test_a_sum_that_does_not_add_up_is_not_kept_quiet() -> None:
    result = sample.go()
    wrong = replace(result, counts=result.counts | {"planned": 99})
    assert "The sum does not match" in Page(render(wrong)).words
    assert "The sum does not match" not in page("go").words


def test_the_picture_says_in_words_what_it_shows() -> None:
    parsed = page("no_go")
    (description,) = (parsed.text(n) for n, attrs in parsed.all("desc") if attrs["id"] == "graph-description")
    assert description == "TestServer01 → TestServer02: NO-GO, 3 moves."


def test_of_too_many_hosts_for_a_picture_it_says_what_it_leaves_out() -> None:
    parsed = Page(render(sample.many_hosts(60)))
    assert "are too many for a picture: it shows the 20 worst pairs, and the table shows all." in parsed.words
    assert "The worst outcome of what was judged in each area, for each pair" in parsed.words


def test_machines_find_the_result_in_the_page() -> None:
    found = data("no_go")
    assert found["format"] == EMBEDDED_FORMAT
    assert found["verdict"] == "NO-GO"
    assert found["counts"]["planned"] == 24
    ids = {f"{told['check']}@{found['subjects'][number]}" for told in found["findings"] for number in told["subjects"]}
    assert ids == {finding.id for finding in sample.no_go().findings}
    (told,) = (told for told in found["findings"] if told["check"] == "network.isolated")
    assert told["evidence"][0]["expected"] is False
    assert sum(len(told["subjects"]) for told in data("thousand_moves")["findings"]) == 28_000


def test_another_language_reaches_the_page(tmp_path: Any) -> None:
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "report.toml").write_text(
        '"All findings" = "Alle Befunde"\n"{count} moves" = "{count} Migrationen"\n', encoding="utf-8"
    )
    parsed = Page(render(sample.no_go(), language=Language("de", tmp_path)))
    assert parsed.elements[0] == ("html", {"lang": "de"})
    assert "Alle Befunde" in parsed.words
    assert "3 Migrationen" in parsed.words


def test_the_report_says_where_ntlm_was_used_and_why_and_who_received_the_password() -> None:
    plain = sample.no_go()
    assert "Signed in by NTLM, because Kerberos could not be agreed on: dc01.contoso.test." in render(plain)
    (name, visit), *others = plain.visits.items()
    handed = replace(plain, controllers={}, visits={name: replace(visit, authentication="credssp (ntlm)"), **dict(others)})
    report = render(handed)
    assert "NTLM proves" not in report
    assert "received the password of CONTOSO\\auditor: TestServer01." in report
    asked_for = replace(plain, controllers={}, visits={name: replace(visit, authentication="ntlm"), **dict(others)})
    assert "Signed in by NTLM, as asked for: TestServer01." in render(asked_for)


def test_the_origin_says_which_rights_the_session_had_on_each_host_and_what_was_not_read() -> None:
    def said(**details: HostDetail) -> str:
        result = replace(sample.go(), host_details=details)
        return sign_ins.reach(result, visits(result, all_hosts(result)), (), Language())

    administrator = HostDetail(token=("S-1-5-32-545", "S-1-5-32-544"))
    assert "Its groups on TestServer01, TestServer02: Administrators (S-1-5-32-544)." in said(
        TestServer01=administrator, TestServer02=administrator
    )
    mixed = said(TestServer01=HostDetail(token=("S-1-5-32-545",), endpoint="hvpreflight"))
    assert "On TestServer01 it is in none of these groups: Administrators (S-1-5-32-544), Hyper-V Administrators (S-1-5-32-578)" in mixed
    assert "Of which groups of TestServer02 it is a member was not read." in mixed
    assert "On TestServer01 it came through the session configuration hvpreflight." in mixed


def test_an_area_where_not_all_was_judged_is_never_green() -> None:
    move = sample.move("LMTest", "TestServer01", "TestServer02")
    way = sample.pair("TestServer01", "TestServer02")
    stopped = sample.finding("network.port_6600", way, Outcome.SKIP, "Not judged, because {because} failed", because=("x",))
    held = sample.finding("network.isolated", sample.host("TestServer01"), Outcome.PASS, "It is")
    assert AreaState.of(stopped).weight > AreaState.of(held).weight
    result = sample.result([move], [held, stopped])
    pairs = tuple(replace(each, areas={"network": AreaState.of(stopped)}) for each in result.pairs)
    text = render(replace(result, pairs=pairs))
    cells = re.findall(r'data-label="network">(.*?)</td>', text, re.DOTALL)
    assert [re.sub(r"<[^>]+>|\s+", " ", each).split() for each in cells] == [["–", "SKIP", "not", "all", "judged"]]
    assert "good" not in cells[0]
