"""Finds each operator's account, and what its logon carries in every domain that has hosts."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from msgspec.structs import replace

from checks.facts.directory import LocalGroup, OperatorFacts, UserAccount, agreed
from checks.facts.fact import Fact, Known, Missing, Reason
from checks.text import Text, text, verbatim
from runner.collect.directories.base import Asking
from runner.collect.directories.groups import Found, crossing, former, look_up
from runner.collect.directories.operators import OperatorName, read_operator
from runner.collect.directories.rounds import Rounds


def homes(name: OperatorName, rounds: Rounds) -> tuple[str, ...]:
    """The domains in which an operator's account may be, likeliest first. The part after the @ is a domain's name or a suffix that
    any domain may use."""
    named = rounds.known_domains().get(name.domain)
    if not name.principal:
        return (named,) if named else ()
    return tuple(dict.fromkeys((*((named,) if named else ()), *sorted(rounds.members))))


def operator_facts(account: Fact[UserAccount], home: Asking | None, rounds: Rounds) -> OperatorFacts:
    """The operator with the groups of its account, and what every domain that has hosts adds to them."""
    if isinstance(account, Missing) or home is None:
        why_not: dict[str, Fact[tuple[LocalGroup, ...]]] = {
            domain: account if isinstance(account, Missing) else rounds.why_not(domain) for domain in sorted(rounds.members)
        }
        return OperatorFacts(account, local=why_not)
    source = text("groups of {account}", account=account.value.account_name)
    found = home.controller.fact(source, partial(look_up, account.value.sids, rounds.forest(home)))
    if isinstance(found, Missing):
        return OperatorFacts(account, local=dict.fromkeys(sorted(rounds.members), found))
    groups = tuple(each.group for each in found.value if each.group.sid != account.value.sid)
    whole = replace(account.value, groups=groups)
    local = {domain: _added(found, whole, home, domain, rounds) for domain in sorted(rounds.members)}
    return OperatorFacts(replace(account, value=whole), local=local)


def late(rounds: Rounds) -> OperatorFacts:
    """Of an operator about whom nothing was answered in time."""
    missing = Missing(Reason.TIMED_OUT, verbatim("LDAP"), datetime.now(UTC), text("no answer before the deadline"))
    return OperatorFacts(missing, local=dict.fromkeys(sorted(rounds.members), missing))


def find_operator(name: OperatorName, candidates: tuple[str, ...], rounds: Rounds) -> tuple[Fact[UserAccount], Asking | None]:
    """The first domain that has the account decides. A domain that cannot be asked, or whose controllers differ, ends the search: it may
    have it."""
    what = text("account {account}", account=name.user)
    for domain in candidates:
        asked = {where.controller.name: where for where in rounds.open(domain)}
        views = {of: home.controller.fact(what, partial(read_operator, *home, name)) for of, home in asked.items()}
        fact = agreed(views, _as_it_is) or rounds.why_not(domain)
        if isinstance(fact, Missing):
            return fact, None
        if fact.value is not None:
            return Known(fact.value, fact.source, fact.at), next(asked[of] for of, view in views.items() if view is fact)
    return Missing(Reason.NOT_COLLECTED, text("account {account}", account=name.user), datetime.now(UTC), _nowhere(name, candidates)), None


def _nowhere(name: OperatorName, candidates: tuple[str, ...]) -> Text:
    if candidates:
        return text("no account {account} was found in {domains}", account=name.user, domains=candidates)
    if name.domain:
        return text("no asked domain knows a domain {domain}", domain=name.domain)
    return text("no account {account} was found in any domain that was asked", account=name.user)


def _added(
    found: Known[tuple[Found, ...]], account: UserAccount, home: Asking, domain: str, rounds: Rounds
) -> Fact[tuple[LocalGroup, ...]]:
    """The local groups of a domain that hold the account or what it takes along. Its own domain has said them already."""
    if domain == home.base.domain.dns_name:
        return Known((), found.source, found.at)
    return rounds.local_groups(domain, home.base, crossing(found.value), former(account), account.account_name)


def _as_it_is(account: UserAccount | None) -> UserAccount | None:
    return account
