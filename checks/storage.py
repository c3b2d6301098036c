"""Where the files of a VM lie."""

from __future__ import annotations

from checks.facts import VirtualMachine


def on_smb(path: str) -> bool:
    """Is this a path on an SMB share: `\\\\server\\share`, also in the long form `\\\\?\\UNC\\server\\share`; other paths
    that begin with `\\\\?\\` or `\\\\.\\` are local devices."""
    if path.casefold().startswith("\\\\?\\unc\\"):
        return True
    return path.startswith("\\\\") and not path.startswith(("\\\\?\\", "\\\\.\\"))


def smb_paths(vm: VirtualMachine) -> tuple[str, ...]:
    """The paths of a VM that lie on SMB shares: configuration, checkpoints, paging file, disks."""
    paths = (vm.configuration_path, vm.checkpoint_path, vm.paging_path, *(disk.path for disk in vm.disks))
    return tuple(dict.fromkeys(path for path in paths if on_smb(path)))
