"""From a wheel to a conda package in the local channel.

`metadata.package_index` says what the package will be, from metadata alone; `package.convert`
makes it; `channel.LocalChannel` keeps it.

    name of the wheel ─ tags ──────────┐
    CoreMetadata ─ dependencies ───────┴─ PackageIndex ─┐
    wheel ─ members ─ hostile ─ layout ─ archive ───────┴─ ConvertedPackage ─ channel
"""
