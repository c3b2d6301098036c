"""`login` and `logout`: the password of an account in the keyring of this system."""

from __future__ import annotations

import getpass

from reports.language import Language
from runner import say
from runner.collect.credentials import asked, forget, store
from runner.environment import PASSWORD, has_terminal, password


def login(user: str, language: str) -> int:
    """Store the password of an account, which the variable holds or is asked for; returns the exit code. Raises CredentialsError."""
    words = Language(language)
    given = password()
    if given is not None:
        say.err(words.say("The password of {user} comes from {source}", user=user, source=PASSWORD))
    else:
        given = asked(user, getpass.getpass, interactive=has_terminal(), shown=words.show)
    store(user, given)
    say.err(words.say("Stored in the keyring: the password of {user}. It was not tried; hvpreflight logout takes it out.", user=user))
    return 0


def logout(user: str, language: str) -> int:
    """Remove the password of an account; returns the exit code. Raises CredentialsError."""
    forget(user)
    say.err(Language(language).say("Removed from the keyring: the password of {user}", user=user))
    return 0
