"""With which account to collect, and where its password comes from.

The order: the current logon or Kerberos ticket (no user named); for a named user the prompt where that is asked for, then the variable,
then the keyring, then the prompt. There is no option that takes a password, and nothing here shows one.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from types import ModuleType
from typing import NoReturn

from checks.mistake import Mistake
from checks.text import Text, plain, text
from runner.collect.ticket import ticket
from runner.collect.trial import Trial
from runner.environment import PASSWORD, has_terminal, password

KEYRING_SERVICE = "hvpreflight"
INSTALL = "pip install 'hvpreflight[keyring]'"


class CredentialsError(Mistake):
    """A user was named and no password for it can be had."""


class LogonRejected(Mistake):
    """The password, or the account, is not what the first peer that was asked knows."""


class Credentials:
    """An account and its password, or the current logon when `user` is nothing. Neither printing nor copying it shows the password.
    `trial` is what came of signing in with it so far, `source` where the password came from."""

    __slots__ = ("__password", "source", "trial", "user")

    def __init__(self, user: str | None = None, password: str | None = None, source: Source | None = None) -> None:
        self.user = user
        self.source = source
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
        try:
            return own.principal if own else getpass.getuser()
        except (KeyError, OSError):  # a number that no name belongs to, as in a container
            return f"uid {os.getuid()}" if hasattr(os, "getuid") else "-"

    def __repr__(self) -> str:
        return f"Credentials(user={self.user!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials are not written anywhere")


class Source(StrEnum):
    """Where a password came from."""

    PROMPT = "prompt"
    VARIABLE = "variable"
    KEYRING = "keyring"


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

    Raises CredentialsError when there is none in the environment or the keyring and nobody can be asked.
    """
    if user is None:
        if ask:
            raise CredentialsError(text("A password is asked for, and no account is named: --user names one"))
        return Credentials()
    terminal = has_terminal() if interactive is None else interactive
    if not ask:
        from_environment = given()
        if from_environment is not None:
            return Credentials(user, from_environment, Source.VARIABLE)
        stored = from_keyring(user)
        if stored is not None:
            return Credentials(user, stored, Source.KEYRING)
    return Credentials(user, asked(user, prompt, interactive=terminal, shown=shown), Source.PROMPT)


def asked(user: str, prompt: Callable[[str], str], *, interactive: bool, shown: Callable[[Text], str]) -> str:
    """The password of a user, from whoever sits there. Raises CredentialsError where nobody does, or nothing is entered."""
    if not interactive:
        raise CredentialsError(
            text("No password for {user}: there is none in {variable} or in the keyring, and nobody to ask.", user=user, variable=PASSWORD)
        )
    try:
        entered = prompt(shown(text("Password for {user}: ", user=user)))
    except EOFError:
        entered = ""
    if not entered:
        raise CredentialsError(text("No password for {user} was entered.", user=user))
    return entered


def from_keyring(user: str) -> str | None:
    """The password that the keyring holds for a user, or nothing when it holds none or there is no keyring that works."""
    try:
        import keyring
    except ImportError:
        return None
    try:
        password: str | None = keyring.get_password(KEYRING_SERVICE, user)
    except Exception:  # a backend is foreign code, and one that fails holds nothing for us
        return None
    return password


def store(user: str, password: str) -> None:
    """Put a user's password into the keyring. Raises CredentialsError where there is none, or it does not keep it."""
    with _keyring() as keyring:
        keyring.set_password(KEYRING_SERVICE, user, password)
        if keyring.get_password(KEYRING_SERVICE, user) != password:
            raise CredentialsError(NO_KEYRING)


def forget(user: str) -> None:
    """Take a user's password out of the keyring. Raises CredentialsError where it holds none."""
    with _keyring() as keyring:
        if keyring.get_password(KEYRING_SERVICE, user) is None:
            raise CredentialsError(text("The keyring holds no password for {user}.", user=user))
        keyring.delete_password(KEYRING_SERVICE, user)


NO_KEYRING = text("There is no keyring here that keeps a password. {variable} or the prompt takes its place.", variable=PASSWORD)


@contextmanager
def _keyring() -> Iterator[ModuleType]:
    """The keyring of this system. Raises CredentialsError where there is none, or where it fails."""
    try:
        import keyring
        import keyring.errors
    except ImportError as error:
        raise CredentialsError(text("The keyring needs what is not installed: {command}", command=INSTALL)) from error
    try:
        yield keyring
    except keyring.errors.NoKeyringError as error:
        raise CredentialsError(NO_KEYRING) from error
    except CredentialsError:
        raise
    except Exception as error:  # a backend is foreign code
        raise CredentialsError(text("The keyring fails: {problem}", problem=f"{type(error).__name__}: {error}")) from error
