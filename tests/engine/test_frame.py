"""Head and frame of the collector's script in a real engine, around sections that the test makes up."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from lab.visit import NEEDS_FULL_LANGUAGE
from runner.collect.hosts.language_mode import CONSTRAINED, NO_LANGUAGE
from runner.collect.hosts.request import FRAME
from runner.collect.hosts.script import FRAME as FRAME_PART
from runner.collect.hosts.script import HEAD, part
from tests.engine.sessions import run

pytestmark = pytest.mark.engine


def answered(sections: dict[str, str], mode: str = "FullLanguage", enough: int = 1000) -> tuple[list[str], dict[str, Any]]:
    """The texts that the script puts out, and all that the engine tells, for sections with these bodies."""
    functions = "\n".join(f"function Read-{name} {{ {body} }}" for name, body in sections.items())
    request = json.dumps({"frame": FRAME, "sections": list(sections), "partners": []})
    got = run("\n".join((part(HEAD), functions, part(FRAME_PART))), request, mode=mode, enough=enough)
    units = [bytes(byte for unit in each for byte in (unit & 255, unit >> 8)) for each in got["texts"]]
    return [each.decode("utf-16-le", "surrogatepass") for each in units], got


def test_each_section_is_a_text_of_its_own_in_the_order_that_was_asked_for() -> None:
    texts, got = answered({"one": "return 1", "none": "return , [object[]]@()", "broken": "Get-NothingLikeThis"})
    start, one, none, broken = map(json.loads, texts)
    assert (start["frame"], got["failure"]) == (FRAME, None)
    assert start.keys() == {"frame", "engine", "utc"}
    assert (one["name"], one["ok"], one["value"], one["error"]) == ("one", True, 1, None)
    assert (none["name"], none["value"]) == ("none", [])
    assert (broken["name"], broken["ok"], broken["value"]) == ("broken", False, None)
    assert broken["error"]["type"] == "System.Management.Automation.CommandNotFoundException"
    assert all(isinstance(each["ms"], int) for each in (one, none, broken))


def test_no_half_character_leaves_the_host_and_no_whole_one_is_touched() -> None:
    name = "-join [char[]](0x41, 0xD83D, 0xDE00, 0x42, 0xD83D, 0x43, 0xDE00, 0xD83D, 0xD83D, 0xDE00, 0xFFFE, 0xFFFF, 0xFFFD, 0xE4)"
    texts, _ = answered({"vms": f"return , [object[]]@(@{{ name = {name} }})"})
    assert msgspec.json.decode(texts[1].encode())["value"] == [{"name": "A😀B\ufffdC\ufffd\ufffd😀\ufffd\ufffd\ufffdä"}]


def test_what_was_read_has_been_put_out_when_a_later_section_hangs() -> None:
    texts, got = answered({"one": "return 1", "hangs": "Start-Sleep -Seconds 100"}, enough=2)
    assert not got["ended"]
    assert [json.loads(each).get("name") for each in texts] == [None, "one"]


def test_under_constrained_language_only_what_needs_more_fails() -> None:
    bodies = {
        "fine": "return @{ utc = Get-Utc (Get-Date); mac = Get-Mac '00-15' }",
        "method": "return [System.Net.Dns]::GetHostName()",
        "type": "return New-Object System.Security.Principal.NTAccount -ArgumentList 'x'",
        "refused": "Get-Item -LiteralPath '/no/such/place'",
    }
    texts, got = answered(bodies, mode="ConstrainedLanguage")
    assert got["failure"] is None
    _, fine, method, made, refused = map(json.loads, texts)
    assert fine["ok"], fine
    ids = [each["error"]["id"].partition(",")[0] for each in (method, made)]
    assert ids == ["MethodInvocationNotSupportedInConstrainedLanguage", "CannotCreateTypeConstrainedLanguage"]
    assert set(ids) == set(NEEDS_FULL_LANGUAGE.values()) <= CONSTRAINED
    assert made["error"]["category"] == "PermissionDenied", "which is why the language mode is looked for first"
    assert refused["error"]["type"] == "System.Management.Automation.ItemNotFoundException"


def test_without_a_language_the_script_is_refused_by_name() -> None:
    texts, got = answered({"one": "return 1"}, mode="NoLanguage")
    assert (texts, got["failure"]) == ([], NO_LANGUAGE)
