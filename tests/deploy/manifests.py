"""The manifests as they lie in deploy/kubernetes, and as kustomize puts them together."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from granny.config.paths import HOME

TOP = HOME.parent
KUBERNETES = TOP / "deploy" / "kubernetes"
KUSTOMIZATION = "kustomization.yaml"
VALUES = "livekit-values.yaml"
EXAMPLE = KUBERNETES / "example"

Manifest = dict[str, Any]


def files() -> list[Path]:
    """Every file with resources in it."""
    return [path for path in sorted(KUBERNETES.rglob("*.yaml")) if path.name not in {KUSTOMIZATION, VALUES}]


def read(path: Path) -> list[Manifest]:
    return [document for document in yaml.safe_load_all(path.read_text(encoding="utf-8")) if document]


def resources() -> list[Manifest]:
    return [manifest for path in files() for manifest in read(path)]


def one(kind: str, name: str = "granny") -> Manifest:
    (found,) = (found for found in resources() if (found["kind"], found["metadata"]["name"]) == (kind, name))
    return found


def settings() -> dict[str, str]:
    """What the ConfigMaps of the base and of the example set."""
    literals = (
        literal
        for path in (KUBERNETES / "base", EXAMPLE)
        for generator in read(path / KUSTOMIZATION)[0]["configMapGenerator"]
        for literal in generator["literals"]
    )
    return dict(literal.split("=", 1) for literal in literals)


def pod() -> Manifest:
    found: Manifest = one("Deployment")["spec"]["template"]["spec"]
    return found


def worker() -> Manifest:
    (container,) = pod()["containers"]
    found: Manifest = container
    return found


def pods() -> Iterator[tuple[str, Manifest]]:
    """The pod of every Deployment and StatefulSet."""
    for manifest in resources():
        if manifest["kind"] in {"Deployment", "StatefulSet"}:
            yield manifest["metadata"]["name"], manifest["spec"]["template"]["spec"]


def put_together(folder: Path) -> list[Manifest] | None:
    """What `kubectl apply -k` would send; None where there is no kubectl."""
    kubectl = shutil.which("kubectl")
    if not kubectl:
        return None
    done = subprocess.run([kubectl, "kustomize", str(folder)], capture_output=True, text=True, check=True)
    return [document for document in yaml.safe_load_all(done.stdout) if document]
