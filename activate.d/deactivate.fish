# Placed by `pipguard enable`, removed by `pipguard disable`.
# Takes every shim folder out of PATH, whichever environment it is of.
set -gx PATH (string match -v -- '*/libexec/pipguard/shims' $PATH)
