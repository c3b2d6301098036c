"""Markdown for a ticket: the verdict, what to do and who, the moves, and what nobody looked at. Each short enough to be read there; the
rest stands in the report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from checks.result import Result
from reports import midway
from reports.asked import asked
from reports.digest import areas_of, computed, counted, instead_of, moved, reserve, still_open
from reports.escape import markdown
from reports.glance import LEFT, in_time
from reports.language import Language
from reports.obstacles import Obstacle, obstacles, rule, verdict_in_words
from reports.since import in_short
from reports.times import both
from reports.ways import in_markdown, ways
from reports.ways import in_short as ways_in_short

STEPS_TOLD = 20
MOVES_TOLD = 50


def ticket(result: Result, language: Language, now: datetime) -> str:
    """The whole text. Every name in it is shown as it is and means nothing to Markdown."""
    return "\n".join(_lines(result, language, now)) + "\n"


def _lines(result: Result, language: Language, now: datetime) -> Iterator[str]:
    say = language.say
    change = result.change.name or say("Migration without a change number")
    yield f"# {markdown(change)}"
    yield ""
    yield f"**{markdown(verdict_in_words(result, language, now))}**"
    yield ""
    yield markdown(rule(result, language))
    yield ""
    for name, value in _facts(result, language):
        yield f"* {markdown(name)}: {markdown(value)}"
    steps, told = obstacles(result), ways(result, language)
    if steps:
        named = LEFT[result.verdict]
        heading = say(named)
        yield from ("", f"## {markdown(heading)}", "")
        for number, step in enumerate(steps[:STEPS_TOLD], 1):
            yield f"{number}. {markdown(_step(step, language))}"
            yield from (
                f"   * {markdown(said)}"
                for said in instead_of(step.cause.findings if step.cause is not None else (), language, opens=not told)
            )
        if len(steps) > STEPS_TOLD:
            yield from ("", markdown(say("And {count} more; the report has all.", count=len(steps) - STEPS_TOLD)))
    if choice := ways_in_short(told, language):
        yield from ("", f"## {markdown(choice.heading)}", "")
        if choice.taken:
            yield from (markdown(say("The fixes listed above, taken together, are way {letter}.", letter=choice.taken)), "")
        yield from in_markdown(choice, language)
        yield ""
        heading = say("Opens up or costs")
        for way in told:
            if way.opens:
                yield f"* {markdown(f'{heading}: {way.letter}: {way.name}')}"
                yield from (f"  * {markdown(each)}" for each in way.opens)
    if (after := result.after) is not None:
        yield from (
            "",
            f"## {markdown(say('After these fixes: {verdict}', verdict=say(after.verdict)))}",
            "",
            markdown(". ".join(filter(None, (computed(after, language), reserve(result, language))))),
        )
        for part in still_open(result)[:STEPS_TOLD]:
            yield f"* {part.first.outcome} {part.first.severity} {markdown(f'{part.first.check}: {part.said(language)}')}"
    if result.moves:
        yield from ("", f"## {markdown(say('Moves'))}", "")
        yield f"| {' | '.join(map(markdown, (say('VM'), say('Source'), say('Target'), say('Verdict'))))} |"
        yield "|---|---|---|---|"
        for move in sorted(result.moves, key=lambda move: -move.verdict.weight)[:MOVES_TOLD]:
            yield f"| {' | '.join(map(markdown, (moved(move.vm, language), move.source, move.target, say(move.verdict))))} |"
        if len(result.moves) > MOVES_TOLD:
            yield from ("", markdown(say("And {count} more; the report has all.", count=len(result.moves) - MOVES_TOLD)))
    if lacking := asked(result, language):
        yield from ("", f"## {markdown(say('For somebody to give or look at'))}", "")
        for each in lacking:
            by = say("By: {who}.", who=each.who)
            yield f"* {markdown(f'{each.check}: {each.lacks}. {each.to_do}. {by}')}"
    if unlooked := [text for area in areas_of(result) for text in result.unlooked.get(area, ())]:
        yield from ("", f"## {markdown(say('Not looked at by this version'))}", "")
        for sentence in unlooked:
            yield f"* {markdown(say(sentence))}"


def _facts(result: Result, language: Language) -> Iterator[tuple[str, str]]:
    say, collected = language.say, result.collected
    yield say("Valid until"), both(result.valid_until, result)
    if result.change.window_start and result.change.window_end:
        yield say("Window"), f"{both(result.change.window_start, result)} – {both(result.change.window_end, result)}"
    if result.waves:
        yield say("Plan in time"), in_time(result, language)
    if stays := midway.stays(result, language):
        yield say("If a move stops midway"), stays
    yield say("Since the last run"), in_short(result, language)
    yield say("Moves"), f"{counted('move', len(result.moves), language)}, {counted('pair', len(result.pairs), language)}"
    where = say("{account}, from the computer named {machine}", account=language.collector(collected), machine=collected.on)
    yield say("Collected by"), f"{where}, {both(collected.end, result)}"
    yield say("Program"), f"{result.tool.name} {result.tool.version}, {say('rules {version}', version=result.tool.rules)}"
    yield say("Snapshot"), f"sha256 {result.snapshot_sha256}"
    counts = " + ".join(f"{outcome} {count}" for outcome, count in result.counts.items() if outcome != "planned")
    yield say("planned"), f"{result.counts.get('planned', 0)} = {counts}"


def _step(step: Obstacle, language: Language) -> str:
    say = language.say
    if step.cause is not None:
        first = step.cause.findings[0]
        remedy = first.remedy
        if remedy is None:
            return f"{step.severity}: {say(first.message.template, **first.message.values)}"
        by = say("By: {who}.", who=language.said(remedy, "who"))
        restarts = f" {language.show(remedy.restarts)}." if remedy.restarts else ""
        return f"{step.severity}: {say(remedy.template, **remedy.values)}. {by}{restarts}"
    by = say("By: {who}.", who=step.who(language))
    return f"{step.severity}: {step.how(language)}. {by}"
