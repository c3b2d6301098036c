"""Tells the SIDs in a PAC, the part of a ticket that lists them ([MS-PAC]). Runs with Debian's Python, which has Samba's bindings.

    python3 pac.py < PAC_IN_HEXADECIMAL

Answers [SID].
"""

import json
import sys

from samba.dcerpc import krb5pac
from samba.ndr import ndr_unpack


def main():
    pac = ndr_unpack(krb5pac.PAC_DATA, bytes.fromhex(sys.stdin.read()))
    logon = next(each.info.info for each in pac.buffers if each.type == krb5pac.PAC_TYPE_LOGON_INFO)
    account, resource = logon.info3.base, logon.resource_groups
    sids = [f"{account.domain_sid}-{rid}" for rid in (account.rid, account.primary_gid, *_rids(account.groups))]
    sids += [f"{resource.domain_sid}-{rid}" for rid in _rids(resource.groups)]
    sids += [str(each.sid) for each in logon.info3.sids or ()]
    json.dump(sids, sys.stdout)


def _rids(groups):
    return [each.rid for each in groups.rids or ()]


main()
