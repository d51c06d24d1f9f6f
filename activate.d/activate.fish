# Placed by `pipguard enable`, removed by `pipguard disable`.
# Puts our shims first on PATH, after taking out those of every other activation (see activate.sh).
if set -q CONDA_PREFIX
    set -gx PATH "$CONDA_PREFIX/libexec/pipguard/shims" (string match -v -- '*/libexec/pipguard/shims' $PATH)
end
