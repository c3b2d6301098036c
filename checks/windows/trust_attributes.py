"""Numbers of a trustedDomain object: its trustAttributes ([MS-ADTS] 6.1.6.7.9) and its trustType (6.1.6.7.15)."""

from __future__ import annotations

NON_TRANSITIVE = 0x1
UPLEVEL_ONLY = 0x2
QUARANTINED = 0x4
FOREST = 0x8
SELECTIVE = 0x10
WITHIN_FOREST = 0x20
AS_EXTERNAL = 0x40
PIM = 0x400
KNOWN_BITS = 0xFFC01FFF
"""Those that are described, two obsolete ones (0xC00000), and those that administrators may use (0xFF000000)."""

TYPE_NT = 1
TYPE_WINDOWS = 2
TYPE_REALM = 3
