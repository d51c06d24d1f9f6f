# Placed by `pipguard enable`, removed by `pipguard disable`.
# What shim and wrapper do with a command that changes the environment at $prefix, or that no other
# pip can serve. They say whether it $changes something, and run the real pip with `run_tool ARGS`;
# $tool is its file, which an environment without pip lacks.
# shellcheck shell=sh disable=SC2154

say() { printf 'pipguard: %s\n' "$1" >&2; }

refuse() {
    say "$1"
    exit 1
}

is_inside() { [ "${PIPGUARD_INSIDE-}" = "$prefix" ] || [ "${PIPGUARD_INSIDE-}" -ef "$prefix" ]; }

hand_over() { # FRONT-DOOR ARGS
    door=$1
    shift
    home='' mode='' launcher=''
    {
        read -r home && read -r launcher && read -r mode && read -r launcher
    } <"$prefix/libexec/pipguard/shims/.pipguard-shim"
    if [ -n "$changes" ]; then
        [ -x "$tool" ] && leave_if_asked "$@"
        refuse_if_copied
        [ -x "$tool" ] && leave_by_mode "$@"
    fi
    serve "$@"
}

leave_if_asked() {
    is_inside && run_tool "$@" # an install that pipguard runs itself; the marker watches its children
    case ${PIPGUARD_BYPASS:-0}${CONDA_BUILD:-0} in
        00) ;;
        *) bypass "$@" ;;
    esac
}

refuse_if_copied() {
    cure="nothing was changed; type: pipguard enable -p '$prefix'"
    [ -e "$prefix/conda-meta/pipguard/guard.json" ] ||
        refuse "this environment is a clone whose guard is not set up, $cure"
    [ "$home" = "$prefix" ] || [ "$home" -ef "$prefix" ] ||
        refuse "this environment was copied or moved from $home, $cure"
}

leave_by_mode() {
    case ${PIPGUARD_MODE:-$mode}:$door in
        warn:*)
            say "guarded in mode warn; \`pipguard explain …\` shows what the guard would do"
            [ "$mode" = warn ] || bypass "$@"
            record
            run_tool "$@"
            ;;
        enforce:python*) run_tool "$@" ;; # into the marker
    esac
}

bypass() {
    record
    export PIP_BREAK_SYSTEM_PACKAGES=1
    run_tool "$@"
}

# The line has no argv: a shell can neither quote JSON safely nor tell a credential from a name.
record() {
    [ -w "$prefix/conda-meta/pipguard" ] || return 0
    now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    {
        printf '{"schema":1,"id":"%s-%s","time":"%s","front_door":"%s","state":"bypassed"}\n' \
            "$now" "$$" "$now" "$door" >>"$prefix/conda-meta/pipguard/ledger.jsonl"
    } 2>/dev/null || :
}

serve() {
    [ -n "$changes" ] && is_inside &&
        refuse "another install is at work in this environment, nothing was changed"
    [ -f "$launcher" ] && [ -x "$launcher" ] || launcher=$(command -v pipguard) ||
        refuse "pipguard cannot be found, nothing was changed; install it again, or set PIPGUARD_BYPASS=1 for plain pip"
    unset _PIP_RUNNING_IN_SUBPROCESS # pip's word to its own child, not to the children of pipguard
    export PIPGUARD_FRONT_DOOR="$door" PIPGUARD_INSIDE="$prefix"
    exec "$launcher" pip -p "$prefix" "$@"
}
