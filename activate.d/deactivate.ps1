# Placed by `pipguard enable`, removed by `pipguard disable`.
# Takes every shim folder out of PATH, whichever environment it is of.
$Env:PATH = @($Env:PATH -split [System.IO.Path]::PathSeparator | Where-Object { $_ -notmatch '[/\\]libexec[/\\]pipguard[/\\]shims$' }) -join [System.IO.Path]::PathSeparator
