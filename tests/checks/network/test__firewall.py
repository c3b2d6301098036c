"""Firewall rules as the registry holds them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.facts.network import FirewallRule
from checks.network._firewall import allows, blocks, covers, described, tokens
from checks.text import plain
from tests.checks.network.rows import KERNEL, ROWS


def rule(data: str) -> FirewallRule:
    return FirewallRule("any", "local", data)


@pytest.mark.parametrize(("data", "covered"), ROWS.items())
def test_a_rule_covers_a_port_that_it_names_or_when_it_names_none(data: str, covered: bool) -> None:
    found = rule(f"v2.31|Action=Allow|Active=TRUE|{data}")
    assert covers(found, 6600) is covered
    assert allows(found, 6600) is covered


@pytest.mark.parametrize(("data", "port"), KERNEL.items())
def test_smb_and_winrm_are_served_by_the_kernel(data: str, port: int | None) -> None:
    found = rule(f"v2.31|Action=Allow|Active=TRUE|{data}")
    assert [each for each in (445, 5985, 5986) if covers(found, each)][:1] == ([port] if port else [])
    assert not covers(found, 6600)


def test_a_rule_that_is_off_neither_allows_nor_blocks() -> None:
    assert not allows(rule("v2.31|Action=Allow|Active=FALSE|Dir=In|"), 6600)
    assert not blocks(rule("v2.31|Action=Block|Active=FALSE|Dir=In|"), 6600)
    assert blocks(rule("v2.31|Action=Block|Active=TRUE|Dir=In|"), 6600)


def test_profiles_are_shown() -> None:
    shown = described(rule("v2.31|Action=Allow|Active=TRUE|Dir=In|Profile=Domain|Profile=Private|"))
    assert plain(shown) == "any (local): allow, on, Domain+Private"


@given(st.lists(st.tuples(st.text("abcXYZ09_", min_size=1), st.text(st.characters(exclude_characters="|"), max_size=9))))
def test_every_token_is_found_with_all_its_values(pairs: list[tuple[str, str]]) -> None:
    found = tokens("v2.31|" + "".join(f"{name}={value}|" for name, value in pairs))
    assert sum(len(values) for values in found.values()) == len(pairs)
    assert all(value.strip() in found[name.casefold()] for name, value in pairs)


@given(st.text())
def test_no_text_crashes_the_reading(data: str) -> None:
    found = rule(data)
    assert allows(found, 6600) + blocks(found, 6600) <= 1
    assert plain(described(found)).startswith("any (local): ")
