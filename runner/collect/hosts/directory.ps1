# --- the domain as the host sees it ---

# Without a parameter it only looks.
function Read-secure_channel {
    $works = Test-ComputerSecureChannel
    Confirm-Any $works 'Test-ComputerSecureChannel'
    return @{ works = $works }
}

function Read-locators {
    return , [object[]]@(Get-CimInstance -ClassName Win32_NTDomain | Where-Object { $_.DomainControllerName } | ForEach-Object {
            @{
                domain     = ([string]$_.DomainName).TrimStart('\')
                controller = ([string]$_.DomainControllerName).TrimStart('\')
                address    = ([string]$_.DomainControllerAddress).TrimStart('\')
                forest     = ([string]$_.DNSForestName).TrimStart('\')
                site       = [string]$_.DcSiteName
            }
        })
}
