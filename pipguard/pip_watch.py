"""Watches one run of pip inside the child, for what its installation report does not tell.

Imports nothing but the standard library and pip, whose private API it touches.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from pip._internal.cli.req_command import RequirementCommand
from pip._internal.models import installation_report
from pip._internal.resolution.resolvelib.factory import Factory
from pip._vendor.packaging.utils import canonicalize_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Watch:
    """Remembers what the report does not tell of pip's run: indexes, requirements, constraints.

    `limits` is what requirements and constraints say about the versions of each name, `requests`
    what requirements alone say, `named` the names of these, `elsewhere` what is installed outside
    the environment and good enough for them. `folder` keeps wheels that were built although only
    their metadata was asked for.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.built: dict[int, str] = {}
        self.finder: Any = None
        self.requirements: list[Any] = []
        self.limits: dict[str, str] = {}
        self.requests: dict[str, str] = {}
        self.named: list[str] | None = None
        self.elsewhere: dict[str, str] = {}

    def install(self) -> None:
        """Begin to watch.

        Raises:
            AttributeError: this pip is another one than we know.
        """
        report = installation_report.InstallationReport
        watched: list[tuple[type, str, Callable[[Any], Any]]] = [
            (RequirementCommand, "_build_package_finder", self._watch_finder),
            (Factory, "collect_root_requirements", self._watch_roots),
            (Factory, "_make_candidate_from_dist", self._watch_installed),
            (report, "__init__", self._watch_plan),
        ]
        originals = [getattr(owner, name) for owner, name, _ in watched]
        for (owner, name, watch), original in zip(watched, originals):  # noqa: B905 # of one length
            setattr(owner, name, watch(original))

    def _watch_finder(self, build: Any) -> Any:
        def watched(command: Any, *args: Any, **kwargs: Any) -> Any:
            self.finder = build(command, *args, **kwargs)
            return self.finder

        return watched

    def _watch_roots(self, collect: Any) -> Any:
        def watched(factory: Any, roots: list[Any]) -> Any:
            # Now, for pip will pin some of them to what it finds.
            self.limits = _limits(roots)
            self.requests = _limits([it for it in roots if _is_asked_for(it)])
            self.named = [it.name for it in roots if it.name and _is_asked_for(it)]
            return collect(factory, roots)

        return watched

    def _watch_installed(self, make: Any) -> Any:
        def watched(factory: Any, dist: Any, *args: Any, **kwargs: Any) -> Any:
            if not dist.in_site_packages:
                self.elsewhere[dist.canonical_name] = str(dist.version)
            return make(factory, dist, *args, **kwargs)

        return watched

    def _watch_plan(self, report: Any) -> Any:
        def watched(made: Any, requirements: Any) -> None:
            self.requirements = list(requirements)
            self.keep_built()
            report(made, requirements)

        return watched

    def found(self) -> dict[str, Any]:
        """Tell everything, for the parent."""
        return {
            "sources": self.sources(),
            "origins": self.origins(),
            "limits": self.limits,
            "requests": self.requests,
            "named": self.named,
            "elsewhere": self.elsewhere,
        }

    def keep_built(self) -> None:
        """Take what lies beside the metadata before pip clears it away.

        A backend without a hook for metadata is asked for a whole wheel (pyproject_hooks,
        `_get_wheel_metadata_from_wheel`); building may take an hour, and is not done twice.
        """
        for requirement in self.requirements:
            metadata = getattr(requirement, "metadata_directory", None)
            if metadata and not requirement.editable:
                for wheel in Path(metadata).parent.glob("*.whl"):
                    target = Path(self.folder, wheel.name)
                    shutil.copyfile(wheel, target)
                    self.built[id(requirement)] = str(target)

    def sources(self) -> dict[str, Any]:
        """Where pip looked, requirement files' own index lines included; holds credentials."""
        scope = getattr(self.finder, "search_scope", None)
        if scope is None:
            return {}
        return {
            "find_links": list(scope.find_links),
            "index_urls": list(scope.index_urls),
            "no_index": bool(getattr(scope, "no_index", False)),
            "trusted_hosts": [host for host in self.finder.trusted_hosts if host],
        }

    def origins(self) -> list[dict[str, Any]]:
        """Per item of the report, in its order: the page it was found on, and what was asked."""
        return [
            {
                "found_on": _page(_link(requirement)),
                "url": getattr(_link(requirement), "url", None),
                "built": self.built.get(id(requirement)),
                "asked": str(requirement.req) if requirement.req else None,
                "pinned": bool(getattr(requirement, "hash_options", None)),
                "yanked": self._yanked(requirement),
            }
            for requirement in self.requirements
        ]

    def _yanked(self, requirement: Any) -> list[str]:
        """Name the versions that were withdrawn (PEP 592), from the pages that pip has read.

        Of what was named by its address no page was read, and its name is nobody's business.
        """
        if self.finder is None or not requirement.name or getattr(requirement, "is_direct", True):
            return []
        # By the spelling that the resolver has asked by, so that no page is read twice.
        found = self.finder.find_all_candidates(canonicalize_name(requirement.name))
        return sorted({str(item.version) for item in found if item.link.is_yanked})


def _limits(roots: list[Any]) -> dict[str, str]:
    """Join what requirements, or constraints too, say about versions by name."""
    found: dict[str, list[str]] = {}
    for root in roots:
        specifier = str(root.req.specifier) if root.req and root.match_markers() else ""
        if specifier:
            found.setdefault(root.name, []).append(specifier)
    return {name: ",".join(specifiers) for name, specifiers in found.items()}


def _is_asked_for(root: Any) -> bool:
    return bool(root.match_markers() and not root.constraint)


def _link(requirement: Any) -> Any:
    """Tell where a requirement comes from, be it that pip has built a wheel of it before."""
    return getattr(requirement, "cached_wheel_source_link", None) or requirement.link


def _page(link: Any) -> str | None:
    page = getattr(link, "comes_from", None)
    if page is None or isinstance(page, str):
        return page
    return getattr(page, "url", None)
