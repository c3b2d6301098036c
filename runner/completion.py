"""Completion on the command line: what click does for bash, zsh and fish, and the same for PowerShell."""

from __future__ import annotations

import json
import os
from pathlib import Path

from click.shell_completion import CompletionItem, ShellComplete, add_completion_class, get_completion_class

MOST_RUNS = 50
"""So many runs are offered, the newest."""

_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($word, $line, $position)
    $before = @($line.CommandElements | Where-Object { $_.Extent.StartOffset -lt $position } | ForEach-Object {
        if ($_.PSObject.Properties['Value']) { [string]$_.Value } else { $_.Extent.Text }
    })
    $kept = $env:%(complete_var)s, $env:HVPREFLIGHT_WORDS, $env:HVPREFLIGHT_WORD
    try {
        $env:%(complete_var)s = 'powershell_complete'
        $env:HVPREFLIGHT_WORDS = ConvertTo-Json -Compress -InputObject $before
        $env:HVPREFLIGHT_WORD = $word
        & %(prog_name)s | ForEach-Object {
            $found = ConvertFrom-Json $_
            if ($found.type -eq 'plain') {
                $shown = if ($found.value -match '^[\\w.-]+$') { $found.value } else { "'" + ($found.value -replace "'", "''") + "'" }
                New-Object Management.Automation.CompletionResult $shown, $found.value, 'ParameterValue', $found.help
            } else {
                [Management.Automation.CompletionCompleters]::CompleteFilename($word)
            }
        }
    } finally {
        $env:%(complete_var)s, $env:HVPREFLIGHT_WORDS, $env:HVPREFLIGHT_WORD = $kept
    }
}
"""


class PowerShellComplete(ShellComplete):
    """Completion in Windows PowerShell from 5.0 on and in PowerShell 7. Words travel as JSON in variables of the environment, an answer
    is a line of JSON each: there are no rules of quoting between the two."""

    name = "powershell"
    source_template = _POWERSHELL

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one that is completed, without the program's name, and that one."""
        word = os.environ.get("HVPREFLIGHT_WORD", "")
        words = [str(each) for each in json.loads(os.environ.get("HVPREFLIGHT_WORDS", "[]"))][1:]
        return (words[:-1] if word and words else words), word

    def format_completion(self, item: CompletionItem) -> str:
        return json.dumps({"type": item.type, "value": item.value, "help": item.help or item.value})


def register() -> None:
    """Makes PowerShell one of the shells that click completes for."""
    add_completion_class(PowerShellComplete)


def script(shell: str) -> str:
    """What a shell reads so that it completes the program's commands and options."""
    from runner.cli import COMPLETE, PROGRAM, cli

    register()
    completion = get_completion_class(shell)
    assert completion is not None
    return completion(cli, {}, PROGRAM, COMPLETE).source()


def of_ids(incomplete: str) -> list[CompletionItem]:
    """The checks and areas whose ids begin so."""
    from checks.registry import all_checks

    checks = all_checks()
    areas = dict.fromkeys(check.area for check in checks)
    found = [CompletionItem(area) for area in areas] + [CompletionItem(check.id, help=check.title) for check in checks]
    return [item for item in found if item.value.startswith(incomplete.casefold())]


def of_runs(incomplete: str) -> list[CompletionItem]:
    """The run folders that begin so where `check` leaves them, the newest first; where there are none, files and folders."""
    from runner.files.folder import RUNS
    from runner.files.runs import newest

    try:
        found = [str(path) for path in newest(Path(RUNS), MOST_RUNS)]
    except OSError:
        found = []
    typed = str(Path(incomplete)) if incomplete else ""
    begun = [CompletionItem(path) for path in found if path.isprintable() and path.startswith(typed)]
    return begun or of_files(incomplete)


def of_files(incomplete: str) -> list[CompletionItem]:
    """Files and folders, which the shell itself looks for."""
    return [CompletionItem(incomplete, type="file")]
