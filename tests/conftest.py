"""What holds for all tests: how they are shared out among workers, what they tell, what Hypothesis does, and interrupts that arrive."""

from __future__ import annotations

import gc
import os
import random
import signal
from collections.abc import Iterator
from typing import Any
from zlib import crc32

import pytest
from hypothesis import HealthCheck, settings

from tests.examples import DEAR, EXAMPLES, SHARE, SHARE_DEAR, looked_at
from tests.lanes import REQUIRED, attack_lane

# No example has a time limit, and neither has making one: on a busy machine that would fail for nothing. Each run looks at other examples
# and says how to repeat one that failed; where every lane is required they are always the same, so that what fails is the change's.
# HVPREFLIGHT_EXAMPLES is for campaigns.
settings.register_profile(
    "hvpreflight",
    deadline=None,
    derandomize=REQUIRED,
    max_examples=int(os.environ.get("HVPREFLIGHT_EXAMPLES", EXAMPLES)),
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("hvpreflight")

ONE_WORKER = (
    ("tests/attacks/test_directories",),
    ("tests/samba/",),
    ("tests/engine/test_reference",),
    ("tests/engine/",),
    ("tests/fix/test_fix",),
    ("tests/reports/test_browser",),
    ("tests/reports/test_html",),
    ("tests/reports/test_german", "tests/checks/test_absent", "tests/checks/test_deciding"),
    ("tests/test_sealing",),
)
"""What goes to one worker as a whole, by how its tests' names begin, the first that fits: the lane that starts its forests once a session,
on addresses that a second worker could not have too; and where an engine, a browser, a report, a run or what is judged of all worlds serves
many tests, since making it takes seconds."""


gc.disable()  # Collecting makes much that stays, and nothing that could be freed: a quarter of its time went into looking.


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """With `-p no:xdist` the option that pyproject.toml gives to xdist is still known, and means nothing."""
    if not pluginmanager.hasplugin("xdist"):
        parser.addoption("--numprocesses")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """More than there are processors, for many tests wait: for a deadline or a browser, and in the longest lane for a domain controller."""
    return (os.cpu_count() or 1) + (2 if REQUIRED else 1)


PARTS = 500
"""In so many parts all other tests go to whoever is free: with each test as a part of its own, sharing out took longer than many tests."""


def shared_out(nodeid: str) -> str:
    """What a test is given to a worker together with: all that begins as one of ONE_WORKER, or a part of the others, from any file."""
    return next((together[0] for together in ONE_WORKER if nodeid.startswith(together)), str(crc32(nodeid.encode()) % PARTS))


def some_tests(config: pytest.Config) -> bool:
    """Does a run look at some tests of each file by chance: one of everything does, unless every lane is required."""
    named = config.args_source is pytest.Config.ArgsSource.ARGS or config.option.keyword or getattr(config.option, "lf", False)
    return not (REQUIRED or named)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Workers mix the files, each in the same way: neighbours that wait for a deadline would all wait at the same time."""
    if some_tests(config):
        run = getattr(config, "workerinput", {}).get("testrunuid") or str(random.random())
        kept = looked_at([item.nodeid for item in items], run)
        left = [item for item in items if item.nodeid not in kept]
        items[:] = [item for item in items if item.nodeid in kept]
        config.hook.pytest_deselected(items=left)
    for item in items:
        if not attack_lane().isdisjoint((item.path, *item.path.parents)):
            item.add_marker("attack")
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: shared_out(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Each part goes to the next free worker; what is one worker's goes before all others, for it is more.

    The marks that xdist has for this are silently ignored with pytest 9.2: https://github.com/pytest-dev/pytest-xdist/issues/1386
    """
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return shared_out(nodeid)

    return Scheduling(config, log)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """SIGINT raises KeyboardInterrupt, also where whoever started the tests ignores it, as a shell does for its background jobs."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """How many tests were looked at, and what tests record to be read also when they pass, by title: a worker has no terminal."""
    if some_tests(config):
        terminalreporter.line(f"of each file one test in {SHARE} by chance, in {DEAR} one in {SHARE_DEAR}; all of them")
        terminalreporter.line("with HVPREFLIGHT_REQUIRE_LANES=1 and of files that are named")
    told: dict[str, list[str]] = {}
    for report in terminalreporter.stats.get("passed", []):
        for title, text in report.user_properties:
            told.setdefault(title, []).append(text)
    for title, texts in told.items():
        terminalreporter.section(title)
        for text in sorted(texts):
            terminalreporter.line(text)
