"""What no check looks at is said, and only that."""

from __future__ import annotations

from checks.registry import all_checks
from checks.unlooked import unlooked
from tests.world import good


def test_what_a_check_looks_at_is_not_said_to_be_unseen() -> None:
    ids = {f"{area}.{name}" for area, entries in unlooked().items() for name in entries}
    assert ids & {check.id for check in all_checks()} == set()


def test_every_area_that_leaves_something_unseen_has_checks_beside_which_it_is_said() -> None:
    assert unlooked().keys() <= {check.area for check in all_checks()}


def test_a_go_says_what_it_did_not_look_at() -> None:
    assert "whether the account that created the VM still exists" in good().result().unlooked["vm"]
