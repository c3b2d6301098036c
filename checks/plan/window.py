"""The facts are still those of the change window."""

from __future__ import annotations

from datetime import timedelta

from checks.check import Evidence, Finding, Scope, Severity, check, fails, passes, skips
from checks.remedy import OPERATOR, Remedy
from checks.subject import PlanSubject
from checks.text import minute, text


@check(
    scope=Scope.PLAN,
    severity=Severity.RISK,
    title="The facts are still valid in the change window",
    facts=(),
)
def window(subject: PlanSubject) -> Finding:
    planned = subject.plan.change.window
    if planned is None:
        return skips("The plan names no change window")
    collected = subject.world.snapshot.collected
    until = subject.world.valid_until
    shown = (
        Evidence.of("begin of the change window", minute(planned.start), source=text("plan")),
        Evidence.of("end of the change window", minute(planned.end), minute(until), source=text("plan")),
        Evidence.of("time of the facts", minute(collected.start), source=text("snapshot")),
    )
    times = {"start": minute(planned.start), "end": minute(planned.end), "until": minute(until)}
    if planned.end < collected.start:
        return fails(text("The change window was over at {end}, before the facts were read", end=times["end"]), *shown, remedy=_another())
    if planned.start > until:
        return fails(
            text("The facts are valid until {until}, and the change window begins at {start}: this is a rehearsal", **times),
            *shown,
            remedy=_again(times["start"], until - collected.start),
        )
    if planned.end > until:
        return fails(
            text("The facts are valid until {until}, and the change window ends at {end}: a move begun later rests on none", **times),
            *shown,
            severity=Severity.ADVICE,
            remedy=_again(times["end"], until - collected.start),
        )
    return passes("The facts are valid until {until}, beyond the end of the change window at {end}", *shown, **times)


def _again(before: str, validity: timedelta) -> Remedy:
    hours = round(validity / timedelta(hours=1))
    return Remedy(text("Collect and check again within the {hours} hours before {before}", hours=hours, before=before), OPERATOR)


def _another() -> Remedy:
    return Remedy(text("Give the change a window that is to come, and check again"), OPERATOR)
