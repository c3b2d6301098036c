"""Firewall rules, without version, action and state, and whether each covers TCP 6600 for the migration service, or one of the ports for
which the kernel listens. The checks are held against them, and the collector's script in a real engine."""

TCP = "Dir=In|Protocol=6|"
ROWS: dict[str, bool] = {
    f"{TCP}LPort=6600|": True,
    f"{TCP}LPort=6600|App=%systemroot%\\system32\\vmms.exe|Svc=vmms|": True,
    f"{TCP}LPort=445|LPort=6600|": True,
    f"{TCP}LPort=445,6600|": True,
    f"{TCP}LPort2_10=6000-7000|": True,
    f"{TCP}LPort=80|LPort2_10=6600-6600|": True,
    "dir=in|protocol=6|lport=6600|": True,
    "Dir=In|LPort=6600|": True,
    f"{TCP}LPort2_10=6000-6599|": False,
    f"{TCP}LPort2_10=6601-7000|": False,
    f"{TCP}LPort=445|": False,
    f"{TCP}LPort=RPC|": False,
    f"{TCP}LPort=RPC-EPMap|": False,
    f"{TCP}LPort=66000|": False,
    f"{TCP}LPort=99999999999999999999|": False,
    f"{TCP}LPort=-6600|": False,
    f"{TCP}LPort2_20=IPHTTPSIn|": False,
    "Dir=Out|Protocol=6|LPort=6600|": False,
    "Dir=In|Protocol=17|LPort=6600|": False,
    "Dir=In|Protocol=17|": False,
    TCP: True,
    "Dir=In|": True,
    f"{TCP}RPort=6600|": True,
    f"{TCP}App=C:\\Windows\\System32\\VMMS.EXE|": True,
    f"{TCP}Svc=*|": True,
    f"{TCP}App=C:\\Tools\\agent.exe|": False,
    f"{TCP}App=C:\\Windows\\System32\\svchost.exe|Svc=winmgmt|": False,
    "Dir=In|AppPkgId=S-1-15-2-1|LUOwn=S-1-5-21-1-2-3-1001|": False,
}

KERNEL: dict[str, int | None] = {
    f"{TCP}LPort=445|App=System|": 445,
    f"{TCP}LPort=5985|App=System|": 5985,
    f"{TCP}LPort2_10=5986-5990|": 5986,
    f"{TCP}LPort=139|App=System|": None,
    f"{TCP}App=System|": 445,
    f"{TCP}App=System|Svc=winmgmt|": None,
    "Dir=Out|Protocol=6|LPort=445|App=System|": None,
    "Dir=In|Protocol=17|LPort=445|App=System|": None,
}
"""Which port each covers, or one of those."""
