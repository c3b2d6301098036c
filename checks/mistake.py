"""What a user can mend."""

from __future__ import annotations

from checks.text import Text, plain


class Mistake(Exception):
    """Base of every error that is the user's to mend: a wrong option, a file that does not read, a plug-in that does not load. Its
    sentences say what is wrong and what to do, in any language; the program ends with its exit code and without a traceback."""

    exit_code = 2

    def __init__(self, *sentences: Text) -> None:
        super().__init__(*sentences)
        self.sentences = sentences

    def __str__(self) -> str:
        """In English, a line each."""
        return "\n".join(map(plain, self.sentences))
