<#
.SYNOPSIS
Makes, or takes back, the changes that stand in the data below. Written by hvpreflight; read it before you run it.

.DESCRIPTION
Windows PowerShell 3.0 and later. Every name and value stands in the data, as a literal; the code after it is the same in every script
of its kind. A change is made only where the present value is the one that was recorded; what is right already stays as it is.

-WhatIf shows what would be done and does nothing. Without -Confirm:$false each change is asked for.
Exit code: 0 everything is as it should be (or -WhatIf found nothing in the way), 1 something failed, was refused or declined.
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param()

