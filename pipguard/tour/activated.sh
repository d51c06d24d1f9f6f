# Usage: bash activated.sh PREFIX COMMAND-LINE
# Activates an environment as `conda activate` does, then runs one command line in it.
# shellcheck shell=bash disable=SC1090
export CONDA_PREFIX=$1 CONDA_DEFAULT_ENV=$1 CONDA_SHLVL=1 PATH=$1/bin:$PATH
for script in "$1"/etc/conda/activate.d/*.sh; do
    [ -e "$script" ] && . "$script"
done
eval "$2"
