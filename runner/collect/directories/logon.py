"""Finds each operator's account, and what its logon carries in every domain that has hosts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from checks.facts.directory import OperatorFacts, UserAccount, agreed
from checks.facts.fact import Fact, Known, Missing, Reason
from checks.text import Text, text, verbatim
from runner.collect.directories.base import Base
from runner.collect.directories.controller import Controller
from runner.collect.directories.operators import OperatorName, carried, foreign_principals, groups_with, read_operator, token
from runner.collect.directories.rounds import Rounds


class _Home(NamedTuple):
    """The controller that showed the operator's account."""

    controller: Controller
    base: Base


def homes(name: OperatorName, rounds: Rounds) -> tuple[str, ...]:
    """The domains in which an operator's account may be, likeliest first. The part after the @ is a domain's name or a suffix that
    any domain may use."""
    named = rounds.known_domains().get(name.domain)
    if not name.principal:
        return (named,) if named else ()
    return tuple(dict.fromkeys((*((named,) if named else ()), *sorted(rounds.members))))


def operator_facts(name: OperatorName, candidates: Iterable[str], rounds: Rounds) -> OperatorFacts:
    """The operator's account and its token in every domain that has hosts."""
    account, home = _account(name, tuple(candidates), rounds)
    tokens: dict[str, Fact[tuple[str, ...]]] = {}
    for domain in sorted(rounds.members):
        if isinstance(account, Missing) or home is None:
            tokens[domain] = account if isinstance(account, Missing) else rounds.why_not(domain)
        else:
            tokens[domain] = _token(account, home, domain, rounds)
    return OperatorFacts(account, tokens)


def late(rounds: Rounds) -> OperatorFacts:
    """Of an operator about whom nothing was answered in time."""
    missing = Missing(Reason.TIMED_OUT, verbatim("LDAP"), datetime.now(UTC), text("no answer before the deadline"))
    return OperatorFacts(missing, dict.fromkeys(sorted(rounds.members), missing))


def _account(name: OperatorName, candidates: tuple[str, ...], rounds: Rounds) -> tuple[Fact[UserAccount], _Home | None]:
    """The first domain that has the account decides. A domain that cannot be asked, or whose controllers differ, ends the search: it may
    have it."""
    what = text("account {account}", account=name.user)
    for domain in candidates:
        asked = {controller.name: _Home(controller, base) for controller, base in rounds.open(domain)}
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


def _token(account: Known[UserAccount], home: _Home, domain: str, rounds: Rounds) -> Fact[tuple[str, ...]]:
    if domain == home.base.domain.dns_name:
        return Known(token(account.value.sids), account.source, account.at)
    what = text("groups of {account}", account=account.value.account_name)
    views = {
        controller.name: controller.fact(what, partial(_across, account.value, home, controller, base))
        for controller, base in rounds.open(domain)
    }
    return agreed(views, frozenset) or rounds.why_not(domain)


def _as_it_is(account: UserAccount | None) -> UserAccount | None:
    return account


def _across(account: UserAccount, home: _Home, controller: Controller, base: Base) -> tuple[str, ...]:
    """The token in another domain: of the same forest, where members stand with their own names, or of a foreign one, where they
    stand as foreign security principals."""
    along = carried(home.controller, home.base.head, account)
    same_forest = base.domain.forest == home.base.domain.forest
    members = along.names if same_forest else foreign_principals(controller, base.head, along.sids)
    return token(along.sids, groups_with(controller, base.head, members))
