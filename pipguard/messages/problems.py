"""What is said of the single things that are wrong with a wheel, a package or a setting.

Pure. A test holds the table against the code.
"""

from __future__ import annotations

PROBLEMS: dict[str, str] = {
    # what stands in the way of a solution
    "obstacle-installed": "{name} {version}, which is installed, demands {detail}: try "
    "`conda update {name}`",
    "obstacle-from-pypi": "{name} {version}, which is installed, demands {detail}: try "
    "`pip install --upgrade {name}` beside what you asked for",
    "obstacle-pin": "the pin `{name}`: it stands in {detail}",
    "obstacle-request": "`{name}`: without it, the rest of the request can be installed",
    # packages: why one cannot be had for a bundle
    "package-unlisted": "its record does not list its files",
    "package-command-untold": "nothing tells any more what {member} starts",
    "package-file-altered": "{member} is not what the package brought",
    "package-not-fetched": "{detail}",
    "package-lost": "{detail}",
    "package-of-no-dist": "it holds no dist, or several",
    # wheels: why one is refused, or what to know of it
    "conda-name-invalid": "{detail!r} cannot be the name of a conda package",
    "data-scheme-unknown": "{member}: not a kind of data that wheels can hold",
    "dist-info-incomplete": "{member} is missing",
    "dist-info-missing": "there is no .dist-info folder in it",
    "dist-info-name": "{member} is not the metadata folder of {detail}",
    "dist-info-several": "it holds several .dist-info folders: {detail}",
    "entry-point-invalid": "{member}: `{detail}` names no function to call",
    "entry-point-path": "{member}: the name of `{detail}` is a path",
    "entry-points-unreadable": "{member} cannot be read ({detail})",
    "extra-unknown": "{member}: of `{detail}` only the project itself is required, as nothing here "
    "tells what its extras are",
    "member-activation": "{member} runs whenever the environment is activated",
    "member-case-differs": "{member}: another file differs from it only in upper and lower case",
    "member-corrupt": "{member} is damaged",
    "member-duplicate": "{member} is in it twice, with different contents",
    "member-encrypted": "{member} is encrypted",
    "member-file-and-folder": "{member} is both a file and a folder",
    "member-link-script": "{member}: conda would run it when the package is installed or removed",
    "member-menu": "{member} makes an entry in the desktop's menu",
    "member-not-a-file": "{member} is a link or a device, not a file",
    "member-path-long": "{member}: no file system takes a path as long as that",
    "member-path-unsafe": "{member!r} could lie outside the environment",
    "member-reserved": "{member}: that place in an environment is not for packages",
    "member-size-differs": "{member} is not of the size that it declares",
    "member-too-large": "{member} is of {detail} bytes, which is over the limit",
    "metadata-name-differs": "{member} is of another project: {detail!r}",
    "metadata-not-utf8": "{member} is not UTF-8 ({detail})",
    "metadata-version-differs": "{member} is of another version: {detail!r}",
    "record-hash-wrong": "{member} has another hash than RECORD says (such files: {detail})",
    "record-row-missing": "{member} is not listed in RECORD (such files: {detail})",
    "record-unreadable": "{member} cannot be read ({detail})",
    "requirement-unbound": "{member}: `{detail}` becomes a requirement of any version, as nothing "
    "here tells which one it is",
    "requires-dist-invalid": "{member}: `{detail}` is not a valid requirement",
    "requires-python-invalid": "{member}: Requires-Python `{detail}` is not valid; it is ignored",
    "version-invalid": "{member}: {detail!r} is not a valid version",
    "wheel-hash-differs": "its sha256 is {detail}, not what was announced",
    "wheel-musllinux": "it is for musl, not for the C library of {detail}",
    "wheel-name-differs": "by its file name it is not {detail}",
    "wheel-name-invalid": "its file name is not that of a wheel ({detail})",
    "wheel-not-found": "there is no file {detail}",
    "wheel-not-for-target": "it is not for {detail}",
    "wheel-ratio": "it unpacks to {detail} times its size, which is over the limit",
    "wheel-too-large": "it unpacks to {detail} bytes, which is over the limit",
    "wheel-unreadable": "it cannot be read as a zip file ({detail})",
    "wheel-version-newer": "{member}: Wheel-Version {detail} is newer than what pipguard knows",
    "wheel-version-unknown": "{member}: pipguard does not know Wheel-Version {detail!r}",
    # settings: over the fields of a BadSetting
    "file-unreadable": "{source}: cannot be read ({detail})",
    "setting-no-scheme": "{source}: `{key}` must be a URL, not {detail}",
    "setting-pin": "{source}: `{key}`: {detail}",
    "setting-shape": "{source}: `{key}` must be {detail}",
    "setting-unknown": "{source}: there is no setting `{key}`",
    "setting-value": "{source}: `{key}` cannot be {detail}",
}
