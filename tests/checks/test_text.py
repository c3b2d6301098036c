"""How a sentence is made from its template."""

from __future__ import annotations

from checks.text import plain, text


def test_what_a_place_is_filled_with_is_never_looked_into_and_the_rest_of_the_template_stays() -> None:
    for template, values, shown in (
        ("100 % of {vm}, %s and %d", {"vm": "LMTest"}, "100 % of LMTest, %s and %d"),
        ("{vm} on {host}", {"vm": "{host} %s", "host": "a"}, "{host} %s on a"),
        ("{vm} and {vm} on {host}", {"vm": "LMTest"}, "LMTest and LMTest on {host}"),
        ("a block { of } braces {}", {"vm": "LMTest"}, "a block { of } braces {}"),
        ("", {"vm": "LMTest"}, ""),
    ):
        assert plain(text(template, **values)) == shown, template
