#!/bin/sh
# Placed by `pipguard enable`, removed by `pipguard disable`.
# What pip takes for the environment's python, because pip.conf names it: pip starts it with its own
# `__pip-runner__.py` and the arguments that were typed. So `python -m pip install` reaches pipguard.
# Variables are called pg_* for the reason told in the shim.
pg_own_prefix=${0%/libexec/pipguard/pip-python}
pg_runner=${1-}

# In a copy of an environment pip.conf still names the wrapper of the original: the environment that
# is meant is the one the runner lies in. A pip from elsewhere (user site, PYTHONPATH, pip.pyz)
# does not tell; then the python that started us must be ours.
pg_prefix=${pg_runner%/lib/*/site-packages/pip/__pip-runner__.py}
pg_foreign=''
if [ "$pg_prefix" = "$pg_runner" ] || ! [ -d "$pg_prefix/conda-meta" ]; then
    pg_prefix=$pg_own_prefix
    [ "/proc/$PPID/exe" -ef "$pg_own_prefix/bin/python" ] || pg_foreign=yes
elif [ "$pg_prefix" -ef "$pg_own_prefix" ]; then
    pg_prefix=$pg_own_prefix # pip has resolved symbolic links; say it as it was enabled
fi

pg_tool=$pg_prefix/bin/python
[ $# -eq 0 ] && exec "$pg_tool"
shift
run_tool() { exec "$pg_tool" "$pg_runner" "$@"; }

pg_changes=''
for pg_word; do
    case $pg_word in install | uninstall) pg_changes=yes ;; esac
done
[ -z "$pg_changes" ] && run_tool "$@"

if ! [ -r "$pg_prefix/libexec/pipguard/handover.sh" ]; then
    echo "pipguard: the guard of this environment is incomplete, nothing was changed;" \
        "type: pipguard enable -p '$pg_prefix'" >&2
    exit 1
fi
# shellcheck source=activate.d/handover.sh
. "$pg_prefix/libexec/pipguard/handover.sh"
[ -n "$pg_foreign" ] &&
    refuse "this pip lies outside the environment, nothing was changed; type: pipguard pip -p '$pg_prefix' $*"
hand_over "python -m pip" "$@"
