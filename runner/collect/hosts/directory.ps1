# --- the domain as the host sees it ---

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
