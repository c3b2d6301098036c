"""Which service principal names only look like a wanted one."""

from __future__ import annotations

import pytest

from checks.near_misses import near_misses, one_letter_apart
from checks.text import plain
from tests.world import MIGRATION_SERVICE, services

WANTED = services("TestServer02")


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ("cifs/TESTSERVER02:445", "cifs/TESTSERVER02:445 has a port or more behind the host, cifs/TESTSERVER02 has not"),
        ("cifs/testserver02.contoso.test/CONTOSO", "has a port or more behind the host, cifs/testserver02.contoso.test has not"),
        ("HOST/testserver02", f"HOST/testserver02 does not stand for {MIGRATION_SERVICE}/TESTSERVER02 here"),
        ("cifs/testserver02.fabrikam.test", "is in another domain than cifs/testserver02.contoso.test"),
        (f"{MIGRATION_SERVICE}/TESTSERVRE02", f"differs from {MIGRATION_SERVICE}/TESTSERVER02 by one letter"),
        ("CIFS/testsserver02.contoso.test", "differs from cifs/testserver02.contoso.test by one letter"),
    ],
)
def test_what_only_looks_like_a_wanted_name_is_named_beside_it(held: str, said: str) -> None:
    (found,) = near_misses(WANTED, (held,))
    assert plain(found).endswith(said)


@pytest.mark.parametrize(
    "held",
    [
        "CIFS/testserver02",
        "cifs/TESTSERVER03",
        "cifs/testserver1102.contoso.test",
        "cifs/fs01.contoso.test",
        "http/testserver02",
        "WSMAN/TESTSERVRE02",
        "testserver02",
        "",
    ],
)
def test_what_is_wanted_another_host_or_another_service_is_no_near_miss(held: str) -> None:
    assert near_misses(WANTED, (held,)) == ()


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("hv", "hvv", True),
        ("hv", "ha", True),
        ("hvab", "hvba", True),
        ("ab", "ba", True),
        ("hv01", "hvo1", True),
        ("", "a", True),
        ("hv01", "hv02", False),
        ("hv1", "hv11", False),
        ("hv12", "hv21", False),
        ("hv", "hv", False),
        ("hv", "hvaa", False),
        ("habc", "hcba", False),
    ],
)
def test_one_letter(one: str, other: str, apart: bool) -> None:
    assert one_letter_apart(one, other) is apart
    assert one_letter_apart(other, one) is apart
