"""Writes plain data as TOML 1.0."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time
from typing import Any

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def dumps(data: dict[str, Any]) -> str:
    """TOML of a table. Raises TypeError for what TOML cannot hold (null among it)."""
    return "".join(_table(data, ()))


def _table(table: dict[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    tables = {key: value for key, value in table.items() if isinstance(value, dict) or _is_rows(value)}
    yield from (f"{_key(key)} = {_value(value)}\n" for key, value in table.items() if key not in tables)
    for key, value in tables.items():
        name = (*path, key)
        header = ".".join(_key(part) for part in name)
        if isinstance(value, dict):
            yield f"\n[{header}]\n"
            yield from _table(value, name)
        else:
            for row in value:
                yield f"\n[[{header}]]\n"
                yield from _table(row, name)


def _is_rows(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(row, dict) for row in value)


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else string(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return string(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_key(key)} = {_value(item)}' for key, item in value.items())}}}"
    raise TypeError(f"TOML holds no {type(value).__name__}")


def string(text: str) -> str:
    """A basic string on one line, with what has no glyph of its own written as its number."""
    return f'"{"".join(map(_character, text))}"'


def _character(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
