# Placed by `pipguard enable`, removed by `pipguard disable`.
# What shim and wrapper do with a command that changes the environment at $pg_prefix, or that no
# other pip can serve. They say whether it $pg_changes something, and run the real pip with
# `run_tool ARGS`; $pg_tool is its file, which an environment without pip lacks. "pip" is uv as well
# where the front door begins with uv.
# shellcheck shell=sh disable=SC2154

say() { printf 'pipguard: %s\n' "$1" >&2; }

refuse() {
    say "$1"
    exit 1
}

is_inside() {
    [ "${PIPGUARD_INSIDE-}" = "$pg_prefix" ] || [ "${PIPGUARD_INSIDE-}" -ef "$pg_prefix" ]
}

hand_over() { # FRONT-DOOR ARGS
    pg_door=$1
    shift
    pg_verb=pip pg_permit=PIP_BREAK_SYSTEM_PACKAGES
    case $pg_door in uv*) pg_verb=uv pg_permit=UV_BREAK_SYSTEM_PACKAGES ;; esac
    pg_home='' pg_mode='' pg_launcher=''
    { # the second line, the minor version of python, is for activation
        read -r pg_home && read -r pg_launcher && read -r pg_mode && read -r pg_launcher
    } <"$pg_prefix/libexec/pipguard/shims/.pipguard-shim"
    if [ -n "$pg_changes" ]; then
        [ -x "$pg_tool" ] && leave_if_asked "$@"
        refuse_if_copied
        [ -x "$pg_tool" ] && leave_by_mode "$@"
    fi
    serve "$@"
}

says_yes() {
    case $1 in '' | 0 | [Nn]o | NO | [Oo]ff | OFF | [Ff]alse | FALSE) return 1 ;; esac
}

leave_if_asked() {
    is_inside && run_tool "$@" # an install that pipguard runs itself; the marker watches its children
    says_yes "${PIPGUARD_BYPASS-}" || says_yes "${CONDA_BUILD-}" && bypass "$@"
    return 0
}

refuse_if_copied() {
    pg_cure="nothing was changed; type: pipguard enable -p '$pg_prefix'"
    [ -e "$pg_prefix/conda-meta/pipguard/guard.json" ] ||
        refuse "this environment is a clone whose guard is not set up, $pg_cure"
    [ "$pg_home" = "$pg_prefix" ] || [ "$pg_home" -ef "$pg_prefix" ] ||
        refuse "this environment was copied or moved from $pg_home, $pg_cure"
}

leave_by_mode() {
    case ${PIPGUARD_MODE:-$pg_mode}:$pg_door in
        warn:*)
            say "guarded in mode warn; \`pipguard explain ...\` shows what the guard would do"
            [ "$pg_mode" = warn ] || bypass "$@"
            record
            run_tool "$@"
            ;;
        enforce:python*) run_tool "$@" ;; # into the marker
    esac
}

bypass() {
    record
    export "$pg_permit=1"
    run_tool "$@"
}

# The line has no argv: a shell can neither quote JSON safely nor tell a credential from a name.
record() {
    [ -w "$pg_prefix/conda-meta/pipguard" ] || return 0
    pg_now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    {
        printf '{"schema":1,"id":"%s-%s","time":"%s","front_door":"%s","state":"bypassed"}\n' \
            "$pg_now" "$$" "$pg_now" "$pg_door" >>"$pg_prefix/conda-meta/pipguard/ledger.jsonl"
    } 2>/dev/null || :
}

# Where its first line names a python, that may be gone while the launcher is there.
starts() { # LAUNCHER
    [ -f "$1" ] && [ -x "$1" ] || return 1
    pg_line=''
    { read -r pg_line <"$1"; } 2>/dev/null || :
    case $pg_line in '#!/'*) ;; *) return 0 ;; esac
    pg_line=${pg_line#'#!'}
    [ -x "${pg_line%% *}" ]
}

serve() {
    [ -n "$pg_changes" ] && is_inside &&
        refuse "another install is at work in this environment, nothing was changed"
    pg_way="PIPGUARD_BYPASS=1 $pg_door"
    [ -x "$pg_tool" ] || pg_way="conda install -p '$pg_prefix' pip"
    starts "$pg_launcher" ||
        { pg_launcher=$(command -v pipguard) && starts "$pg_launcher"; } ||
        refuse "pipguard cannot be found, nothing was changed; install it again, or type: $pg_way"
    unset _PIP_RUNNING_IN_SUBPROCESS # pip's word to its own child, not to the children of pipguard
    export PIPGUARD_FRONT_DOOR="$pg_door" PIPGUARD_INSIDE="$pg_prefix"
    exec "$pg_launcher" "$pg_verb" -p "$pg_prefix" "$@"
}
