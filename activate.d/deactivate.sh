# Placed by `pipguard enable`, removed by `pipguard disable`. Sourced by bash, zsh, dash and ksh.
# Takes every shim folder out of PATH, whichever environment it is of. Builtins only, safe under -eu.
# shellcheck shell=sh
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
PATH=${__pipguard_path%:}
unset __pipguard_path __pipguard_rest
