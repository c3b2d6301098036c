"""A whole collection from a forest that runs in this process, and what the checks say of it."""

from __future__ import annotations

from checks.facts.snapshot import Snapshot
from checks.plan import Plan
from checks.result import Result
from lab.forest import Forest
from runner.collect.credentials import Credentials
from runner.collect.snapshot import gather
from runner.evaluate import evaluate
from runner.files.plan import read_plan
from runner.options import Limits, collector_of


def gathered(forest: Forest) -> tuple[Plan, Snapshot]:
    credentials = Credentials(forest.collector, forest.password)
    plan = read_plan(forest.plan_path)[0]
    return plan, gather(plan, credentials, collector_of(credentials), Limits(), lambda *_: None)


def judged(forest: Forest) -> Result:
    return evaluate(*gathered(forest), snapshot_sha256="", plan_sha256="")
