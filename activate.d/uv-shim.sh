#!/bin/sh
# Placed by `pipguard enable`, removed by `pipguard disable`; copied as uv.
# Stands before uv on PATH. Guards `uv pip install`, `uninstall` and `sync`, and keeps project
# commands from taking a guarded environment for the project's own. All else is uv's, untouched;
# builtins only on the way there. Variables are called pg_* for the reason told in pip's shim.

pg_own=${0%/*}

find_tool() {
    pg_rest=$PATH:
    case :$PATH: in
        *:"$pg_own":* | *:"$pg_own/":*) ;;
        *) pg_rest=$pg_rest${pg_own%/libexec/pipguard/shims}/bin: ;; # sudo "$(which uv)"
    esac
    while [ -n "$pg_rest" ]; do
        pg_folder=${pg_rest%%:*}
        pg_rest=${pg_rest#*:}
        pg_folder=${pg_folder:-.}
        [ -e "$pg_folder/.pipguard-shim" ] && continue
        pg_tool=$pg_folder/uv
        [ -x "$pg_tool" ] && [ -f "$pg_tool" ] && ! [ "$pg_tool" -ef "$0" ] && return 0
    done
    echo "uv: command not found (pipguard looked along PATH)" >&2
    exit 127
}

run_tool() { exec "$pg_tool" "$@"; }

# Sets $pg_command to uv's command, of `uv pip` with the one below it. uv knows no abbreviations;
# the options listed are those that may stand before a command and take the next word.
read_command() {
    pg_command='' pg_value=''
    for pg_word; do
        if [ -n "$pg_value" ]; then
            pg_value=''
            continue
        fi
        case $pg_word in
            -h | --help | -V | --version) pg_command='' && return 0 ;;
            --cache-dir | --color | --config-file | --directory | --project | --cert) pg_value=yes ;;
            --allow-insecure-host | --trusted-host | --preview-features) pg_value=yes ;;
            --python-preference | --python-fetch) pg_value=yes ;;
            -*) ;;
            pip) [ -z "$pg_command" ] || return 0 && pg_command=pip ;;
            *) pg_command=${pg_command:+$pg_command }$pg_word && return 0 ;;
        esac
    done
}

is_guarded() { [ -n "$1" ] && [ -e "$1/libexec/pipguard/shims/.pipguard-shim" ]; }

# uv alone knows which environment it would change: --python, variables, its notion of conda's base
# environment, .venv folders and uv.toml all have a say. An uninstall of nothing tells.
find_environment() {
    pg_chosen=${UV_PYTHON-}${UV_SYSTEM_PYTHON-} pg_value='' pg_base=${UV_WORKING_DIR-}
    pg_first=yes
    for pg_word; do
        [ -n "$pg_first" ] && set -- && pg_first=''
        if [ -n "$pg_value" ]; then
            set -- "$@" "$pg_word"
            [ "$pg_value" = --directory ] && pg_base=$pg_word
            pg_value=''
            continue
        fi
        case $pg_word in
            --) break ;;
            -h | --help) return 1 ;;
            -[Unqv]?*) # flags in one word, perhaps with an option behind them: -Up3.12
                pg_word=${pg_word#-}
                while case $pg_word in [Unqv]?*) ;; *) false ;; esac do
                    pg_word=${pg_word#?}
                done
                pg_word=-$pg_word
                ;;
        esac
        case $pg_word in
            --python | -p) pg_chosen=yes pg_value=yes ;;
            --directory | --project | --config-file | --cache-dir) pg_value=$pg_word ;;
            --python-preference) pg_value=yes ;;
            --python=* | -p* | --system | --no-system) pg_chosen=yes ;;
            --directory=*) pg_base=${pg_word#*=} ;;
            --project=* | --config-file=* | --cache-dir=* | --python-preference=*) ;;
            --no-config | --managed-python | --no-managed-python) ;;
            *) continue ;;
        esac
        set -- "$@" "$pg_word"
    done
    [ -n "$pg_first" ] && set --
    if [ -z "$pg_chosen" ]; then # spares uv in a venv on top the question
        is_guarded "${VIRTUAL_ENV:-${CONDA_PREFIX-}}" || return 1
    fi
    pg_said=$("$pg_tool" pip uninstall --dry-run --offline --color never \
        --break-system-packages "$@" pipguard-asks 2>&1)
    pg_prefix=${pg_said##*environment at: }
    [ "$pg_prefix" != "$pg_said" ] || return 1
    pg_prefix=${pg_prefix%%"
"*}
    case $pg_prefix in
        /*) ;;
        *) pg_prefix=$(cd "${pg_base:-.}" && cd "$pg_prefix" && pwd) ;;
    esac
    is_guarded "$pg_prefix"
}

# A project command makes its environment hold what the project's lock file has, and nothing else.
# With `--active` that is the one in VIRTUAL_ENV; words of a program that is run may say so as well.
find_project_environment() {
    case ${UV_NO_SYNC:-0} in 0 | false) ;; *) return 1 ;; esac
    pg_active='' pg_ours=yes
    for pg_word; do
        case $pg_word in
            --) break ;;
            --active) pg_active=${VIRTUAL_ENV-} ;;
            --no-active) pg_active='' ;;
            --no-sync | --dry-run | --no-project) [ -n "$pg_ours" ] && return 1 ;;
            run) pg_ours=now ;;
            -*) ;;
            *) [ "$pg_ours" = now ] && pg_ours='' ;; # what follows is for the program that is run
        esac
    done
    find_project "$@" || return 1
    pg_chosen=VIRTUAL_ENV pg_prefix=$pg_active
    if [ -z "$pg_active" ]; then
        [ -n "${UV_PROJECT_ENVIRONMENT-}" ] || return 1
        pg_chosen=UV_PROJECT_ENVIRONMENT pg_prefix=$UV_PROJECT_ENVIRONMENT
        case $pg_prefix in /*) ;; *) pg_prefix=$pg_folder/$pg_prefix ;; esac
    fi
    is_guarded "$pg_prefix"
}

find_project() {
    pg_folder=$PWD
    case " $* " in *" --project"* | *" --directory"*) return 0 ;; esac
    case $pg_active:" $* " in ?*:*" --script"*) return 0 ;; esac
    until [ -e "$pg_folder/pyproject.toml" ]; do
        [ -n "$pg_folder" ] || return 1
        pg_folder=${pg_folder%/*}
    done
}

find_tool
read_command "$@"
pg_project=''
case $pg_command in
    'pip install' | 'pip uninstall' | 'pip sync') find_environment "$@" ;;
    sync | add | remove | run | version | check) pg_project=yes && find_project_environment "$@" ;;
    *) false ;;
esac || run_tool "$@"

if ! [ -r "$pg_prefix/libexec/pipguard/handover.sh" ]; then
    echo "pipguard: the guard of this environment is incomplete, nothing was changed;" \
        "type: pipguard enable -p '$pg_prefix'" >&2
    exit 1
fi
pg_changes=yes
# shellcheck source=activate.d/handover.sh
. "$pg_prefix/libexec/pipguard/handover.sh"
if [ -n "$pg_project" ]; then
    serve() {
        refuse "\`uv $pg_command\` would make this guarded environment hold nothing but what the project locks;\
 nothing was changed. Type: env -u $pg_chosen uv $pg_command ..."
    }
fi
hand_over "uv ${pg_command%% *}" "$@"
