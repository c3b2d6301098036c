"""`fix`: from a run folder, the scripts for those who have to act. Reads and writes files; runs nothing and asks nobody."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec.structs import replace

from checks.facts.snapshot import Snapshot
from checks.plan import Plan
from checks.policy import Policy
from checks.registry import all_checks
from checks.result import Result
from checks.text import Text, minute, text
from checks.waiver import Waiver, WaiverState
from checks.world import World
from reports import scripts
from reports.language import Language
from runner import say
from runner.after import after
from runner.environment import color
from runner.evaluate import evaluate, rules_digest
from runner.files import result as result_file
from runner.files.compare_vm import read_reports
from runner.files.configuration import of_run
from runner.files.folder import COMPARED, POLICY, WAIVERS, write_folder
from runner.files.plan import read_plan
from runner.files.policy import read_policy
from runner.files.seal import RUN_SEAL, check
from runner.files.seal_key import SealKey, read_key
from runner.files.snapshot import content_of, decode, sha256
from runner.files.waivers import read_waivers
from runner.machines import machines
from runner.options import UsageError
from runner.system import is_there


class RunError(UsageError):
    """A run folder whose files cannot be used, or do not belong together; its sentence says which and why."""


def simulate(run: Path, language: str, seal_key: str | None = None) -> int:
    """Say what would be left once the scripts of a run have run: judged by its facts with their changes in them. Writes nothing; returns
    the exit code. Raises as `fix` does."""
    from reports.console import write_after

    result, world = read_run(run, datetime.now(UTC), read_key(seal_key) if seal_key is not None else None)
    waivers = [use.waiver for use in result.waivers if use.state is not WaiverState.EXPIRED]
    left = after(result, world.plan, world.snapshot, waivers=waivers)
    if left is None:
        say.out(Language(language).say("No script of this run changes anything: there is nothing to compute."))
        return 0
    write_after(replace(result, after=left), stream=sys.stdout, color=color(), language=Language(language))
    return 0


def fix(run: Path, out: Path | None, language: str, seal_key: str | None = None) -> int:
    """Write the scripts of a run, which speak `language`, into a new folder (default: `fix` in the run folder); returns the exit code.
    With a key only those of a run that is as it was sealed. Raises RunError and the errors of reading plans, snapshots and keys,
    FolderError."""
    now = datetime.now(UTC)
    result, world = read_run(run, now, read_key(seal_key) if seal_key is not None else None)
    words = Language(language)
    files = scripts.render(result, machines(world), words, now=now)
    if not files:
        verdict = words.say(result.verdict)
        say.out(words.say("There is nothing to fix: the verdict is {verdict}, and no blocker and no risk has failed.", verdict=verdict))
        return 0
    for path in write_folder(out or run / "fix", files):
        say.path(path)
    if result.expired(now):
        say.err(words.say("These facts were valid until {until}: check again before changing anything.", until=minute(result.valid_until)))
    if result.seal.broken:
        seal = words.say(result.seal)
        say.err(words.say("The snapshot that this run rests on: {seal}. Nobody vouches for what these scripts are made from.", seal=seal))
    say.err(words.say("Nothing was changed. README.md says who runs what, and in which order."))
    return 0


def read_run(run: Path, now: datetime, key: SealKey | None = None) -> tuple[Result, World]:
    """The result of a run folder and the facts it rests on. Raises RunError or ResultError where a file was cut, edited or exchanged:
    what is judged again from plan and facts has to be what the result says. With a key each of these files has to be as it was sealed."""
    judged, facts = result_file.content_of(run / "result.json"), content_of(run / "snapshot.json")
    plan, files = read_plan(run / "plan.toml", of_run(run).layers)
    waivers, policy, beside = _beside(run)
    reports, of_reports = read_reports([run / name for name in COMPARED if is_there(run / name)])
    sealed = check(run / RUN_SEAL, files | beside | of_reports | {"snapshot.json": facts, "result.json": judged}, key)
    if sealed.seal.broken:
        raise RunError(text("{run}: {seal}. {why}", run=str(run), seal=Text(sealed.seal), why=sealed.why))
    again = f"hvpreflight check {run / 'plan.toml'} --snapshot {run / 'snapshot.json'}"
    result = result_file.decode_judged(judged, str(run / "result.json"), rules_digest(all_checks()), again)
    snapshot = decode(facts, str(run / "snapshot.json"), now)
    if sha256(facts) != result.snapshot_sha256:
        raise RunError(
            text("{file}: this is not the snapshot that result.json rests on (its SHA-256 differs)", file=str(run / "snapshot.json"))
        )
    if sha256(b"".join(files.values())) != result.plan_sha256:
        raise RunError(text("{file}: this is not the plan that result.json rests on (its SHA-256 differs)", file=str(run / "plan.toml")))
    if waivers != tuple(use.waiver for use in result.waivers):
        raise RunError(text("{file}: these are not the waivers that result.json rests on", file=str(run / WAIVERS)))
    if policy != result.policy:
        raise RunError(text("{file}: this is not the policy that result.json rests on", file=str(run / POLICY)))
    if reports != tuple(each.report for each in result.compared):
        raise RunError(text("{run}: what it holds of Compare-VM is not what result.json rests on", run=str(run)))
    if _said(_judged(plan, snapshot, result)) != _said(result):
        raise RunError(text("{file}: its findings do not follow from its plan and snapshot; it was edited", file=str(run / "result.json")))
    return result, World(plan, snapshot, policy)


def _beside(run: Path) -> tuple[tuple[Waiver, ...], Policy, dict[str, bytes]]:
    """The waivers and the policy of a run folder, and their files by name where there are any."""
    waivers: tuple[Waiver, ...] = ()
    policy = Policy()
    files: dict[str, bytes] = {}
    if is_there(run / WAIVERS):
        waivers, files[WAIVERS] = read_waivers(run / WAIVERS, all_checks())
    if is_there(run / POLICY):
        policy, files[POLICY] = read_policy(run / POLICY, all_checks())
    return waivers, policy, files


def _judged(plan: Plan, snapshot: Snapshot, result: Result) -> Result:
    """The same facts judged again, with the same checks left out and the same failures accepted. A check that was left out says so of
    every subject; one that could not be judged for that reason alone would say it of none."""
    left_out = {finding.check for finding in result.findings if finding.left_out}
    return evaluate(
        plan,
        snapshot,
        snapshot_sha256=result.snapshot_sha256,
        plan_sha256=result.plan_sha256,
        left_out=frozenset(left_out),
        policy=result.policy,
        waivers=[use.waiver for use in result.waivers if use.state is not WaiverState.EXPIRED],
        reports=[each.report for each in result.compared],
    )


def _said(result: Result) -> bytes:
    return msgspec.json.encode(result.findings)
