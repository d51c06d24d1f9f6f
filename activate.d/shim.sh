#!/bin/sh
# Placed by `pipguard enable`, removed by `pipguard disable`; copied as pip, pip3 and pip3.X.
# Stands before pip on PATH and decides who serves a command. Builtins only until it hands over.
# Variables are called pg_* because a person may have exported any other name: assigning to that one
# would change what the real pip and its children see.
pg_name=${0##*/} pg_own=${0%/*}

# The environment that is meant is that of the pip which would run without us: PATH may hold shims
# of an environment that is no longer active. An environment without pip is found by its python.
# Who names our file while our folder is not on PATH, as `sudo "$(which pip)"` does, means our own.
find_target() {
    pg_rest=$PATH:
    case :$PATH: in
        *:"$pg_own":* | *:"$pg_own/":*) ;;
        *) pg_rest=${pg_own%/libexec/pipguard/shims}/bin:$pg_rest ;;
    esac
    while [ -n "$pg_rest" ]; do
        pg_folder=${pg_rest%%:*}
        pg_rest=${pg_rest#*:}
        pg_folder=${pg_folder:-.}
        [ -e "$pg_folder/.pipguard-shim" ] && continue
        if [ -x "$pg_folder/$pg_name" ] && [ -f "$pg_folder/$pg_name" ]; then
            [ "$pg_folder/$pg_name" -ef "$0" ] && continue # a stray copy of ourselves
            pg_tool=$pg_folder/$pg_name
        elif [ -x "$pg_folder/python${pg_name#pip}" ] &&
            [ -e "$pg_folder/../libexec/pipguard/shims/.pipguard-shim" ]; then
            pg_tool=$pg_folder/pip # conda's pip has no pip3.X, and here may be none at all
        else
            continue
        fi
        pg_prefix=$pg_folder/..
        case $pg_folder in /*/bin) pg_prefix=${pg_folder%/bin} ;; esac
        return 0
    done
    echo "$pg_name: command not found (pipguard looked along PATH)" >&2
    exit 127
}

# A routed pip would start a second time, for the wrapper, unless it believes itself that second
# start. With --python or PIP_PYTHON it would then answer for the wrong environment.
run_tool() {
    if [ -e "$pg_prefix/libexec/pipguard/pip-python" ] && [ -z "$pg_elsewhere${PIP_PYTHON-}" ]; then
        export _PIP_RUNNING_IN_SUBPROCESS=1
    fi
    is_copied && exec "$pg_prefix/bin/python" -m pip "$@"
    exec "$pg_tool" "$@"
}

# In a copy the first line of pip's file still names the python of the original.
is_copied() {
    read -r pg_home <"$pg_prefix/libexec/pipguard/shims/.pipguard-shim"
    [ "$pg_home" != "$pg_prefix" ] && ! [ "$pg_home" -ef "$pg_prefix" ]
}

find_target
[ -e "$pg_prefix/libexec/pipguard/shims/.pipguard-shim" ] || exec "$pg_tool" "$@"

pg_changes='' pg_elsewhere=''
for pg_word; do
    case $pg_word in
        install | uninstall) pg_changes=yes ;;
        --py*) pg_elsewhere=yes ;; # pip takes any beginning of --python
    esac
done
[ -z "$pg_changes" ] && [ -x "$pg_tool" ] && run_tool "$@"

if ! [ -r "$pg_prefix/libexec/pipguard/handover.sh" ]; then
    echo "pipguard: the guard of this environment is incomplete, nothing was changed;" \
        "type: pipguard enable -p '$pg_prefix'" >&2
    exit 1
fi
# shellcheck source=activate.d/handover.sh
. "$pg_prefix/libexec/pipguard/handover.sh"
hand_over "$pg_name" "$@"
