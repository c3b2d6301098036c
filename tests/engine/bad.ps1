$a = $true ? 1 : 2                                                       # syntax
$a = $null ?? 1                                                          # syntax
$a ??= 1                                                                 # syntax
$a = ${a}?.Length                                                        # syntax
Get-Date && Get-Date                                                     # syntax
Get-Date &                                                               # syntax
class Thing { }                                                          # syntax
enum Kind { One }                                                        # syntax
$a = [System.Text.StringBuilder]::new()                                  # syntax
$a = (1, 2).Where({ $_ })                                                # syntax
$a = (1, 2).ForEach({ $_ })                                              # syntax
$a = 'a'..'c'                                                            # syntax
$a = 'a' -replace 'a', { 'b' }                                           # syntax
$a = [semver]'1.0'                                                       # syntax
$a = 0b11                                                                # syntax
$a = 5u                                                                  # syntax
$a = "`e[31m"                                                            # syntax
$a = "`u{1F600}"                                                         # syntax
function Test-A { param([ArgumentCompleter({ 1 })] $B) }                 # syntax
foreach -parallel ($each in 1, 2) { $each }                              # syntax
workflow Test-B { 1 }                                                    # syntax
function Test-C { clean { 1 } }                                          # syntax
$a = ConvertFrom-Json -InputObject '{}' -AsHashtable                     # syntax
Get-Date | ForEach-Object -Parallel { 1 }                                # syntax
$a = if (                                                                # syntax
