"""Numbers stand with what they are called; one that no table knows stands alone."""

from __future__ import annotations

import pytest

from checks.facts.system import DomainRole
from checks.vm.running import AT_REST, OK, PASSING, RUNNING
from checks.windows import account_control
from checks.windows.numbers import TABLES, in_hex, named


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (in_hex("user_account_control", 0x1001000), "0x1001000 (WORKSTATION_TRUST_ACCOUNT, TRUSTED_TO_AUTH_FOR_DELEGATION)"),
        (named("vm_state", 2), "2 (Running)"),
        (named("controller_level", 5), "5 (Windows Server 2012)"),
        (in_hex("trust_attributes", 0), "0x0"),
        (named("vm_state", 99), "99"),
        (named("vm_state", -1), "-1"),
    ],
)
def test_a_number_stands_with_its_names(shown: str, expected: str) -> None:
    assert shown == expected


def test_the_tables_name_every_number_that_checks_know() -> None:
    bits = [value for name, value in vars(account_control).items() if name.isupper()]
    assert all(TABLES["user_account_control"].of(bit) for bit in bits)
    assert all(TABLES["vm_state"].of(state) for state in (RUNNING, *AT_REST, *PASSING))
    assert TABLES["vm_operational_status"].of(OK) == ("Ok",)
    assert all(TABLES["domain_role"].of(role) for role in DomainRole)
    assert all(table.source.startswith("https://learn.microsoft.com/") for table in TABLES.values())
