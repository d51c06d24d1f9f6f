# Placed by `pipguard enable`, removed by `pipguard disable`.
# Takes every shim folder out of PATH, whichever environment it is of.
$env.PATH = ($env.PATH | split row (char esep) | where $it !~ '[/\\]libexec[/\\]pipguard[/\\]shims$')
