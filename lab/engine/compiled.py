"""The stand-in's .NET types, compiled once and kept: compiling them takes longer than everything else that an engine does at its start."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
SOURCES = (_HERE / "windows" / "types.cs", _HERE / "changing" / "person.cs", _HERE / "changing" / "types.cs")
_COMPILE_S = 120


@cache
def types(pwsh: Path) -> tuple[Path, ...]:
    """What Add-Type loads in this engine: the assembly, kept where Python keeps what it compiles; the sources where nothing can be."""
    program = pwsh.resolve()
    made_of = [*(source.read_bytes() for source in SOURCES), f"{program} {program.stat().st_mtime_ns}".encode()]
    assembly = _HERE / "__pycache__" / f"types-{hashlib.sha256(b'|'.join(made_of)).hexdigest()[:16]}.dll"
    if not assembly.exists():
        try:
            _compile(pwsh, assembly)
        except (OSError, subprocess.SubprocessError):
            return SOURCES
    return (assembly,)


def _compile(pwsh: Path, assembly: Path) -> None:
    """Whoever compiles at the same time makes the same, and the last one's is kept."""
    assembly.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=assembly.parent, prefix="types-") as folder:
        made = Path(folder) / assembly.name
        command = f"$ErrorActionPreference = 'Stop'; Add-Type -Path {quoted(*SOURCES)} -OutputAssembly {quoted(made)}"
        subprocess.run(
            [str(pwsh), "-NoProfile", "-NonInteractive", "-Command", command], check=True, capture_output=True, timeout=_COMPILE_S
        )
        made.replace(assembly)


def quoted(*paths: Path) -> str:
    """Paths as PowerShell's literal strings."""
    return ", ".join("'{}'".format(str(path).replace("'", "''")) for path in paths)
