"""The catalogue on the console."""

from __future__ import annotations

from checks.registry import all_checks
from reports.check_list import lines
from reports.language import Language


def test_who_reads_the_catalogue_sees_with_which_severity_a_check_counts_where_it_is_not_known() -> None:
    told = {words[0]: words for line in lines(all_checks(), Language()) if (words := line.split())}
    for check in all_checks():
        severities = {check.severity.value, check.highest.value}
        assert set(told[check.id][2].split("–")) == severities
