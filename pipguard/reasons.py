"""Why a candidate takes its route; the documented set of `explain --json`.

Pure, and nothing but words: `messages/` words them, the ledger keeps them, tests match on them.
"""

from __future__ import annotations

from enum import Enum


class Reason(Enum):
    """One reason each (`docs/reference/reasons.md`)."""

    CONDA_HAS_IT = "conda-has-it"
    CONDA_HAS_THE_TOOL = "conda-has-the-tool"
    CONDA_NEWEST = "conda-newest"
    POLICY = "policy"
    EDITABLE = "editable"
    VCS = "vcs"
    DIRECT_ARTIFACT = "direct-artifact"
    LOCAL_FOLDER = "local-folder"
    HASH_PINNED = "hash-pinned"
    NO_BINARY = "no-binary"
    NAMED_INDEX = "named-index"
    EXTRA_INDEX = "extra-index"
    PRIVATE_NAME = "private-name"
    NOT_ON_CONDA = "not-on-conda"
    VERSION_NOT_ON_CONDA = "version-not-on-conda"
    NOT_FOR_THIS_PYTHON = "not-for-this-python"
    PROVIDER_NOT_VERIFIED = "provider-not-verified"
    CONDA_TOO_OLD = "conda-too-old"
    CONDA_OLDER_THAN_INSTALLED = "conda-older-than-installed"
    CONDA_CONFLICTS = "conda-conflicts"
    FAMILY_FROM_PYPI = "family-from-pypi"
    NO_CUDA_HERE = "no-cuda-here"
    NOT_NEEDED = "not-needed-by-conda-package"
