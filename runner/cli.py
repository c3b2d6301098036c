"""The command line. Imports nothing that a command does not need, so that help and version come at once."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from runner.__main__ import INTERRUPTED
from runner.configuration_files import configured_language
from runner.environment import LANGUAGE, LANGUAGES, NO_COLOR, password
from runner.version import VERSION

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from runner.options import Options

F = TypeVar("F", bound=Callable[..., Any])

GO, BUG, USAGE = 0, 1, 2
UNWRITTEN = 8
"""What was to be written or shown could not be."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
PROGRAM = "hvpreflight"
COMPLETE = "_HVPREFLIGHT_COMPLETE"
"""The variable by which a shell asks what a line can go on with."""
SHELLS = ("bash", "zsh", "fish", "powershell")
FORMS = ("text", "html", "pdf", "json", "markdown", "csv", "junit", "sarif", "nagios", "checkmk")


def _ids(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from runner.completion import of_ids

    return of_ids(incomplete)


def _runs(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from runner.completion import of_runs

    return of_runs(incomplete)


def _files(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from runner.completion import of_files

    return of_files(incomplete)


def _colourless(_context: click.Context, _parameter: click.Parameter, given: bool) -> None:
    """Says it to everything that shows colours."""
    if given:
        os.environ[NO_COLOR] = "1"


def _format(*forms: str) -> Callable[[F], F]:
    """The form of what is shown, and its short spelling, the same in every command."""
    chosen = click.Choice(forms)
    return click.option("-f", "--format", "form", type=chosen, default=forms[0], show_default=True, help="The form of the answer.")


_PATH = click.Path(path_type=Path, readable=False)
"""A file or a folder. Why one cannot be used, who needs it says, in one sentence."""
_PLAN = click.argument("plan", type=_PATH)
_HOST_OPTIONS = (
    click.option("--user", metavar="NAME", help="Collect with this account instead of the current logon; its password is asked for."),
    click.option("--ask-password", is_flag=True, help="Ask for the password even where the keyring or HVPREFLIGHT_PASSWORD has one."),
    click.option(
        "--auth",
        type=click.Choice(["negotiate", "kerberos", "ntlm", "credssp", "certificate", "basic"]),
        help="How to sign in to hosts, whatever the plan says.",
    ),
    click.option("--require-kerberos", is_flag=True, help="Sign in to no host and no domain controller otherwise (NTLM is refused)."),
    click.option("--concurrency", type=click.IntRange(1, 256), default=32, show_default=True, help="Hosts visited at the same time."),
    click.option("--host-deadline", type=click.FloatRange(min=1), default=90.0, show_default=True, help="Seconds for one host."),
    click.option("--deadline", type=click.FloatRange(min=1), default=600.0, show_default=True, help="Seconds for the whole run."),
)
_RUN_FOLDER = click.option("-o", "--out", type=_PATH, help="The run folder (default: preflight-runs/TIME-CHANGE); never written over.")
_NEW_PLAN = "The plan; never written over. - for standard output."
_START_OPTIONS = (
    click.option("--operator", metavar="ACCOUNT", help="Who will start the moves (DOMAIN\\name or name@domain)."),
    click.option(
        "--launch",
        type=click.Choice(["remote", "console", "rdp", "powershell"]),
        help="From where they are started; all but remote: on the source.",
    ),
    click.option("--launch-from", metavar="HOST", help="The computer from which they are started remotely."),
)
_SEAL_KEY = click.option("--seal-key", metavar="FILE|keyring:NAME", help="Seal what is written, and check the seal of what is read.")
_LANGUAGE = click.option(
    "--language", type=click.Choice(LANGUAGES), default=LANGUAGES[0], show_default=True, help="Of what is shown (or HVPREFLIGHT_LANGUAGE)."
)
_QUIET = click.option("-q", "--quiet", is_flag=True, help="Errors and results only.")
_DETAILS = click.option("-v", "--verbose", is_flag=True, help="Details of errors.")
_NO_COLOR = click.option("--no-color", is_flag=True, expose_value=False, callback=_colourless, help="No colour (NO_COLOR is honoured too).")
_SHOW_OPTIONS = (
    click.option(
        "--only", multiple=True, metavar="ID|AREA", shell_complete=_ids, help="Judge only these; every other check counts as UNKNOWN."
    ),
    click.option("--skip", multiple=True, metavar="ID|AREA", shell_complete=_ids, help="Leave these out; they count as UNKNOWN."),
    _format("text", "json"),
    click.option("-q", "--quiet", is_flag=True, help="Failures and the verdict only."),
    click.option("-v", "--verbose", is_flag=True, help="Every finding, and details of errors."),
    _NO_COLOR,
    _LANGUAGE,
)
_COLLECT_OPTIONS = (
    click.option(
        "--only",
        multiple=True,
        metavar="ID|AREA",
        shell_complete=_ids,
        help="Do not look for files at the destination unless one of these checks needs it.",
    ),
    click.option(
        "--skip",
        multiple=True,
        metavar="ID|AREA",
        shell_complete=_ids,
        help="Do not look for files at the destination where only these checks need it.",
    ),
)


def _with(*options: Callable[[F], F]) -> Callable[[F], F]:
    def add(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return add


class _Command(click.Command):
    """One whose first sentence stands whole in the list of commands."""

    def get_short_help_str(self, limit: int = 1000) -> str:
        return super().get_short_help_str(max(limit, 1000))


class _ReaderGone(Exception):
    """Whoever read standard output has closed it, as head does."""


class _Group(click.Group):
    command_class = _Command

    def invoke(self, context: click.Context) -> Any:
        """Raises _ReaderGone for what click would end with 1, as if it were our own error."""
        try:
            return super().invoke(context)
        except BrokenPipeError as error:
            raise _ReaderGone from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(VERSION, "-V", "--version", prog_name=PROGRAM)
@_LANGUAGE
def cli(language: str) -> None:
    """Will this Hyper-V move work, what stands in its way, who must fix it, and how is the fix undone?

    Looks at hosts that are not in a failover cluster, before a VM is moved between them. Changes nothing.

    Exit codes: 0 GO, 3 NO-GO, 4 INCOMPLETE or EXPIRED, 5 GO WITH CONDITIONS; 2 wrong usage or unreadable plan, 1 our own error, 8 what was
    found could not be written or shown, 130 interrupted. Commands with others say so in their help.
    """


@cli.command()
@click.argument("words", nargs=-1, required=True, metavar="PLAN|HOST HOST", shell_complete=_files)
@_with(*_START_OPTIONS)
@click.option("--snapshot", type=_PATH, help="Judge these facts instead of visiting the hosts.")
@_RUN_FOLDER
@_SEAL_KEY
@click.option("--allow-unsealed", is_flag=True, help="Judge a snapshot whose seal is missing or does not hold; every report says so.")
@click.option("--waivers", type=_PATH, help="Failures that are accepted, by whom, why, and until when (TOML).")
@click.option("--policy", type=_PATH, help="How strict this house is beyond what moves need (TOML).")
@click.option(
    "--compare-vm",
    multiple=True,
    metavar="FILE",
    type=_PATH,
    help="What Compare-VM said, read beside; repeatable.",
)
@click.option("--allow-expired", is_flag=True, help="The exit code of the verdict also where the snapshot is too old (to rehearse).")
@_with(*_HOST_OPTIONS, *_SHOW_OPTIONS)
def check(
    words: tuple[str, ...],
    snapshot: Path | None,
    out: Path | None,
    operator: str | None,
    launch: str | None,
    launch_from: str | None,
    **given: Any,
) -> int:
    """Collect, judge, write one run folder, print the report; the exit code is the verdict.

    PLAN is a file. Two hosts in its place are judged as a pair, both ways and without a VM.
    """
    from runner.commands import check as command
    from runner.commands.starting import hosts_of
    from runner.draft import Start

    start = Start(operator, launch, launch_from)
    hosts = hosts_of(words, start)
    if hosts is not None:
        return command.check_pair(hosts, snapshot, out, _options(given), start)
    return command.check(Path(words[0]), snapshot, out, _options(given))


@cli.command()
@click.argument("hosts", nargs=-1, required=True, metavar="HOST...")
@click.option("-o", "--output", type=_PATH, default="plan.toml", show_default=True, help=_NEW_PLAN)
@click.option("--to", "target", metavar="TARGET", help="The host to which VMs go; it is asked too.")
@click.option("--vm", "vms", multiple=True, metavar="NAME", help="A move for this VM; repeatable.")
@click.option("--all", "every", is_flag=True, help="A move for every VM of the other hosts.")
@click.option("--csv", metavar="FILE", help="The moves stand in this file beside the plan.")
@_with(*_START_OPTIONS, *_HOST_OPTIONS, _QUIET, _DETAILS, _NO_COLOR, _LANGUAGE)
def init(
    hosts: tuple[str, ...],
    output: Path,
    target: str | None,
    vms: tuple[str, ...],
    every: bool,
    csv: str | None,
    operator: str | None,
    launch: str | None,
    launch_from: str | None,
    **given: Any,
) -> int:
    """Ask hosts what runs on them, and write a plan to edit.

    Without moves that are named it plans the hosts as pairs, without a VM, and lists the VMs.
    """
    from runner.commands.init import Wanted
    from runner.commands.init import init as run
    from runner.draft import Start

    return run(hosts, output, Wanted(target, vms, every, csv), Start(operator, launch, launch_from), _options(given))


@cli.command()
@_PLAN
@click.option("-o", "--output", type=_PATH, required=True, help="The snapshot file; never written over.")
@_SEAL_KEY
@_with(*_HOST_OPTIONS, *_COLLECT_OPTIONS, _format("text", "json"), _QUIET, _DETAILS, _NO_COLOR, _LANGUAGE)
def collect(plan: Path, output: Path, **given: Any) -> int:
    """Only collect: write a snapshot that `check --snapshot` judges later, anywhere.

    Exit codes: 0 written, also where hosts could not be read, which is said; 130 interrupted, and marked as partial.
    """
    from runner.commands.check import collect as run

    return run(plan, output, _options(given))


@cli.command()
@click.option("--scenario", default="articles", show_default=True, metavar="NAME", help="Which forest to run against.")
@_RUN_FOLDER
@click.option("--list", "listing", is_flag=True, help="Show the scenarios.")
@click.option("--serve", is_flag=True, help="Leave the lab running and print how to reach it.")
@click.option("--engine", is_flag=True, help="Let each host run what it is sent in a PowerShell engine.")
@_with(*_SHOW_OPTIONS)
def demo(scenario: str, out: Path | None, listing: bool, serve: bool, engine: bool, **given: Any) -> int:
    """Start a small forest on loopback and run `check` against it, over the real protocols."""
    from runner.commands import demo as runner

    if listing:
        return runner.show_scenarios()
    more = ("--engine",) if engine else ()
    return runner.serve(scenario, given["language"], *more) if serve else runner.run(scenario, out, _options(given), *more)


@cli.command()
@_format("text", "json")
@_LANGUAGE
def checks(form: str, language: str) -> int:
    """The catalogue: every check with its title, scope, severity, facts and codes."""
    from runner.commands.checks import show

    return show(form, language)


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("asked", metavar="ID", nargs=-1, required=True, shell_complete=_ids)
@_format("text", "json")
@_LANGUAGE
def explain(asked: tuple[str, ...], language: str, form: str) -> int:
    """The page of a check or an error: its causes in order, how to tell them apart, the fix.

    ID is a check's id or any spelling of an error: 0x8009030E, 8009030e, -2146893042, a Win32 number, an event id or CHANNEL/ID, a
    Compare-VM id, a Kerberos result, a symbol, the id of a cause. Exit code 6 where nothing known fits.
    """
    from runner.commands.explain import explain as run

    if strays := [word for word in asked if word.startswith("-") and not word[1:].isdecimal()]:
        raise click.NoSuchOption(strays[0])
    return run(" ".join(asked), language, form)


@cli.command()
@click.argument("files", nargs=-1, metavar="[FILE]...", type=_PATH)
@click.option("--snapshot", type=_PATH, help="Rank by what the checks say of these facts.")
@click.option("--plan", type=_PATH, help="Which moves the snapshot was taken for, by whom and from where.")
@click.option("--live", metavar="PLAN", type=_PATH, help="Read the facts and the event logs of this plan's hosts.")
@click.option("--days", type=click.IntRange(1, 365), default=7, show_default=True, help="How far back the event logs are read.")
@click.option("-o", "--output", type=_PATH, help="A new file instead of standard output; never written over.")
@_with(
    *_HOST_OPTIONS,
    _format("text", "json", "html"),
    _DETAILS,
    _NO_COLOR,
    _LANGUAGE,
)
def diagnose(
    files: tuple[Path, ...],
    snapshot: Path | None,
    plan: Path | None,
    live: Path | None,
    days: int,
    output: Path | None,
    **given: Any,
) -> int:
    """Why did a move fail: an error text or event log goes in, ranked causes come out.

    FILE is text in any language (console output, a ticket, a mail), an export of Event Viewer (XML, CSV, EVTX) or the output of
    Get-WinEvent as JSON or CLIXML; without one, or where - stands among them, standard input is read. Exit codes: 0 answered, 6 nothing
    known fits.

    Settings that are pasted, with an error or without one, are judged by the checks: Get-VMHost, Get-ADComputer, Get-VM and others, of
    both hosts, as a list, a table, CSV, JSON or CLIXML.

    Where times are known, what the machines wrote around a failure is put into one order, with the clocks compared where there is a
    snapshot. With -f html everything is one page that needs no script and no network.
    """
    from runner.commands.diagnose import Facts
    from runner.commands.diagnose import diagnose as run

    named = tuple(file for file in files if str(file) != "-")
    return run(named, Facts(snapshot, plan, live, days), _options(given), entered=len(named) < len(files), out=output)


@cli.command()
@click.argument("run", type=_PATH, shell_complete=_runs)
@click.option("-o", "--out", type=_PATH, help="The folder for the scripts (default: RUN/fix); never written over.")
@click.option("--seal-key", metavar="FILE|keyring:NAME", help="Refuse a run that is not as it was sealed with this key.")
@click.option("--simulate", is_flag=True, help="Write no scripts: say what would be left once they have run.")
@_LANGUAGE
def fix(run: Path, out: Path | None, seal_key: str | None, simulate: bool, language: str) -> int:
    """From a run folder, one script for each person who has to act, each with its undo, and a README. Runs nothing.

    RUN is a run folder, or a folder of such, of which the newest is taken.
    """
    from runner.commands import fix as command

    chosen = _newest(run, language)
    if simulate:
        return command.simulate(chosen, language, seal_key)
    return command.fix(chosen, out, language, seal_key)


@cli.command()
@click.argument("run", type=_PATH, shell_complete=_runs)
@_format(*FORMS)
@click.option("-o", "--output", type=_PATH, help="A new file instead of standard output; never written over.")
@click.option("--redact", metavar="KEYFILE", type=_PATH, help="Replace names by tokens; this new file tells which.")
@_LANGUAGE
def report(run: Path, form: str, output: Path | None, redact: Path | None, language: str) -> int:
    """Show a run again, in another form or language. RUN is a run folder, a folder of such, of which the newest is taken, or a result
    file.

    Forms: text (as on the console), html, pdf (printed by Chromium, Chrome or Edge), json, markdown (for a ticket), csv (opens safely in a
    spreadsheet), junit, sarif, nagios (one line, and the exit code is the state of a plugin: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN),
    checkmk (the line of a local check).
    """
    from runner.commands.report import report as run_report

    return run_report(_newest(run, language), form, output, language, redact)


@cli.command()
@click.argument("old", type=_PATH, shell_complete=_runs)
@click.argument("new", type=_PATH, shell_complete=_runs)
@_format("text", "json")
@_LANGUAGE
def diff(old: Path, new: Path, form: str, language: str) -> int:
    """What changed from one run to another: new failures, fixed, still failing, other evidence, accepted since.

    OLD and NEW are run folders or result files. Exit codes: 0 no new failure, 7 new failures; 4 none, but something is not known that
    was.
    """
    from runner.commands.diff import diff as run

    return run(old, new, form, language)


@cli.command()
@click.argument("folder", metavar="[FOLDER]", type=_PATH, default="preflight-runs")
@click.option("-o", "--output", type=_PATH, help="The page (default: FOLDER/index.html); an earlier one is replaced.")
@_LANGUAGE
def index(folder: Path, output: Path | None, language: str) -> int:
    """One page over the runs in a folder: what was judged when, what still counts, and where each report lies.

    FOLDER holds run folders (default: preflight-runs).
    """
    from runner.commands.index import index as run

    return run(folder, output, language)


@cli.command()
@_PLAN
@click.option("--snapshot", type=_PATH, help="Take the hosts' facts from here instead of visiting them first.")
@click.option("--interval", type=click.FloatRange(min=0.1), default=15.0, show_default=True, help="Seconds between two looks.")
@click.option("--timeout", type=click.FloatRange(min=0), default=900.0, show_default=True, help="Seconds for the controllers to agree.")
@click.option("--no-tickets", is_flag=True, help="Do not wait for what the source remembers once the controllers agree.")
@_with(*_HOST_OPTIONS, _format("text", "json"), _QUIET, _DETAILS, _NO_COLOR, _LANGUAGE)
def wait(plan: Path, snapshot: Path | None, interval: float, timeout: float, no_tickets: bool, **given: Any) -> int:
    """After a fix: look at the domain controllers until the delegation is effective.

    Exit codes: 0 effective, 3 the time is up and it is not, 4 it could not be read, 130 interrupted.
    """
    from runner.commands.wait import wait as run

    return run(plan, snapshot, _options(given), interval_s=interval, timeout_s=timeout, tickets=not no_tickets)


@cli.command()
@click.argument("plan", metavar="[PLAN]", type=_PATH, required=False)
@_format("text", "json")
@_LANGUAGE
def config(plan: Path | None, form: str, language: str) -> int:
    """What is in force for a plan, and which file, line or variable says it.

    An option counts before a variable, then the plan, hvpreflight.toml beside it, the user's hvpreflight.toml, what is built in.
    """
    from runner.commands.config import config as run

    return run(plan, form, language)


@cli.command()
@click.argument("user", metavar="USER")
@_LANGUAGE
def login(user: str, language: str) -> int:
    """Store the password of an account in the keyring of this system.

    It is asked for, or taken from HVPREFLIGHT_PASSWORD. Commands with --user look for a password in HVPREFLIGHT_PASSWORD, then in the
    keyring, then ask; with --ask-password they ask at once.
    """
    from runner.commands.login import login as run

    return run(user, language)


@cli.command()
@click.argument("user", metavar="USER")
@_LANGUAGE
def logout(user: str, language: str) -> int:
    """Remove the password of an account from the keyring."""
    from runner.commands.login import logout as run

    return run(user, language)


@cli.command()
@click.option("-o", "--out", type=_PATH, required=True, help="The new folder; never written over.")
@click.option(
    "--allow",
    multiple=True,
    metavar="DOMAIN\\NAME",
    help="Who may connect, account or group; repeatable (default: Remote Management Users).",
)
@click.option("--administrator", is_flag=True, help="Let the session be an administrator, which also reads what nobody else may.")
@_LANGUAGE
def jea(out: Path, allow: tuple[str, ...], administrator: bool, language: str) -> int:
    """A session configuration (JEA) in which one can read hosts and do nothing else: a module, the configuration, a README.

    Registers nothing. A host that has it is read with configuration_name = hvpreflight in the plan, by accounts without any other right
    on it.
    """
    from runner.commands.jea import jea as run

    return run(out, allow, language, administrator=administrator)


@cli.command()
@click.option("-o", "--out", type=_PATH, required=True, help="The new folder; never written over.")
@_LANGUAGE
def module(out: Path, language: str) -> int:
    """A PowerShell module with Test-HvMigration and Get-HvMigrationFinding, which make objects of runs and findings.

    For Windows PowerShell 5.1 and PowerShell 7. It starts this program, which has to be on the path, or is named by -Program.
    """
    from runner.commands.module import module as run

    return run(out, language)


@cli.command()
@click.argument("name", type=click.Choice(["plan", "configuration", "waivers", "policy", "snapshot", "result"]))
def schema(name: str) -> int:
    """The JSON Schema of a plan, a configuration, a file of waivers, a policy, a snapshot or a result."""
    from runner import say
    from runner.commands.schema import schema as made

    say.json(made(name))
    return GO


@cli.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> int:
    """What a shell has to read so that it completes commands, options and the ids of checks.

    In ~/.bashrc: source <(hvpreflight completion bash). For zsh the same in ~/.zshrc, below compinit. For fish:
    hvpreflight completion fish | source. In the profile of PowerShell: hvpreflight completion powershell | Out-String | Invoke-Expression.
    """
    from runner import say
    from runner.completion import script

    say.out(script(shell).rstrip())
    return GO


def _newest(path: Path, language: str) -> Path:
    """The run that is meant, which is said where it was chosen."""
    from runner.files.result import run_of

    chosen = run_of(path)
    if chosen != path:
        from reports.escape import visible

        _to_standard_error(visible(_say("The newest run there: {run}", language, run=str(chosen))))
    return chosen


def _options(given: dict[str, Any]) -> Options:
    from runner.options import Options

    return Options(**given, said=_said(given))


def _said(names: Iterable[str]) -> frozenset[str]:
    """Which of these the command line says, or a variable."""
    source = click.get_current_context().get_parameter_source
    said = {name for name in names if source(name) is ParameterSource.COMMANDLINE}
    return frozenset(said | {"language"} if os.environ.get(LANGUAGE) in LANGUAGES else said)


def main(arguments: list[str] | None = None) -> None:
    """The entry point: runs a command and exits with its code. Errors of use are one clear message each, never a traceback."""
    _have_streams()
    password()
    words = sys.argv[1:] if arguments is None else arguments
    language = _language(words)
    if COMPLETE in os.environ:
        from runner.completion import register

        register()
    try:
        if language != LANGUAGES[0]:
            _speak(language)
        defaults = {"language": language} | {name: {"language": language} for name in cli.commands}
        code = cli.main(arguments, prog_name=PROGRAM, standalone_mode=False, default_map=defaults)
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.ClickException as error:
        code = _misused(error)
    except _ReaderGone:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = UNWRITTEN
    except OSError as error:
        if error.filename is not None or error.errno not in FULL:
            code = _failed(error, language, "-v" in words or "--verbose" in words)
        else:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            _to_standard_error(_say("Standard output takes no more: {problem}", language, problem=str(error.strerror)))
            code = UNWRITTEN
    except (click.Abort, KeyboardInterrupt):
        _to_standard_error(_say("Interrupted.", language))
        code = INTERRUPTED
    except Exception as error:
        code = _failed(error, language, "-v" in words or "--verbose" in words)
    sys.exit(code or GO)


def _have_streams() -> None:
    """Somebody may have closed standard output or another stream: what is said there goes nowhere, and no file of ours takes its place."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("r" if name == "stdin" else "w", encoding="utf-8"))  # noqa: SIM115


def _language(words: Sequence[str]) -> str:
    """The language that is asked for on the command line, wherever it stands there, in the environment or in a configuration file: known
    before anything is parsed, because what does not parse is said in it too."""
    named = [after for word, after in pairwise(words) if word == "--language"]
    named += [word.removeprefix("--language=") for word in words if word.startswith("--language=")]
    asked = named[-1] if named else os.environ.get(LANGUAGE)
    if not asked:
        asked = configured_language(words)
    return asked if asked in LANGUAGES else LANGUAGES[0]


def _speak(language: str) -> None:
    from reports.language import Language
    from runner.spoken import speak

    speak(cli, Language(language).say)


def _say(template: str, language: str, **values: str) -> str:
    from reports.language import Language

    return Language(language).say(template, **values)


def _to_standard_error(text: str) -> None:
    from runner import say

    say.err(text)


def _misused(error: click.ClickException) -> int:
    """Say what is wrong on the command line."""
    said = StringIO()
    error.show(said)
    _to_standard_error(said.getvalue().rstrip())
    return USAGE


def _failed(error: Exception, language: str, verbose: bool) -> int:
    """Say what went wrong. What the user can mend is code 2; the rest is our bug, code 1."""
    from checks.mistake import Mistake

    if isinstance(error, Mistake):
        from reports.escape import visible
        from reports.language import Language

        _to_standard_error("\n".join(visible(Language(language).show(sentence)) for sentence in error.sentences))
        return error.exit_code
    what = f"{type(error).__name__}: {error}"
    _to_standard_error(_say("hvpreflight has failed, and this is its own error, please report it: {error}", language, error=what))
    if verbose:
        import traceback

        _to_standard_error("".join(traceback.format_exception(error)))
    return BUG
