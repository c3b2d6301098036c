"""The command line. Imports nothing that a command does not need, so that help and version come at once."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from runner.version import VERSION

if TYPE_CHECKING:
    from runner.run import Options

F = TypeVar("F", bound=Callable[..., Any])

GO, BUG, USAGE, INTERRUPTED = 0, 1, 2, 130

_PLAN = click.argument("plan", type=click.Path(path_type=Path))
_HOST_OPTIONS = (
    click.option("--user", metavar="NAME", help="Collect with this account instead of the current logon; its password is asked for."),
    click.option("--ask-password", is_flag=True, help="Ask for the password even where the keyring or HVPREFLIGHT_PASSWORD has one."),
    click.option("--auth", type=click.Choice(["negotiate", "kerberos", "ntlm", "credssp", "certificate", "basic"]), help="Over the plan."),
    click.option("--concurrency", type=click.IntRange(1, 256), default=32, show_default=True, help="Hosts visited at the same time."),
    click.option("--host-deadline", type=click.FloatRange(min=1), default=90.0, show_default=True, help="Seconds for one host."),
    click.option("--deadline", type=click.FloatRange(min=1), default=600.0, show_default=True, help="Seconds for the whole run."),
)
_SHOW_OPTIONS = (
    click.option("--only", multiple=True, metavar="ID|AREA", help="Judge only these; every other check counts as UNKNOWN."),
    click.option("--skip", multiple=True, metavar="ID|AREA", help="Leave these out; they count as UNKNOWN."),
    click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="What standard output gets."),
    click.option("--quiet", "-q", is_flag=True, help="Failures and the verdict only."),
    click.option("--verbose", "-v", is_flag=True, help="Every finding, and details of errors."),
    click.option("--no-color", is_flag=True, help="No colour (NO_COLOR is honoured too)."),
)


def _with(*options: Callable[[F], F]) -> Callable[[F], F]:
    def add(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return add


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(VERSION, prog_name="hvpreflight")
def cli() -> None:
    """Will this Hyper-V move work, what stands in its way, who must fix it, and how is the fix undone?

    Looks at hosts that are not in a failover cluster, before a VM is moved between them. Changes nothing.

    Exit codes: 0 GO, 3 NO-GO, 4 INCOMPLETE, 5 GO WITH CONDITIONS; 2 wrong usage or unreadable plan, 1 our own error, 130 interrupted.
    """


@cli.command()
@_PLAN
@click.option("--snapshot", type=click.Path(path_type=Path), help="Judge these facts instead of visiting the hosts.")
@click.option("--out", type=click.Path(path_type=Path), help="The run folder (default: preflight-runs/TIME-CHANGE).")
@_with(*_HOST_OPTIONS, *_SHOW_OPTIONS)
def check(plan: Path, snapshot: Path | None, out: Path | None, **given: Any) -> int:
    """Collect, judge, write one run folder, print the report; the exit code is the verdict."""
    from runner.run import check as run

    return run(plan, snapshot, out, _options(given))


@cli.command()
@_PLAN
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The snapshot file; never written over.")
@_with(*_HOST_OPTIONS, click.option("--verbose", "-v", is_flag=True, help="Details of errors."))
def collect(plan: Path, output: Path, **given: Any) -> int:
    """Only collect: write a snapshot that `check --snapshot` judges later, anywhere."""
    from runner.run import collect as run

    return run(plan, output, _options(given))


@cli.command()
@click.option("--scenario", default="articles", show_default=True, metavar="NAME", help="Which forest to run against.")
@click.option("--out", type=click.Path(path_type=Path), help="The run folder.")
@click.option("--list", "listing", is_flag=True, help="Show the scenarios.")
@click.option("--serve", is_flag=True, help="Leave the lab running and print how to reach it.")
@_with(*_SHOW_OPTIONS)
def demo(scenario: str, out: Path | None, listing: bool, serve: bool, **given: Any) -> int:
    """Start a small forest on loopback and run `check` against it, over the real protocols."""
    from runner import demo as runner

    if listing:
        return runner.show_scenarios()
    return runner.serve(scenario) if serve else runner.run(scenario, out, _options(given))


@cli.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def checks(form: str) -> int:
    """The catalogue: every check with its title, scope, severity, facts and codes."""
    from runner.catalogue import show

    return show(form)


@cli.command()
@click.argument("name", type=click.Choice(["plan", "snapshot", "result"]))
def schema(name: str) -> int:
    """The JSON Schema of a plan, a snapshot or a result."""
    from runner.schemas import schema as made

    click.echo(made(name))
    return GO


def _options(given: dict[str, Any]) -> Options:
    from runner.run import Options

    return Options(**given)


def main(arguments: list[str] | None = None) -> None:
    """The entry point: runs a command and exits with its code. Errors of use are one clear message each, never a traceback."""
    try:
        code = cli.main(arguments, prog_name="hvpreflight", standalone_mode=False)
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    except click.ClickException as error:
        error.show()
        code = USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        code = INTERRUPTED
    except Exception as error:
        code = _failed(error, "-v" in sys.argv or "--verbose" in sys.argv)
    sys.exit(code or GO)


def _failed(error: Exception, verbose: bool) -> int:
    """Say what went wrong. What the user can mend is code 2; the rest is our bug, code 1."""
    from checks.registry import RegistryError
    from runner.collect.credentials import CredentialsError
    from runner.planfile import PlanError
    from runner.run import UsageError
    from runner.runfolder import FolderError
    from runner.snapshotfile import SnapshotError

    if isinstance(error, PlanError | SnapshotError | FolderError | UsageError | CredentialsError | RegistryError):
        click.echo(str(error), err=True)
        return USAGE
    click.echo(f"hvpreflight has failed, and this is its own error, please report it: {type(error).__name__}: {error}", err=True)
    if verbose:
        import traceback

        click.echo("".join(traceback.format_exception(error)), err=True)
    return BUG


if __name__ == "__main__":
    main()
