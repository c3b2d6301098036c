Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

function Get-Thing($Object, [string] $Name) {
    $property = $Object.PSObject.Properties[$Name]
    if ($null -eq $property) { return $null }
    return $property.Value
}

try {
    $service = @(Get-Service -Name 'vmms' | Where-Object { [int]$_.Status -eq 4 } | ForEach-Object { Get-Thing $_ 'Name' })
    $there = $null -ne (Get-Command -Name 'Get-Date' -ErrorAction SilentlyContinue)
}
catch {
    $id = [string]$_.FullyQualifiedErrorId
    if ($id -notlike 'HRESULT 0x80041010*') { throw }
}
ConvertTo-Json -Depth 4 -Compress -InputObject @{ services = [object[]]$service; there = $there; size = 4gb; flags = 0x1FL; range = 1..3 }
