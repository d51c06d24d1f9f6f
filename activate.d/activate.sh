# Placed by `pipguard enable`, removed by `pipguard disable`. Sourced by bash, zsh, dash, ksh, xonsh.
# Puts our shims first on PATH. conda computes PATH before it sources us, so that PATH may still hold
# shims of other activations: all are taken out before one goes in. Builtins only, safe under -eu.
# shellcheck shell=sh
if [ -n "${CONDA_PREFIX-}" ]; then
    __pipguard_path=:${PATH-}:
    while :; do
        case $__pipguard_path in
            *"/libexec/pipguard/shims:"*) ;;
            *) break ;;
        esac
        __pipguard_rest=${__pipguard_path#*/libexec/pipguard/shims:}
        __pipguard_path=${__pipguard_path%%/libexec/pipguard/shims:*}
        __pipguard_path=${__pipguard_path%:*}:$__pipguard_rest
    done
    __pipguard_path=${__pipguard_path#:}
    PATH=$CONDA_PREFIX/libexec/pipguard/shims:${__pipguard_path%:}
    unset __pipguard_path __pipguard_rest

    # The sentinel begins with the prefix and the minor version of python it was made for.
    if [ -r "$CONDA_PREFIX/libexec/pipguard/shims/.pipguard-shim" ]; then
        {
            read -r __pipguard_home && read -r __pipguard_minor
        } <"$CONDA_PREFIX/libexec/pipguard/shims/.pipguard-shim" || :
        [ "$__pipguard_home" = "$CONDA_PREFIX" ] &&
            [ -e "$CONDA_PREFIX/bin/python$__pipguard_minor" ] &&
            [ -e "$CONDA_PREFIX/conda-meta/pipguard/guard.json" ] ||
            /bin/sh "$CONDA_PREFIX/libexec/pipguard/notice.sh" "$CONDA_PREFIX" || :
        unset __pipguard_home __pipguard_minor
    fi
fi
