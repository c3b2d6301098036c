@{
    Severity     = @('Error', 'Warning', 'Information')

    # PSUseSingularNouns: the nouns of the Read- functions are the names of the facts.
    # PSUseBOMForUnicodeEncodedFile: the scripts are ASCII.
    ExcludeRules = @('PSUseSingularNouns', 'PSUseBOMForUnicodeEncodedFile')

    Rules        = @{
        PSUseCompatibleSyntax = @{
            Enable         = $true
            TargetVersions = @('3.0', '4.0', '5.1')
        }
        PSUseConsistentIndentation = @{
            Enable          = $true
            IndentationSize = 4
            Kind            = 'space'
        }
        PSAvoidUsingCmdletAliases = @{
            Enable = $true
        }
        PSAvoidUsingInvokeExpression = @{
            Enable = $true
        }
    }
}
