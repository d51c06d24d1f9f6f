# Placed by `pipguard enable`, removed by `pipguard disable`.
# Puts our shims first on PATH, after taking out those of every other activation (see activate.sh).
# On Windows conda takes the folders from the prefix to its `bin` out of PATH as one block: there the
# shims go into that block, before `Scripts`, which has pip.
if ($Env:CONDA_PREFIX) {
    & {
        $slash = [System.IO.Path]::DirectorySeparatorChar
        $between = [System.IO.Path]::PathSeparator
        $guard = ($Env:CONDA_PREFIX, 'libexec', 'pipguard') -join $slash
        $shims = ($guard, 'shims') -join $slash
        $entries = @()
        foreach ($entry in @($Env:PATH -split $between)) {
            if ($entry -match '[/\\]libexec[/\\]pipguard[/\\]shims$') { continue }
            if ($entry -eq "$Env:CONDA_PREFIX\Scripts") { $entries += $shims }
            $entries += $entry
        }
        if ($entries -notcontains $shims) { $entries = @($shims) + $entries }
        $Env:PATH = $entries -join $between

        $sentinel = ($shims, '.pipguard-shim') -join $slash
        if (Test-Path -LiteralPath $sentinel) {
            $told = @(Get-Content -LiteralPath $sentinel -Encoding UTF8 -TotalCount 2)
            $record = ($Env:CONDA_PREFIX, 'conda-meta', 'pipguard', 'guard.json') -join $slash
            $python = ($Env:CONDA_PREFIX, 'bin', "python$($told[1])") -join $slash
            $copied = $told[0] -ne $Env:CONDA_PREFIX -or -not (Test-Path -LiteralPath $record)
            if ($slash -eq '/') {
                if ($copied -or -not (Test-Path -LiteralPath $python)) { & '/bin/sh' "$guard/notice.sh" $Env:CONDA_PREFIX }
            } elseif ($copied) {
                [Console]::Error.WriteLine("pipguard: this environment was copied or moved; type: pipguard enable -p '$Env:CONDA_PREFIX'")
            }
        }
    }
}
