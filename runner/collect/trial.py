"""A password is tried on one peer after the other until one of them has accepted it, and on nobody any more once one has rejected it.
On many at a time a single typing error would lock the account."""

from __future__ import annotations

import threading
import time

from checks.facts.fact import Reason
from checks.text import Text, text
from runner.collect.unread import Unread

TURN_S = 10.0
"""So long one peer may keep the others waiting. A sign-in takes a few requests; only one that is held up takes longer."""


class Trial:
    """What came of one logon so far: whether somebody accepted it, and who rejected it before anybody had. `free` has nothing to lose and
    is tried on all at once."""

    def __init__(self, *, free: bool) -> None:
        self.accepted = free
        self.rejected_by = ""
        self._changed = threading.Condition()
        self._turn: Attempt | None = None
        self._turn_ends = 0.0

    @property
    def why_not(self) -> Text:
        """Why it is tried on nobody any more."""
        return text("{peer} rejected the logon: it is tried on nobody else", peer=self.rejected_by)

    def on(self, peer: str) -> Attempt:
        return Attempt(self, peer)

    def take(self, attempt: Attempt, until: float) -> None:
        """Wait for a turn, until `until` (`time.monotonic`). Raises TimeoutError, and Unread where the logon is not tried any more."""
        with self._changed:
            while not self.accepted and self._turn is not attempt:
                now = time.monotonic()
                if self.rejected_by:
                    raise Unread(Reason.NOT_COLLECTED, self.why_not)
                if self._turn is None or now >= self._turn_ends:
                    self._turn, self._turn_ends = attempt, now + TURN_S
                elif now >= until:
                    raise TimeoutError("the sign-in to another host takes too long")
                else:
                    self._changed.wait(min(until, self._turn_ends) - now)

    def end(self, attempt: Attempt, *, accepted: bool = False, rejected: bool = False) -> None:
        with self._changed:
            self.accepted = self.accepted or accepted
            if rejected and not self.accepted:
                self.rejected_by = self.rejected_by or attempt.peer
            if self._turn is attempt:
                self._turn = None
            self._changed.notify_all()


class Attempt:
    """A logon on one peer. Whoever begins one leaves it."""

    def __init__(self, trial: Trial, peer: str) -> None:
        self.peer = peer
        self._trial = trial

    def begin(self, until: float) -> None:
        """Before anything is made of the password; may be called again. Raises TimeoutError, and Unread where it is not tried any more."""
        self._trial.take(self, until)

    def accepted(self) -> None:
        self._trial.end(self, accepted=True)

    def rejected(self) -> None:
        self._trial.end(self, rejected=True)

    def leave(self) -> None:
        """The attempt is over, whatever came of it."""
        self._trial.end(self)
