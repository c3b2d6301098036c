"""What ends the reading of a host or a directory, or of a part of it."""

from __future__ import annotations

from checks.facts.fact import Reason
from checks.text import Text, plain


class Unread(Exception):
    """Something that cannot be read: for which reason, and for people what exactly, without a secret. Base of every such error here."""

    def __init__(self, reason: Reason, detail: Text) -> None:
        super().__init__(plain(detail))
        self.reason = reason
        self.detail = detail
