#!/bin/sh
# Placed by `pipguard enable`, removed by `pipguard disable`; copied as pip, pip3 and pip3.X.
# Stands before pip on PATH and decides who serves a command. Builtins only until it hands over.
name=${0##*/}

# The environment that is meant is that of the pip which would run without us: PATH may hold shims
# of an environment that is no longer active. An environment without pip is found by its python.
find_target() {
    rest=$PATH:
    while [ -n "$rest" ]; do
        folder=${rest%%:*}
        rest=${rest#*:}
        folder=${folder:-.}
        [ -e "$folder/.pipguard-shim" ] && continue
        if [ -x "$folder/$name" ] && [ -f "$folder/$name" ]; then
            [ "$folder/$name" -ef "$0" ] && continue # a stray copy of ourselves
            tool=$folder/$name
        elif [ -x "$folder/python${name#pip}" ] && [ -e "$folder/../libexec/pipguard/shims/.pipguard-shim" ]; then
            tool=$folder/pip # conda's pip has no pip3.X, and here may be none at all
        else
            continue
        fi
        prefix=$folder/..
        case $folder in /*/bin) prefix=${folder%/bin} ;; esac
        return 0
    done
    echo "$name: command not found (pipguard looked along PATH)" >&2
    exit 127
}

# A routed pip would start a second time, for the wrapper, unless it believes itself that second
# start. With --python or PIP_PYTHON it would then answer for the wrong environment.
run_tool() {
    if [ -e "$prefix/libexec/pipguard/pip-python" ] && [ -z "$elsewhere${PIP_PYTHON-}" ]; then
        export _PIP_RUNNING_IN_SUBPROCESS=1
    fi
    exec "$tool" "$@"
}

find_target
[ -e "$prefix/libexec/pipguard/shims/.pipguard-shim" ] || exec "$tool" "$@"

changes='' elsewhere=''
for word; do
    case $word in
        install | uninstall) changes=yes ;;
        --py*) elsewhere=yes ;; # pip takes any beginning of --python
    esac
done
[ -z "$changes" ] && [ -x "$tool" ] && run_tool "$@"

# shellcheck source=activate.d/handover.sh
. "$prefix/libexec/pipguard/handover.sh"
hand_over "$name" "$@"
