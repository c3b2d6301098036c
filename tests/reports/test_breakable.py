"""Where a name or value may be broken in a narrow column: behind the signs that part it."""

from __future__ import annotations

import pytest

from reports.html import LONGEST, Once, breakable


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("TestServer01", "TestServer01"),
        ("cifs/TestServer02.contoso.test", "cifs/<wbr>TestServer02.<wbr>contoso.<wbr>test"),
        ("D:\\VMs\\LMTest", "D:\\<wbr>VMs\\<wbr>LMTest"),
        ("0x100100", "0x100100"),
        ("msDS-AllowedToActOnBehalfOfOtherIdentity", "msDS-<wbr>Allowed<wbr>To<wbr>Act<wbr>On<wbr>Behalf<wbr>Of<wbr>Other<wbr>Identity"),
        ("<b>&\u202e\0", "&lt;b&gt;&amp;\\<wbr>u202e\\<wbr>x00"),
    ],
)
def test_a_value_breaks_behind_its_signs(value: str, shown: str) -> None:
    assert breakable(value) == shown


def test_what_has_no_sign_breaks_only_where_it_is_too_long_for_any_column() -> None:
    pieces = breakable("x" * (2 * LONGEST + 1)).split("<wbr>")
    assert [len(piece) for piece in pieces] == [LONGEST, LONGEST, 1]


def test_what_was_told_is_told_once_with_the_place_where_it_stands() -> None:
    once = Once()
    assert once.before("remedy", "when it is replicated", "cause-1", "BLOCKER 1") is None
    assert once.before("instead", "when it is replicated", "cause-2", "BLOCKER 2") is None, "another kind"
    told = once.before("remedy", "when it is replicated", "cause-2", "BLOCKER 2")
    assert told is not None
    assert (told.anchor, told.name) == ("cause-1", "BLOCKER 1")
