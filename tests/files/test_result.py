"""A result that was edited is refused with what does not fit, before a report is made of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from runner.files.result import ResultError, decode
from tests.reports.sample import no_go

EDITED: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a check is gone": (lambda whole: whole["checks"].pop(whole["findings"][0]["check"]), "$.checks"),
    "a finding is of no check": (lambda whole: whole["findings"][-1].update(check="vm.nothing"), "'vm.nothing'"),
    "a move is gone": (lambda whole: whole.update(moves=[]), "$.moves"),
    "a move rests on none": (lambda whole: whole["moves"][0].update(rests_on=-1), "no move -1"),
}


@pytest.mark.parametrize("name", EDITED)
def test_an_edited_result_is_refused_with_what_does_not_fit(name: str) -> None:
    edit, said = EDITED[name]
    whole = msgspec.to_builtins(no_go())
    decode(msgspec.json.encode(whole), "result.json")
    edit(whole)
    with pytest.raises(ResultError, match="may have been edited") as told:
        decode(msgspec.json.encode(whole), "result.json")
    assert said in str(told.value)
