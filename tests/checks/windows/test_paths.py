from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.windows.names import HostName
from checks.windows.paths import absolute, on_drive, server_of, share_of


@pytest.mark.parametrize(
    ("path", "share"),
    [
        ("\\\\fs01\\v", "v"),
        ("//fs01/v", "v"),
        ("\\/FS01/v\\LMTest\\a.vhdx", "v"),
        ("\\\\?\\UNC\\fs01\\v$\\LMTest", "v$"),
        ("\\\\?\\unc\\fs01\\v", "v"),
        ("//?/UNC/fs01/v", "v"),
        ("\\\\.\\UNC\\fs01\\v", "v"),
        ("\\\\fs01", ""),
    ],
)
def test_a_path_on_a_share_names_its_server_however_it_is_written(path: str, share: str) -> None:
    assert server_of(path) == HostName("fs01")
    assert share_of(path) == share


@pytest.mark.parametrize(
    "path",
    [
        "D:\\VMs\\a.vhdx",
        "D:/VMs",
        "/VMs",
        "\\\\?\\D:\\a.vhdx",
        "//?/D:/a",
        "\\\\.\\PHYSICALDRIVE3",
        "\\\\?\\Volume{1}\\a",
        "\\\\?\\UNCLE\\a",
        "",
    ],
)
def test_other_paths_are_of_the_host_itself(path: str) -> None:
    assert server_of(path) is None
    assert share_of(path) == ""


@given(st.text())
def test_any_text_is_a_path_on_a_share_or_not(path: str) -> None:
    assert (server_of(path) is not None) <= path.replace("/", "\\").startswith("\\\\")


@pytest.mark.parametrize(
    "path",
    ["D:\\VMs\\.a", "d:/vms/.A", "D:\\\\VMs\\.a\\", "D:\\x\\..\\VMs\\.\\.a", "D:\\..\\VMs\\.a", "\\\\?\\D:\\VMs\\.a", "//./d:/VMs//.a"],
)
def test_a_place_on_a_drive_is_one_however_it_is_written(path: str) -> None:
    assert on_drive(path) == "d:\\vms\\.a"


@pytest.mark.parametrize(
    "path", ["", "D:", "D:VMs", "VMs\\a", "\\VMs", "1:\\a", "é:\\a", "\\\\fs01\\D:\\a", "\\\\?\\UNC\\fs01\\v", "\\\\?\\Volume{1}\\a"]
)
def test_what_names_no_drive_has_no_place_there(path: str) -> None:
    assert on_drive(path) is None


def test_a_place_keeps_its_letters_where_they_are_shown() -> None:
    assert absolute("D:/VMs/x/../A.vhdx") == "D:\\VMs\\A.vhdx"
    assert absolute("D:\\VMs\\A.vhdx ") == "D:\\VMs\\A.vhdx "
