"""The key of a seal: from a file, or from the keyring. Nothing here shows or writes it."""

from __future__ import annotations

import hmac
from pathlib import Path
from typing import NoReturn

from checks.mistake import Mistake
from checks.text import text
from runner.collect.credentials import KEYRING_SERVICE, from_keyring
from runner.system import problem

SHORTEST, LONGEST = 16, 4096
"""Bytes of a key."""
_KEYRING = "keyring:"


class SealKeyError(Mistake):
    """A key that cannot be used; its sentence says why, and nothing of the key."""


class SealKey:
    """A key. Neither printing nor copying it shows it."""

    __slots__ = ("__key",)

    def __init__(self, key: bytes) -> None:
        self.__key = key

    def hmac(self, content: bytes) -> str:
        """The HMAC-SHA-256 of some bytes, in hex."""
        return hmac.digest(self.__key, content, "sha256").hex()

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not written anywhere")


def read_key(given: str) -> SealKey:
    """The key in a file, or with `keyring:NAME` the secret that the keyring holds by this name. White space at its end does not count, so
    that a file is the same key whoever ended its line. Raises SealKeyError."""
    key = (_stored(given.removeprefix(_KEYRING)) if given.startswith(_KEYRING) else _content(Path(given))).rstrip()
    if not key:
        raise SealKeyError(text("{file}: this key is empty", file=given))
    if len(key) < SHORTEST:
        raise SealKeyError(
            text(
                "{file}: this key is too short to keep anybody out ({count} bytes, at least {least} are needed)",
                file=given,
                count=len(key),
                least=SHORTEST,
            )
        )
    return SealKey(key)


def _stored(name: str) -> bytes:
    secret = from_keyring(name)
    if secret is None:
        raise SealKeyError(
            text("The keyring holds no key {name} for the service {service}, or there is no keyring", name=name, service=KEYRING_SERVICE)
        )
    return secret.encode()


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST + 1)
    except OSError as error:
        raise SealKeyError(text("{file}: this key cannot be read: {problem}", file=str(path), problem=problem(error))) from error
    if len(content) > LONGEST:
        raise SealKeyError(text("{file}: this is no key, it is longer than {most} bytes", file=str(path), most=LONGEST))
    return content
