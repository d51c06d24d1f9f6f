"""Watches one run of pip inside the child, for what its installation report does not tell.

Like `pip_child.py`, which loads it by its path, it imports nothing but the standard library and
pip, and is the only other file that touches pip's private API. It follows pip 22.2 to 26.3.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from pip._internal.cli.req_command import RequirementCommand
from pip._internal.models import installation_report
from pip._internal.resolution.resolvelib.factory import Factory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Watch:
    """Remembers what the report does not tell of pip's run: indexes, requirements, constraints.

    `main` is the index that is configured, `limits` what requirements and constraints say about
    the versions of each name, `named` the names of the requirements alone. `folder` keeps wheels
    that were built although only their metadata was asked for.
    """

    def __init__(self, main: str | None, folder: str) -> None:
        self.main = main
        self.folder = folder
        self.built: dict[int, str] = {}
        self.finder: Any = None
        self.requirements: list[Any] = []
        self.limits: dict[str, str] = {}
        self.named: list[str] | None = None

    def install(self) -> None:
        """Begin to watch.

        Raises:
            AttributeError: this pip is another one than we know.
        """
        build, report, collect = (
            RequirementCommand._build_package_finder,  # noqa: SLF001 # no public way to it
            installation_report.InstallationReport.__init__,
            Factory.collect_root_requirements,
        )
        watch = self

        def watched_build(command: Any, *args: Any, **kwargs: Any) -> Any:
            watch.finder = build(command, *args, **kwargs)
            return watch.finder

        def watched_report(self: Any, requirements: Any) -> None:
            watch.requirements = list(requirements)
            watch.keep_built()
            report(self, requirements)

        def watched_collect(self: Any, roots: list[Any]) -> Any:
            # Now, for pip will pin some of them to what it finds.
            watch.limits = _limits(roots)
            watch.named = [it.name for it in roots if it.name and _is_asked_for(it)]
            return collect(self, roots)

        setattr(RequirementCommand, "_build_package_finder", watched_build)  # noqa: B010 # a method
        setattr(Factory, "collect_root_requirements", watched_collect)  # noqa: B010
        setattr(installation_report.InstallationReport, "__init__", watched_report)  # noqa: B010

    def found(self) -> dict[str, Any]:
        """Tell everything, for the parent."""
        return {
            "sources": self.sources(),
            "origins": self.origins(),
            "limits": self.limits,
            "named": self.named,
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
                "on_main": self._on_main(requirement),
            }
            for requirement in self.requirements
        ]

    def _on_main(self, requirement: Any) -> bool:
        """Whether the main index has a project of this name; pip has asked it already."""
        if self.finder is None or not self.main or not requirement.name:
            return False
        pages = (_page(item.link) for item in self.finder.find_all_candidates(requirement.name))
        main = self.main.rstrip("/") + "/"
        return any(page is not None and page.startswith(main) for page in pages)


def _limits(roots: list[Any]) -> dict[str, str]:
    """Join the version conditions of requirements and constraints by name."""
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
