Set-Unheard -Of 1                                                        # command
Get-Date -Unheard 1                                                      # command
gci                                                                      # alias
& $a                                                                     # dynamic
Invoke-Expression -Command $a                                            # generated code
$a = [scriptblock]::Create($b)                                           # generated code
$a = ConvertTo-Json -InputObject $b                                      # json
$a = $b | ConvertTo-Json -Depth 4                                        # json
$a = Get-Service -ErrorAction SilentlyContinue                           # swallowed
$ErrorActionPreference = 'SilentlyContinue'                              # swallowed
try { $a = 1 } catch { }                                                 # swallowed
$a = $b.Status -eq 'Operating normally'                                  # localized
$a = $b.Message -match 'denied'                                          # localized
$a = $c | Where-Object { 'Running' -ne $_.StatusDescriptions }           # localized
$a = Get-Service -DisplayName 'Windows Time'                             # localized
