"""With which account to collect, and where its password comes from.

The order: the current logon or Kerberos ticket (no user named); then, for a named user, the keyring or the prompt; then the
environment. There is no option that takes a password, and nothing here shows one.
"""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from typing import NoReturn

from checks.mistake import Mistake
from checks.text import Text, plain, text
from runner.collect.ticket import ticket
from runner.collect.trial import Trial
from runner.environment import PASSWORD, password

KEYRING_SERVICE = "hvpreflight"


class CredentialsError(Mistake):
    """A user was named and no password for it can be had."""


class LogonRejected(Mistake):
    """The password, or the account, is not what the first peer that was asked knows."""


class Credentials:
    """An account and its password, or the current logon when `user` is nothing. Neither printing nor copying it shows the password.
    `trial` is what came of signing in with it so far."""

    __slots__ = ("__password", "trial", "user")

    def __init__(self, user: str | None = None, password: str | None = None) -> None:
        self.user = user
        self.trial = Trial(free=password is None)
        self.__password = password

    def raise_rejected(self) -> None:
        """Raises LogonRejected when the first peer on which the password was tried did not accept it."""
        if peer := self.trial.rejected_by:
            raise LogonRejected(
                text(
                    "{peer} rejects the logon of {user}. It was tried on nobody else: a mistyped password would lock the account.",
                    peer=peer,
                    user=self.user,
                )
            )

    def password(self) -> str | None:
        """The password, for the library that authenticates."""
        return self.__password

    @property
    def account(self) -> str:
        """Whom it signs in as: the user, else the principal of the Kerberos ticket, else whoever runs the program."""
        if self.user is not None:
            return self.user
        own = ticket()
        return own.principal if own else getpass.getuser()

    def __repr__(self) -> str:
        return f"Credentials(user={self.user!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials are not written anywhere")


def find(
    user: str | None,
    *,
    ask: bool = False,
    given: Callable[[], str | None] = password,
    prompt: Callable[[str], str] = getpass.getpass,
    interactive: bool | None = None,
    shown: Callable[[Text], str] = plain,
) -> Credentials:
    """The credentials for a user, or the current logon when none is named. `ask` goes to the prompt at once, whose question is `shown`.

    Raises CredentialsError when there is none in the keyring or the environment and nobody can be asked.
    """
    if user is None:
        return Credentials()
    question = shown(text("Password for {user}: ", user=user))
    if ask:
        return Credentials(user, prompt(question))
    stored = from_keyring(user)
    if stored is not None:
        return Credentials(user, stored)
    from_environment = given()
    if from_environment is not None:
        return Credentials(user, from_environment)
    if sys.stdin.isatty() if interactive is None else interactive:
        return Credentials(user, prompt(question))
    raise CredentialsError(
        text("No password for {user}: there is none in the keyring or in {variable}, and nobody to ask.", user=user, variable=PASSWORD)
    )


def from_keyring(user: str) -> str | None:
    """The password that the keyring holds for a user, or nothing when it holds none or there is no keyring."""
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return None
    try:
        password: str | None = keyring.get_password(KEYRING_SERVICE, user)
    except keyring.errors.KeyringError:
        return None
    return password
