"""Rights in access control lists of the directory ([MS-ADTS] 5.1.3.2)."""

from __future__ import annotations

CONTROL_ACCESS = 0x100
"""Extended rights: the one that the entry names, or all."""
GENERIC_ALL = 0x10000000

ALLOWED_TO_AUTHENTICATE = "68b1d179-0d15-4d4f-ab71-46152e79a7bc"
"""The extended right that selective authentication asks for."""
