#!/bin/sh
# Placed by `pipguard enable`, removed by `pipguard disable`.
# What pip takes for the environment's python, because pip.conf names it: pip starts it with its own
# `__pip-runner__.py` and the arguments that were typed. So `python -m pip install` reaches pipguard.
own_prefix=${0%/libexec/pipguard/pip-python}
runner=${1-}

# In a copy of an environment pip.conf still names the wrapper of the original: the environment that
# is meant is the one the runner lies in. A pip from elsewhere (user site, PYTHONPATH, pip.pyz)
# does not tell; then the python that started us must be ours.
prefix=${runner%/lib/*/site-packages/pip/__pip-runner__.py}
foreign=''
if [ "$prefix" = "$runner" ] || ! [ -d "$prefix/conda-meta" ]; then
    prefix=$own_prefix
    [ "/proc/$PPID/exe" -ef "$own_prefix/bin/python" ] || foreign=yes
elif [ "$prefix" -ef "$own_prefix" ]; then
    prefix=$own_prefix # pip has resolved symbolic links; say it as it was enabled
fi

tool=$prefix/bin/python
[ $# -eq 0 ] && exec "$tool"
shift
run_tool() { exec "$tool" "$runner" "$@"; }

changes=''
for word; do
    case $word in install | uninstall) changes=yes ;; esac
done
[ -z "$changes" ] && run_tool "$@"

if ! [ -r "$prefix/libexec/pipguard/handover.sh" ]; then
    echo "pipguard: the guard of this environment is incomplete, nothing was changed;" \
        "type: pipguard enable -p '$prefix'" >&2
    exit 1
fi
# shellcheck source=activate.d/handover.sh
. "$prefix/libexec/pipguard/handover.sh"
[ -n "$foreign" ] && refuse "this pip lies outside the environment; type: pipguard pip -p '$prefix' …"
hand_over "python -m pip" "$@"
