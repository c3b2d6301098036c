"""A host of the small world in which everything is right."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from checks.facts.fact import Known
from checks.facts.machines import VirtualMachine
from checks.text import text

AT = datetime(2026, 12, 5, 12, 0, tzinfo=UTC)
CONTOSO = "S-1-5-21-1004336348-1177238915-682003330"
OPERATOR = f"{CONTOSO}-1103"
HV_ADMINS = f"{CONTOSO}-1110"
DC = "dc01.contoso.test"


def known(value: Any, source: str = "test") -> Known[Any]:
    return Known(value, text(source), AT)


class Described(NamedTuple):
    """`number` ends the host's addresses, `partner_number` those of its partner."""

    name: str
    number: int
    partner: str
    partner_number: int
    vms: tuple[VirtualMachine, ...]
