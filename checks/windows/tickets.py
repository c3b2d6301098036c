"""How long a host goes by what a domain controller told it before.

Sources: MaxTicketAge (10 hours) and MaxClockSkew (5 minutes) are the defaults of [MS-GPSB] 2.2.2; a domain's own values stand in a group
policy and are not read. What was refused: 15 minutes, as
https://learn.microsoft.com/troubleshoot/windows-server/virtualization/troubleshoot-live-migration-issues says it.
"""

from __future__ import annotations

from datetime import timedelta

TICKET_LIFE = timedelta(hours=10)
REFUSAL_LIFE = timedelta(minutes=15)
"""How long a source remembers that a request was refused."""
CLOCK_SKEW = timedelta(minutes=5)
"""By how much two clocks may differ of which Kerberos takes one for the other."""
