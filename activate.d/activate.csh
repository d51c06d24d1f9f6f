# Placed by `pipguard enable`, removed by `pipguard disable`.
# Puts our shims first on PATH, after taking out those of every other activation (see activate.sh).
if ($?CONDA_PREFIX) then
    set __pipguard_path = ("$CONDA_PREFIX/libexec/pipguard/shims")
    foreach __pipguard_folder ($path:q)
        if ("$__pipguard_folder" !~ */libexec/pipguard/shims) set __pipguard_path = ($__pipguard_path:q "$__pipguard_folder")
    end
    set path = ($__pipguard_path:q)
    unset __pipguard_path __pipguard_folder
endif
