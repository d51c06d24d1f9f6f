# Placed by `pipguard enable`, removed by `pipguard disable`.
# Puts our shims first on PATH, after taking out those of every other activation (see activate.sh).
if ($env.CONDA_PREFIX? | is-not-empty) {
    let __pipguard_shims = [$env.CONDA_PREFIX libexec pipguard shims] | path join
    $env.PATH = (
        $env.PATH | split row (char esep)
        | where $it !~ '[/\\]libexec[/\\]pipguard[/\\]shims$'
        | prepend $__pipguard_shims
    )
    let __pipguard_sentinel = [$__pipguard_shims .pipguard-shim] | path join
    if ($nu.os-info.family != windows) and ($__pipguard_sentinel | path exists) {
        let __pipguard_told = open --raw $__pipguard_sentinel | lines
        let __pipguard_python = [$env.CONDA_PREFIX bin $'python($__pipguard_told.1? | default "")'] | path join
        let __pipguard_guard = [$env.CONDA_PREFIX conda-meta pipguard guard.json] | path join
        if $__pipguard_told.0? != $env.CONDA_PREFIX or not ($__pipguard_python | path exists) or not ($__pipguard_guard | path exists) {
            try { ^/bin/sh ([$env.CONDA_PREFIX libexec pipguard notice.sh] | path join) $env.CONDA_PREFIX }
        }
    }
}
