"""The two sets around a token: what is proven is in it, what is not possible is not, whatever was read and however it lies."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from checks.facts.directory import AccessEntry, ComputerAccount, Group, LocalGroup
from checks.tokens import MAYBE, NO, YES, Border, Crossing, Logon, Token, at_controller, at_host, granted
from tests.facts.directory import DISTRIBUTION, GLOBAL, LOCAL, UNIVERSAL, account

HOME, THIRD, THERE, PAST = (f"S-1-5-21-{number}-0-0" for number in range(1, 5))
MAY_HOLD = {
    Border.HOME: (True, True, True),
    Border.FOREST: (True, False, True),
    Border.FOREST_TRUST: (None, False, False),
    Border.RELAXED: (None, False, True),
    Border.EXTERNAL: (False, False, True),
    Border.QUARANTINED: (False, False, False),
}
"""Does a universal group of a third domain, a local one of the own domain, a former SID arrive: null where the trust's list decides."""


class Case(NamedTuple):
    """What is so (a border, an account with its groups, local groups beyond the border with their members, whether a forest trust covers
    the third domain), what nobody here can know (whether a controller adds local groups), and which of it was not read."""

    border: Border
    account: ComputerAccount
    local: tuple[LocalGroup, ...]
    covered: bool
    adds_local: bool
    unread: frozenset[str]

    def seen(self) -> tuple[ComputerAccount, Crossing, tuple[LocalGroup, ...] | None]:
        unread = self.unread
        groups = tuple(
            Group(each.sid, None if f"type {each.sid}" in unread else each.type, None if f"history {each.sid}" in unread else each.history)
            for each in self.account.groups or ()
        )
        whole = replace(
            self.account,
            sids=(self.account.sid, *(each.sid for each in groups if each.type != DISTRIBUTION)),
            groups=None if "groups" in unread else groups,
            history=None if "history" in unread else self.account.history,
        )
        local = tuple(
            LocalGroup(
                each.sid,
                None if f"members {each.sid}" in unread else each.members,
                None if f"history {each.sid}" in unread else each.history,
            )
            for each in self.local
        )
        border = Border.UNKNOWN if "border" in unread and self.border is not Border.HOME else self.border
        routed = frozenset({HOME, THIRD} if self.covered and "routes" not in unread else {HOME})
        over = Crossing(border, False, routed, "routes" not in unread and border is not Border.RELAXED)
        return whole, over, None if "local" in unread else local

    def real(self, *, locals_count: bool) -> set[str]:
        """The token, without well-known SIDs."""
        elsewhere, local_at_home, former = MAY_HOLD[self.border]
        elsewhere = self.covered if elsewhere is None else elsewhere
        token = {self.account.sid} | (set(self.account.history or ()) if former else set())
        for group in self.account.groups or ():
            if group.type == LOCAL:
                carried, its = local_at_home and locals_count, local_at_home and locals_count
            else:
                carried = group.type != DISTRIBUTION and (elsewhere if group.sid.startswith(THIRD) else True)
                its = group.type != DISTRIBUTION
            token |= {group.sid} if carried else set()
            token |= set(group.history or ()) if its and former else set()
        while self.border is not Border.HOME and locals_count:
            added = {sid for each in self.local if set(each.members or ()) & token for sid in (each.sid, *(each.history or ()))}
            if added <= token:
                break
            token |= added
        return token


def cases() -> st.SearchStrategy[Case]:
    former = st.lists(st.sampled_from([f"{PAST}-{rid}" for rid in range(1001, 1004)]), max_size=2, unique=True).map(tuple)
    own = [Group(f"{HOME}-{rid}", kind, ()) for rid, kind in enumerate((GLOBAL, GLOBAL, UNIVERSAL, LOCAL, LOCAL, DISTRIBUTION), 1101)]
    group = st.sampled_from([*own, *(Group(f"{THIRD}-{rid}", UNIVERSAL, ()) for rid in (1201, 1202))])
    groups = st.lists(st.tuples(group, former), max_size=5, unique_by=lambda each: each[0].sid).map(
        lambda its: tuple(replace(group, history=history) for group, history in its)
    )
    names = [f"{THERE}-{rid}" for rid in range(1301, 1304)]
    member = st.sampled_from([f"{HOME}-1000", *(each.sid for each in own), f"{THIRD}-1201", f"{PAST}-1001", *names])
    beyond = st.lists(
        st.tuples(st.sampled_from(names), st.lists(member, min_size=1, max_size=3, unique=True).map(tuple), former),
        max_size=3,
        unique_by=lambda each: each[0],
    ).map(lambda its: tuple(LocalGroup(*each) for each in its))
    readable = [f"type {each.sid}" for each in own[:-1]] + [f"type {THIRD}-1201", f"history {own[0].sid}", f"history {names[0]}"]
    parts = (*(f"members {name}" for name in names), "history", "groups", "local", "border", "routes")
    unread = st.frozensets(st.sampled_from([*readable, *parts]))
    acting = st.builds(
        lambda history, its: account("TestServer01", 1, "TestServer02", sid=f"{HOME}-1000", history=history, groups=its), former, groups
    )
    return st.builds(Case, st.sampled_from(list(MAY_HOLD)), acting, beyond, st.booleans(), st.booleans(), unread)


def tokens(case: Case) -> tuple[Token, Token]:
    """As a host sees it, and as a controller."""
    shown, over, local = case.seen()
    return at_host(shown, over, local, Logon.NETWORK), at_controller(shown, over, local)


SIDS = [f"{HOME}-1000", *(f"{HOME}-{rid}" for rid in range(1101, 1107)), f"{THIRD}-1201", f"{THIRD}-1202"]
SIDS += [*(f"{THERE}-{rid}" for rid in range(1301, 1304)), *(f"{PAST}-{rid}" for rid in range(1001, 1004))]


@given(cases())
def test_what_is_proven_is_in_the_token_and_what_is_in_it_is_possible(case: Case) -> None:
    at_the_host, at_the_controller = tokens(case)
    for token, real in ((at_the_host, case.real(locals_count=True)), (at_the_controller, case.real(locals_count=case.adds_local))):
        assert {sid for sid in SIDS if token.holds(sid) is YES} <= real
        assert real <= {sid for sid in SIDS if token.holds(sid) is not NO}


@given(cases(), st.lists(st.builds(AccessEntry, st.booleans(), st.just(0x100), st.sampled_from(SIDS)), max_size=4).map(tuple))
def test_what_was_not_read_never_makes_anything_more_sure(case: Case, entries: tuple[AccessEntry, ...]) -> None:
    for less, all_of_it in zip(tokens(case), tokens(case._replace(unread=frozenset())), strict=True):
        for sid in SIDS:
            assert less.holds(sid) in {all_of_it.holds(sid), MAYBE}
        assert granted(entries, less)[0] in {granted(entries, all_of_it)[0], MAYBE}


@given(cases(), st.randoms(use_true_random=False))
def test_order_and_duplicates_change_nothing(case: Case, random: object) -> None:
    groups, local = [*(case.account.groups or ())] * 2, [*case.local] * 2
    random.shuffle(groups)  # type: ignore[attr-defined]
    random.shuffle(local)  # type: ignore[attr-defined]
    other = case._replace(account=replace(case.account, groups=tuple(groups)), local=tuple(local))
    for one, two in zip(tokens(case), tokens(other), strict=True):
        assert (one.sids, set(one.gaps)) == (two.sids, set(two.gaps))
