"""Where a password comes from, and that it does not come out again."""

from __future__ import annotations

import copy
import pickle
import traceback
from collections.abc import Iterator

import msgspec
import pytest

from runner.collect.credentials import KEYRING_SERVICE, PASSWORD, Credentials, CredentialsError, Source, find, forget, from_keyring, store

keyring = pytest.importorskip("keyring", reason="keyring is an extra")
from keyring.backend import KeyringBackend  # noqa: E402
from keyring.backends.fail import Keyring as NoKeyring  # noqa: E402

USER = "CONTOSO\\hv-reader"
SECRET = "correct horse battery staple"


def never(question: str) -> str:
    pytest.fail(f"nobody should be asked: {question}")


class Stored(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self, passwords: dict[tuple[str, str], str]) -> None:
        self.passwords = passwords

    def get_password(self, service: str, username: str) -> str | None:
        return self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.passwords[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.passwords[service, username]


class Forgetful(Stored):
    """One that takes everything and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Nothing is kept."""


class Broken(Stored):
    """One that fails, as a backend whose service is gone."""

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError(f"no service for {service}, {username}")


@pytest.fixture(autouse=True)
def no_keyring_of_this_machine() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    yield
    keyring.set_keyring(before)


def test_without_a_user_the_current_logon_is_used_and_nobody_asked() -> None:
    found = find(None, given=lambda: SECRET, prompt=never, interactive=True)
    assert found.user is None
    assert found.password() is None


def test_the_variable_comes_before_a_keyring_that_may_be_stale_and_each_is_told() -> None:
    keyring.set_keyring(Stored({(KEYRING_SERVICE, USER): "stale"}))
    for given, password, source in ((SECRET, SECRET, Source.VARIABLE), (None, "stale", Source.KEYRING)):
        found = find(USER, given=lambda given=given: given, prompt=never, interactive=True)  # type: ignore[misc]
        assert (found.password(), found.source) == (password, source)


def test_what_is_stored_is_found_until_it_is_removed() -> None:
    keyring.set_keyring(Stored({}))
    store(USER, SECRET)
    assert from_keyring(USER) == SECRET
    forget(USER)
    assert from_keyring(USER) is None
    with pytest.raises(CredentialsError, match="holds no password"):
        forget(USER)


def test_a_keyring_that_is_none_or_keeps_nothing_or_fails_is_said() -> None:
    for backend, said in (
        (NoKeyring(), "no keyring here"),
        (Forgetful({}), "no keyring here"),
        (Broken({}), "The keyring fails: RuntimeError"),
    ):
        keyring.set_keyring(backend)
        with pytest.raises(CredentialsError, match=said):
            store(USER, SECRET)
        assert from_keyring(USER) is None


def test_an_end_of_input_is_no_password() -> None:
    def ended(question: str) -> str:
        raise EOFError(question)

    with pytest.raises(CredentialsError, match="was entered"):
        find(USER, ask=True, prompt=ended, interactive=True)


def test_the_environment_serves_where_no_keyring_is() -> None:
    assert find(USER, given=lambda: SECRET, prompt=never, interactive=True).password() == SECRET


def test_who_is_at_a_terminal_is_asked() -> None:
    questions: list[str] = []

    def answer(question: str) -> str:
        questions.append(question)
        return SECRET

    assert find(USER, given=lambda: None, prompt=answer, interactive=True).password() == SECRET
    assert questions == [f"Password for {USER}: "]


def test_who_wants_to_be_asked_is_asked_whatever_is_stored() -> None:
    keyring.set_keyring(Stored({(KEYRING_SERVICE, USER): "another"}))
    assert find(USER, ask=True, given=lambda: "another", prompt=lambda _: SECRET, interactive=True).password() == SECRET


def test_a_user_without_any_password_is_an_error_and_not_the_current_logon() -> None:
    with pytest.raises(CredentialsError, match=PASSWORD):
        find(USER, given=lambda: None, prompt=never, interactive=False)


def test_nothing_that_prints_credentials_shows_the_password() -> None:
    held = Credentials(USER, SECRET)
    assert SECRET not in f"{held} {held!r} {[held]} {vars(type(held))}"
    assert USER in repr(held).replace("\\\\", "\\")
    assert SECRET not in "".join(traceback.format_exception(RuntimeError(held)))


def test_credentials_are_not_written_or_copied() -> None:
    held = Credentials(USER, SECRET)
    for write in (pickle.dumps, copy.copy, copy.deepcopy, msgspec.json.encode):
        with pytest.raises(TypeError):
            write(held)
