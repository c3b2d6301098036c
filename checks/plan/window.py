"""The facts are still those of the change window, and the moves fit into it."""

from __future__ import annotations

from datetime import timedelta

from checks.check import PLAN, Evidence, Finding, Scope, Severity, asks, check, fails, passes
from checks.remedy import OPERATOR, Remedy
from checks.subject import RESTS_ON, PlanSubject
from checks.text import minute, text


@check(
    scope=Scope.PLAN,
    severity=Severity.RISK,
    title="The facts are still valid in the change window, and it is long enough",
    facts=RESTS_ON,
)
def window(subject: PlanSubject) -> Finding:
    planned = subject.plan.change.window
    if planned is None:
        return asks(
            "The plan names no change window",
            Remedy(text("Write the change window into the plan (change.window), and check again"), OPERATOR),
        )
    collected = subject.world.snapshot.collected
    until = subject.world.valid_until
    over = planned.end < collected.start
    shown: tuple[Evidence, ...] = (
        PLAN.another("begin of the change window", minute(planned.start), fits=planned.start <= until),
        PLAN.another("end of the change window", minute(planned.end), minute(until), fits=not over and planned.end <= until),
        Evidence.of("time of the facts", minute(collected.start), source=text("snapshot"), fits=not over),
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
    schedule = subject.schedule
    takes = sum(wave.least_seconds for wave in schedule.waves)
    length = planned.end - planned.start
    too_short = timedelta(seconds=takes) > length
    uncounted = sum(wave.uncounted for wave in schedule.waves)
    shown = (
        *shown,
        PLAN.another("length of the change window in seconds", int(length.total_seconds()), fits=True),
        Evidence.of(
            "what the moves take at least in seconds",
            takes,
            text("at most {seconds}", seconds=int(length.total_seconds())),
            source=text("estimate"),
            fits=not too_short,
        ),
        Evidence.of("moves that this does not count", uncounted, 0, source=text("estimate"), fits=True),
    )
    if too_short:
        return _too_short(subject, takes, uncounted, shown)
    if missing := subject.unestimated:
        raise missing
    if planned.end > until:
        return fails(
            text("The facts are valid until {until}, and the change window ends at {end}: a move begun later rests on none", **times),
            *shown,
            severity=Severity.ADVICE,
            remedy=_again(times["end"], until - collected.start),
        )
    return passes("The facts are valid until {until}, beyond the end of the change window at {end}", *shown, **times)


def _too_short(subject: PlanSubject, takes: int, uncounted: int, shown: tuple[Evidence, ...]) -> Finding:
    planned = subject.plan.change.window
    assert planned is not None
    return fails(
        text(
            "Without what compression may save, the moves take at least {takes} min in {waves} waves, not counting {uncounted} of the "
            "moves, and the change window has {length} min"
            if uncounted
            else "Without what compression may save, the moves take at least {takes} min in {waves} waves, and the change window has "
            "{length} min",
            takes=takes // 60,
            waves=len(subject.schedule.waves),
            uncounted=uncounted,
            length=int((planned.end - planned.start) / timedelta(minutes=1)),
        ),
        *shown,
        remedy=Remedy(
            text("Make the change window longer, plan fewer moves in it, or name a faster network for migrations"),
            OPERATOR,
        ),
    )


def _again(before: str, validity: timedelta) -> Remedy:
    hours = round(validity / timedelta(hours=1))
    return Remedy(text("Collect and check again within the {hours} hours before {before}", hours=hours, before=before), OPERATOR)


def _another() -> Remedy:
    return Remedy(text("Give the change a window that is to come, and check again"), OPERATOR)
