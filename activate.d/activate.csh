# Placed by `pipguard enable`, removed by `pipguard disable`.
# Puts our shims first on PATH, after taking out those of every other activation (see activate.sh).
if ($?CONDA_PREFIX) then
    set __pipguard_path = ("$CONDA_PREFIX/libexec/pipguard/shims")
    foreach __pipguard_folder ($path:q)
        if ("$__pipguard_folder" !~ */libexec/pipguard/shims) set __pipguard_path = ($__pipguard_path:q "$__pipguard_folder")
    end
    set path = ($__pipguard_path:q)
    # csh cannot read the sentinel: what it says was written in here.
    set __pipguard_home = @HOME@
    if (-e "$CONDA_PREFIX/libexec/pipguard/notice.sh") then
        if ("$__pipguard_home" != "$CONDA_PREFIX" || ! -e "$CONDA_PREFIX/bin/python@MINOR@" || ! -e "$CONDA_PREFIX/conda-meta/pipguard/guard.json") then
            /bin/sh "$CONDA_PREFIX/libexec/pipguard/notice.sh" "$CONDA_PREFIX"
        endif
    endif
    unset __pipguard_path __pipguard_folder __pipguard_home
endif
