"""What a reader keeps of an input of any size: a bounded number of observations, and what could not be read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from checks.errors.observation import Observation, Reading
from checks.text import Text, Value, text
from runner.diagnose import told

ENTRY_LIMIT = 1 << 20
"""Characters of one entry. What is longer is searched as text up to here."""

KEPT_AT_EACH_END = 1_000
"""Observations with codes that are kept from the beginning and from the end of an input; a quarter as many of those without."""

PROBLEM_LIMIT = 20


class Ends:
    """The first and the last values of a long series, with their positions in it."""

    def __init__(self, each: int) -> None:
        self.each = each
        self.first: list[tuple[int, Callable[[], Observation]]] = []
        self.last: deque[tuple[int, Callable[[], Observation]]] = deque(maxlen=each)
        self.dropped = 0

    def add(self, position: int, value: Callable[[], Observation]) -> None:
        if len(self.first) < self.each:
            self.first.append((position, value))
            return
        self.dropped += len(self.last) == self.each
        self.last.append((position, value))


class Kept:
    """Gathers the reading of one input, called `name` in it, and `shown` where people are told what could not be read."""

    def __init__(self, name: str, shown: Text | None = None) -> None:
        self.name = name
        self._shown: str | Text = shown or name
        self._telling = Ends(KEPT_AT_EACH_END)
        self._others = Ends(KEPT_AT_EACH_END // 4)
        self._beside = Ends(KEPT_AT_EACH_END // 4)
        self._problems: dict[Text, None] = {}
        self._more_problems = 0
        self._count = 0
        self._unrelated = 0
        self.told = told.Reader()

    def add(self, observation: Callable[[], Observation], *, telling: bool) -> None:
        """Keep what `observation` makes, which is asked only at the end; `telling` when it carries a code or a known event."""
        (self._telling if telling else self._others).add(self._count, observation)
        self._count += 1

    def beside(self, observation: Callable[[], Observation]) -> None:
        """Keep an entry that tells of no move, for what may have happened around one."""
        self._beside.add(self._unrelated, observation)
        self._unrelated += 1

    def unrelated(self) -> None:
        """Count an entry that has nothing to do with a migration."""
        self._unrelated += 1

    def odd(self, template: str, /, **values: Value) -> None:
        """One sentence about what could not be read; the same one counts once."""
        sentence = Text(template, values)
        if sentence in self._problems:
            return
        if len(self._problems) < PROBLEM_LIMIT:
            self._problems[sentence] = None
        else:
            self._more_problems += 1

    @property
    def empty(self) -> bool:
        return self._count == 0

    def reading(self) -> Reading:
        """Everything kept, in the order of the input."""
        series = sorted((*self._telling.first, *self._telling.last, *self._others.first, *self._others.last), key=lambda pair: pair[0])
        problems = [text("{where}: {problem}", where=self._shown, problem=problem) for problem in self._problems]
        if self._more_problems:
            problems.append(text("{where}: {count} more places could not be read.", where=self._shown, count=self._more_problems))
        if self._unrelated and self.empty:
            problems.append(
                text(
                    "{where}: none of its {count} entries belongs to Hyper-V or carries a known code.",
                    where=self._shown,
                    count=self._unrelated,
                )
            )
        if dropped := self._telling.dropped + self._others.dropped:
            problems.append(
                text(
                    "{where}: {count} more entries were found than are kept; those in the middle were left out.",
                    where=self._shown,
                    count=dropped,
                )
            )
        facts, outputs = self.told.end()
        problems += self._untold()
        observations = tuple(observation() for _, observation in series)
        beside = tuple(observation() for _, observation in (*self._beside.first, *self._beside.last))
        return Reading(observations, tuple(problems), facts, outputs, tuple(self.told.records), beside)

    def _untold(self) -> Iterator[Text]:
        """What of the settings in a long input was left out."""
        if line := self.told.left_out_from:
            yield text(
                "{where}: line {line} tells more settings than are kept; those from there on were left out.", where=self._shown, line=line
            )
        if lines := self.told.unread:
            first, last = lines
            yield text(
                "{where}: what sentences between the lines {first} and {last} tell of settings was not looked at.",
                where=self._shown,
                first=first,
                last=last,
            )
