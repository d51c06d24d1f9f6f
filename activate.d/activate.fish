# Placed by `pipguard enable`, removed by `pipguard disable`.
# Puts our shims first on PATH, after taking out those of every other activation (see activate.sh).
if set -q CONDA_PREFIX
    set -gx PATH "$CONDA_PREFIX/libexec/pipguard/shims" (string match -v -- '*/libexec/pipguard/shims' $PATH)
    if test -r "$CONDA_PREFIX/libexec/pipguard/shims/.pipguard-shim"
        read -lL __pipguard_home __pipguard_minor <"$CONDA_PREFIX/libexec/pipguard/shims/.pipguard-shim"
        test "$__pipguard_home" = "$CONDA_PREFIX"
        and test -e "$CONDA_PREFIX/bin/python$__pipguard_minor"
        and test -e "$CONDA_PREFIX/conda-meta/pipguard/guard.json"
        or /bin/sh "$CONDA_PREFIX/libexec/pipguard/notice.sh" "$CONDA_PREFIX"
    end
end
