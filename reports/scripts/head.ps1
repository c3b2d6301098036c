<#
.SYNOPSIS
Makes, or takes back, the changes that stand in the data below. Written by hvpreflight; read it before you run it.

.DESCRIPTION
Windows PowerShell 3.0 and later. Every name, value and sentence stands in the data, as a literal; the code after it is the same in every
script of its kind. A change is made only where the present value is the one that was recorded; what is right already stays as it is.

What a script really changes it writes into a record beside itself, with time, user, place, and the value before and after. Its undo
takes back what stands in that record, and nothing else.

-WhatIf shows what would be done, and does and writes nothing. Without -Confirm:$false each change is asked for.
Exit code: 0 everything is as it should be, 1 something failed, was refused or declined, 2 only work by hand is left.
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param()

