# Placed by `pipguard enable`, removed by `pipguard disable`.
# Takes every shim folder out of PATH, whichever environment it is of.
set __pipguard_path = ()
foreach __pipguard_folder ($path:q)
    if ("$__pipguard_folder" !~ */libexec/pipguard/shims) set __pipguard_path = ($__pipguard_path:q "$__pipguard_folder")
end
set path = ($__pipguard_path:q)
unset __pipguard_path __pipguard_folder
