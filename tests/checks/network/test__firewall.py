"""Firewall rules as the registry holds them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.facts.network import FirewallRule
from checks.network._firewall import allows, blocks, covers, described, tokens
from checks.text import plain


def rule(data: str) -> FirewallRule:
    return FirewallRule("any", "local", data)


@pytest.mark.parametrize(
    ("ports", "covered"),
    [
        ("LPort=6600|", True),
        ("LPort=445|LPort=6600|", True),
        ("LPort2_10=6000-7000|", True),
        ("LPort=6000-6599|", False),
        ("LPort=445|", False),
        ("LPort=RPC|", False),
        ("LPort=66000|", False),
        ("", True),
    ],
)
def test_a_rule_covers_a_port_that_it_names_or_when_it_names_none(ports: str, covered: bool) -> None:
    found = rule(f"v2.31|Action=Allow|Active=TRUE|Dir=In|Protocol=6|{ports}")
    assert covers(found, 6600) is covered
    assert allows(found, 6600) is covered


@pytest.mark.parametrize("data", ["Dir=Out|Protocol=6|LPort=6600|", "Dir=In|Protocol=17|LPort=6600|"])
def test_outgoing_and_udp_rules_do_not_count(data: str) -> None:
    assert not covers(rule(f"v2.31|Action=Allow|Active=TRUE|{data}"), 6600)


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
