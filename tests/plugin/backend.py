"""Builds the example without any tool from elsewhere (PEP 517): a wheel is a zip file of the package and three files about it."""

from __future__ import annotations

import tomllib
import zipfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WHEEL = "Wheel-Version: 1.0\nGenerator: backend\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:  # noqa: ARG001
    project = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    stem = f"{project['name'].replace('-', '_')}-{project['version']}"
    points = project["entry-points"].items()
    about = {
        "METADATA": f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n",
        "WHEEL": WHEEL,
        "entry_points.txt": "".join(f"[{group}]\n" + "".join(f"{n} = {v}\n" for n, v in named.items()) for group, named in points),
    }
    files = [path for path in (HERE / "acme_preflight").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    with zipfile.ZipFile(Path(wheel_directory) / f"{stem}-py3-none-any.whl", "w") as wheel:
        for path in files:
            wheel.write(path, path.relative_to(HERE).as_posix())
        for name, content in about.items():
            wheel.writestr(f"{stem}.dist-info/{name}", content)
        wheel.writestr(f"{stem}.dist-info/RECORD", "".join(f"{name},,\n" for name in wheel.namelist()))
    return f"{stem}-py3-none-any.whl"
