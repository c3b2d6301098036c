"""The two names of a host that Kerberos knows: the short one and the full one.

Both come from the host's computer account, never from what a plan calls the host: a plan may name it by an alias
or an address.
"""

from __future__ import annotations

from checks.facts import ComputerAccount


def short(account: ComputerAccount) -> str:
    """The account's name without the final `$` that marks a computer account."""
    return account.account_name.removesuffix("$")


def full(account: ComputerAccount) -> str:
    """The account's dNSHostName, without a final dot."""
    return account.dns_host_name.rstrip(".")
