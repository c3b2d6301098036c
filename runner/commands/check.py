"""The main job: read the plan, collect or read facts, judge, write the run folder, show the report."""

from __future__ import annotations

import json
import logging
import platform
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import msgspec
from msgspec.structs import replace

from checks.facts.fact import Missing
from checks.facts.host import HOST_FACTS
from checks.facts.snapshot import Snapshot
from checks.plan import Plan
from checks.registry import all_checks
from checks.result import EXIT_CODES, EXPIRED, Result, Seal
from checks.text import Text, text
from runner import say
from runner.after import after
from runner.collect.credentials import Credentials
from runner.commands.starting import pair, who_starts
from runner.configured import in_force, over
from runner.draft import Start, told
from runner.earlier import since_last_run
from runner.environment import color
from runner.evaluate import evaluate
from runner.files.compare_vm import read_reports
from runner.files.configuration import Configuration, configuration
from runner.files.folder import POLICY, WAIVERS, RunFolder, Unwritten, default_path, write_new
from runner.files.policy import read_policy
from runner.files.seal import RUN_SEAL, SealError, check_snapshot, seal, seal_path
from runner.files.seal_key import SealKey, read_key
from runner.files.snapshot import content_of, decode, encode, sha256
from runner.files.waivers import read_waivers
from runner.options import INTERRUPTED, Options, UsageError, collector_of
from runner.version import VERSION
from runner.ways_to_go import ways_to_go

if TYPE_CHECKING:
    from reports.language import Language

log = logging.getLogger("hvpreflight")


def check(
    plan_path: Path,
    snapshot_path: Path | None,
    out: Path | None,
    options: Options,
    credentials: Credentials | None = None,
    settings: Configuration | None = None,
    content: bytes | None = None,
) -> int:
    """Do the whole job, with these configuration files and this content in the place of those that are found; returns the exit code.
    Raises the errors of reading plans, snapshots and seals, FolderError, UsageError."""
    now = datetime.now(UTC)
    if options.allow_unsealed and (options.seal_key is None or snapshot_path is None):
        raise UsageError(text("--allow-unsealed is for a snapshot whose seal is checked: it needs --snapshot and --seal-key"))
    plan, files, options, configured, unnamed = in_force(plan_path, options, settings, content)
    for name in () if options.quiet else unnamed:
        _tell(options, "No move of the plan names the host {name}, of which it says something", name=name)
    left_out = _left_out(options)
    waivers, of_waivers = read_waivers(options.waivers, all_checks()) if options.waivers else ((), None)
    policy, of_policy = read_policy(options.policy, all_checks()) if options.policy else (None, None)
    reports, of_reports = read_reports(options.compare_vm)
    key = read_key(options.seal_key) if options.seal_key is not None else None
    given = _given(snapshot_path, now, key, options) if snapshot_path else None
    credentials = credentials or (Credentials() if given else credentials_of(options))
    folder = RunFolder(out or default_path(plan.change.id, now))
    with _logging_to(folder):
        for name, given_content in (*files.items(), (WAIVERS, of_waivers), (POLICY, of_policy), *of_reports.items()):
            if given_content is not None:
                folder.write(name, given_content)
        snapshot, content, sealed = given or (*collected(plan, credentials, options, left_out), Seal.UNCHANGED if key else Seal.NONE)
        lost = _lost(lambda: folder.write("snapshot.json", content))
        if snapshot.collected.partial and given is None:
            _seal(folder, key, sealed)
            _tell(options, "Interrupted; what was collected is in {path}", path=str(folder.path))
            return _told(lost, options) or INTERRUPTED
        last_day = _last_day(plan, now)
        result = evaluate(
            plan,
            snapshot,
            snapshot_sha256=sha256(content),
            plan_sha256=sha256(b"".join(files.values())),
            left_out=left_out,
            policy=policy,
            waivers=waivers,
            waived_until=last_day,
            reports=reports,
        )
        result = replace(result, after=after(result, plan, snapshot, waivers=waivers, waived_until=last_day))
        ways = ways_to_go(result, plan, snapshot, waivers=waivers, waived_until=last_day)
        result = replace(result, seal=sealed, ways=ways, since=since_last_run(result, folder.path), configured=configured)
        lost = lost or _lost(lambda: _write_reports(result, folder, now, options)) or _lost(lambda: _seal(folder, key, sealed))
        _show(result, folder, now, options, kept=lost is None)
        log.info("verdict %s, %s, snapshot %s", result.verdict, result.counts, sealed)
    return _told(lost, options) or _code(result, now, options)


def _code(result: Result, now: datetime, options: Options) -> int:
    return EXPIRED if result.expired(now) and not options.allow_expired else EXIT_CODES[result.verdict]


def _lost(write: Callable[[], object]) -> Unwritten | None:
    """Write something of a run, or tell why not: what was read is judged and shown all the same."""
    try:
        write()
    except Unwritten as error:
        return error
    return None


def _told(lost: Unwritten | None, options: Options) -> int:
    """The exit code of a run that could not be kept, which is said, or 0."""
    from reports.language import Language

    if lost is None:
        return 0
    say.err("\n".join(map(Language(options.language).show, lost.sentences)))
    return lost.exit_code


def check_pair(hosts: tuple[str, str], snapshot_path: Path | None, out: Path | None, options: Options, said: Start) -> int:
    """The same for two hosts both ways, without a plan and without a VM. Configuration files count as for a plan in this folder."""
    place = Path("plan.toml")
    found = configuration(place)
    options = over(options, found)
    credentials = Credentials(options.user) if snapshot_path else credentials_of(options)
    start = who_starts(said, found.defaults, credentials, options, ask=False)
    return check(place, snapshot_path, out, options, credentials, found, pair(hosts, start))


def collect(plan_path: Path, output: Path, options: Options) -> int:
    """Only collect, into a new file, with its seal beside it where there is a key, and say which hosts it lacks; returns the exit
    code."""
    plan, _, options, *_ = in_force(plan_path, options)
    key = read_key(options.seal_key) if options.seal_key is not None else None
    left_out = _left_out(options)
    credentials = credentials_of(options)
    with write_new(output) as write, write_new(seal_path(output)) if key else nullcontext() as write_seal:
        snapshot, content = collected(plan, credentials, options, left_out)
        write(content)
        if key and write_seal:
            write_seal(seal({output.name: sha256(content)}, key))
    _tell_collected(plan, snapshot, output, sha256(content), options)
    return INTERRUPTED if snapshot.collected.partial else 0


def _tell_collected(plan: Plan, snapshot: Snapshot, output: Path, digest: str, options: Options) -> None:
    """Which file holds the snapshot, and of which hosts nothing was read."""
    from reports.language import Language
    from runner.collect.hosts.visits import DONE, state_of

    language = Language(options.language)
    hosts = {name.spelled: snapshot.hosts[name.key] for name in plan.host_names if name.key in snapshot.hosts}
    lacking = {name: its.os for name, its in hosts.items() if state_of(its) != DONE and isinstance(its.os, Missing)}
    partial = snapshot.collected.partial
    if options.form == "json":
        not_read = {name: {"reason": its.reason.value, "why": told(its, language)} for name, its in lacking.items()}
        said = {"snapshot": str(output), "sha256": digest, "partial": partial, "hosts": [*hosts], "not_read": not_read}
        say.json(json.dumps(said, indent=2))
        return
    say.path(output)
    for name, its in lacking.items():
        _tell(options, "{host}: nothing was read: {why}", host=name, why=told(its, language))
    if partial:
        _tell(options, "Interrupted; what was collected is in {path}", path=str(output))


def collected(plan: Plan, credentials: Credentials, options: Options, left_out: frozenset[str] = frozenset()) -> tuple[Snapshot, bytes]:
    """Everything that a plan's checks need, read from its hosts and directories with progress on standard error, and the same as a file. No
    host is visited twice for what only checks need that are left out. Raises NotReady, LogonRejected."""
    from reports.console import Progress
    from reports.language import Language
    from runner.collect.ready import ensure_ready
    from runner.collect.snapshot import gather

    ensure_ready(plan, credentials)
    names = (host.spelled for host in plan.host_names)
    wanted = {fact.rpartition(".")[2] for check in all_checks() if check.id not in left_out for fact in check.facts}
    with Progress(names, stream=sys.stderr, language=Language(options.language)) as progress:
        snapshot = gather(plan, credentials, collector_of(credentials), options.limits, progress.host, wanted)
    credentials.raise_rejected()
    for name, facts in snapshot.hosts.items():
        visit = snapshot.visits[name]
        lacking = [fact for fact in HOST_FACTS if isinstance(getattr(facts, fact), Missing)]
        log.info("host %s: %.2f s, %d facts missing: %s", name, (visit.end - visit.start).total_seconds(), len(lacking), ", ".join(lacking))
    return snapshot, encode(snapshot)


def _given(path: Path, now: datetime, key: SealKey | None, options: Options) -> tuple[Snapshot, bytes, Seal]:
    """A snapshot that is there already. With a key its seal is checked before anything is made of it. Raises SealError for one that is not
    as it was sealed, unless that is allowed."""
    content = content_of(path)
    found = check_snapshot(path, content, key)
    if found.seal.broken and not options.allow_unsealed:
        raise SealError(
            text(
                "{file}: {seal}, it is not judged (--allow-unsealed judges it and says so). {why}",
                file=str(path),
                seal=Text(found.seal),
                why=found.why,
            )
        )
    return decode(content, str(path), now), content, found.seal


def _seal(folder: RunFolder, key: SealKey | None, sealed: Seal) -> None:
    """Seal what a run has written, but for its log, which goes on. A snapshot whose own seal does not hold gets no new one."""
    if key and not sealed.broken:
        folder.write(RUN_SEAL, seal(folder.digests, key))


def _write_reports(result: Result, folder: RunFolder, now: datetime, options: Options) -> None:
    from reports import html
    from reports.language import Language

    content = msgspec.json.encode(result) + b"\n"
    folder.write("result.json", content)
    folder.write("report.html", html.render(result, now=now, language=Language(options.language), sha256=sha256(content)).encode())


def _show(result: Result, folder: RunFolder, now: datetime, options: Options, *, kept: bool) -> None:
    from reports.language import Language
    from reports.obstacles import verdict_in_words

    language = Language(options.language)
    try:
        _print(result, folder if kept else None, now, options, language)
    except BrokenPipeError:
        raise
    except OSError:
        say.err(verdict_in_words(result, language, now))
        raise


def _print(result: Result, folder: RunFolder | None, now: datetime, options: Options, language: Language) -> None:
    from reports.console import write

    if options.form == "json":
        say.json(msgspec.json.encode(result).decode())
    else:
        if folder:
            _tell(options, "Report: {path}", path=str(folder.path / "report.html"))
        whole = f"hvpreflight report {folder.path}" if folder else "hvpreflight check -v"
        write(
            result, stream=sys.stdout, color=color(), quiet=options.quiet, verbose=options.verbose, language=language, now=now, whole=whole
        )
        sys.stdout.flush()
        if folder and any(finding.fails for finding in result.findings):
            _tell(options, "Next: hvpreflight fix {path} writes the scripts for those who must act", path=str(folder.path))


def _tell(options: Options, template: str, **values: str) -> None:
    """Say something beside the report: to standard error, in the language of the run."""
    from reports.language import Language

    say.err(Language(options.language).say(template, **values))


def _left_out(options: Options) -> frozenset[str]:
    """The ids of the checks that --only and --skip leave out. Raises UsageError for a name that is no check and no area."""
    known = {check.id: check.area for check in all_checks()}
    for name in (*options.only, *options.skip):
        if name not in known and name not in known.values():
            raise UsageError(text("There is no check and no area {name}; `hvpreflight checks` shows them", name=name))
    wanted = {id for id, area in known.items() if not options.only or id in options.only or area in options.only}
    return frozenset(id for id, area in known.items() if id not in wanted or id in options.skip or area in options.skip)


def _last_day(plan: Plan, now: datetime) -> date:
    """The day on which the change is over, and at least today: so long a waiver has to count."""
    window = plan.change.window
    return max(now.date(), window.end.date()) if window else now.date()


def credentials_of(options: Options) -> Credentials:
    """Who collects by these options, asked for the password in their language where it has to be. Raises CredentialsError."""
    from reports.language import Language
    from runner.collect.credentials import Source, find
    from runner.environment import PASSWORD, password

    language = Language(options.language)
    found = find(options.user, ask=options.ask_password, shown=language.show)
    if (found.source is Source.KEYRING and not options.quiet) or (found.source is Source.VARIABLE and options.verbose):
        where = PASSWORD if found.source is Source.VARIABLE else language.say("the keyring")
        say.err(language.say("The password of {user} comes from {source}", user=found.account, source=where))
    if found.user is None and password() is not None:
        say.err(language.say("{variable} is set and not used: no account is named (--user)", variable=PASSWORD))
    return found


class _Log(logging.StreamHandler[TextIO]):
    """The log of a run, of which a full disk takes the rest and nothing else."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - as logging calls it
        """Nobody is told."""


class _Line(logging.Formatter):
    """An entry of the log, with nothing in it that a terminal would obey. Further lines are indented: no error writes an entry."""

    def format(self, record: logging.LogRecord) -> str:
        return say.lines(super().format(record)).replace("\n", "\n    ")


class _logging_to:  # noqa: N801 - used like a function
    """Sends the program's log to run.log of a folder, in UTC, while it lasts."""

    def __init__(self, folder: RunFolder) -> None:
        self.handler = _Log(folder.open_log())
        formatter = _Line("%(asctime)sZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
        formatter.converter = time.gmtime
        self.handler.setFormatter(formatter)

    def __enter__(self) -> None:
        log.addHandler(self.handler)
        log.setLevel(logging.INFO)
        log.propagate = False
        log.info("hvpreflight %s, Python %s on %s", VERSION, platform.python_version(), platform.system())

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None:
            log.error("%s: %s", type(error).__name__, error)
        log.removeHandler(self.handler)
        with suppress(OSError):  # a full disk costs the log, and nothing else
            self.handler.stream.close()
