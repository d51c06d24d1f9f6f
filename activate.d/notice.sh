#!/bin/sh
# Placed by `pipguard enable`, removed by `pipguard disable`.
# Started by activation, with the environment's prefix, where the sentinel does not look as if it was
# made for this prefix and this python. Says what to do in a copy; after an upgrade of python it has
# marker and shims placed again.
pg_prefix=$1
pg_home='' pg_minor='' pg_launcher=''
{
    read -r pg_home && read -r pg_minor && read -r pg_launcher && read -r pg_launcher
} <"$pg_prefix/libexec/pipguard/shims/.pipguard-shim"

say() { printf "pipguard: %s; type: pipguard enable -p '%s'\n" "$1" "$pg_prefix" >&2; }

if ! [ -e "$pg_prefix/conda-meta/pipguard/guard.json" ] || ! [ "$pg_home" -ef "$pg_prefix" ]; then
    say 'this environment was copied or moved'
elif [ -e "$pg_prefix/bin/python" ] && ! [ -e "$pg_prefix/bin/python$pg_minor" ]; then
    [ -w "$pg_prefix/conda-meta" ] || exit 0 # whoever may write here will notice as well
    [ -x "$pg_launcher" ] || pg_launcher=$(command -v pipguard)
    "$pg_launcher" enable -p "$pg_prefix" >/dev/null 2>&1 || say 'this environment has another python now'
fi
