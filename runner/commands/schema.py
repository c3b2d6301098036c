"""The JSON Schemas of the files: made from the types, so that they cannot differ from what is read and written."""

from __future__ import annotations

import msgspec

from checks.facts.snapshot import Snapshot
from checks.policy import Policy
from checks.result import Result
from runner.files.configuration import ConfigurationFile
from runner.files.plan import PlanFile
from runner.files.waivers import WaiverFile

TYPES = {
    "plan": PlanFile,
    "configuration": ConfigurationFile,
    "waivers": WaiverFile,
    "policy": Policy,
    "snapshot": Snapshot,
    "result": Result,
}


def schema(name: str) -> str:
    """The schema of one of TYPES as JSON text. Raises KeyError for any other name."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:hvpreflight:{name}"}
    return msgspec.json.format(msgspec.json.encode(head | msgspec.json.schema(TYPES[name])), indent=2).decode()
