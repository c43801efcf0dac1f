"""The manifests: what Kubernetes would take, and what they promise a call."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from deploy import manifests
from deploy.figures import is_balanced, known, named
from deploy.manifests import KUBERNETES, KUSTOMIZATION, Manifest, one, pod, pods, put_together, settings, worker
from granny.config.paths import Mode
from granny.config.settings import SECRETS, VARIABLES, Settings
from granny.page._doors import Doors
from granny.preflight.checkup import Occasion
from granny.preflight.one_probe import LIMIT_SECONDS
from granny.worker import hooks
from granny.worker.health import NOT_READY, Status
from granny.worker.worker import GOODBYE_SECONDS

OLDEST, NEWEST = "1.27", "1.37"
OF_OTHERS = {"ScaledObject", "PodMonitor"}
"""Defined by KEDA and by Prometheus' operator, not by Kubernetes."""

NATIVE = [
    pytest.param(manifest, id=f"{path.relative_to(KUBERNETES)}: {manifest['kind']}")
    for path in manifests.files()
    for manifest in manifests.read(path)
    if manifest["kind"] not in OF_OTHERS
]


@pytest.mark.parametrize("version", [OLDEST, "1.32", NEWEST])
@pytest.mark.parametrize("manifest", NATIVE)
def test_kubernetes_takes_every_manifest(manifest: Manifest, version: str) -> None:
    """No field is unknown to it, and none is missing."""
    assert kubernetes_validate.validate(manifest, version, strict=True) == version


def test_the_check_is_strict() -> None:
    """A slip in a field's name does not pass."""
    slipped = one("Deployment")
    slipped["spec"]["template"]["spec"]["terminationGraceSeconds"] = 1
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(slipped, NEWEST, strict=True)


def test_the_schemas_are_those_that_are_spoken_of() -> None:
    readme = (KUBERNETES / "README.md").read_text(encoding="utf-8")
    assert f"Kubernetes {OLDEST} to {NEWEST}, strictly" in readme
    assert kubernetes_validate.latest_version().startswith(f"{NEWEST}.")


def _used(value: object, path: str = "") -> set[str]:
    """The fields that an object uses, as paths."""
    if isinstance(value, dict):
        return {field for name, below in value.items() for field in _used(below, f"{path}.{name}")}
    if isinstance(value, list):
        return {field for below in value for field in _used(below, path)}
    return {path}


def test_keda_is_told_what_it_knows() -> None:
    """Source of the fields: KEDA's ScaledObject specification, 2.17."""
    scaled: Any = one("ScaledObject")
    assert scaled["apiVersion"] == "keda.sh/v1alpha1"
    scaling = ".advanced.horizontalPodAutoscalerConfig.behavior"
    policies = {".policies.type", ".policies.value", ".policies.periodSeconds", ".stabilizationWindowSeconds"}
    assert _used(scaled["spec"]) == {
        ".scaleTargetRef.name",
        ".pollingInterval",
        ".minReplicaCount",
        ".maxReplicaCount",
        *(f".fallback.{name}" for name in ("failureThreshold", "replicas", "behavior")),
        *(f"{scaling}.{way}{field}" for way in ("scaleUp", "scaleDown") for field in policies),
        f"{scaling}.scaleUp.selectPolicy",
        ".triggers.type",
        ".triggers.metricType",
        *(f".triggers.metadata.{name}" for name in ("serverAddress", "query", "threshold")),
    }
    assert scaled["spec"]["scaleTargetRef"]["name"] == one("Deployment")["metadata"]["name"]
    assert scaled["spec"]["minReplicaCount"] <= scaled["spec"]["fallback"]["replicas"]
    assert scaled["spec"]["fallback"]["behavior"] in {"static", "currentReplicasIfHigher", "currentReplicasIfLower"}


def test_workers_are_asked_for_by_calls_and_places() -> None:
    """The answer is a number of workers, so that one is wanted for each whole: the threshold is 1, on the average."""
    (trigger,) = one("ScaledObject")["spec"]["triggers"]
    query = trigger["metadata"]["query"]
    assert (trigger["type"], trigger["metricType"]) == ("prometheus", "AverageValue")
    assert trigger["metadata"]["threshold"] == "1"
    assert is_balanced(query)
    assert named(query) == {"granny_calls_in_progress", "granny_callers_waiting", "granny_capacity"}
    assert named(query) <= known()
    assert re.search(r"\+ (\d+)\)\s+/ max\(granny_capacity\)", query)


def test_the_number_of_workers_is_kedas_alone() -> None:
    """An apply that named it would put it back, in the middle of the day."""
    (patch,) = manifests.read(KUBERNETES / "components" / "keda" / KUSTOMIZATION)[0]["patches"]
    assert "op: remove\n  path: /spec/replicas" in patch["patch"]
    together = put_together(manifests.EXAMPLE)
    if together is not None:
        named = ((found["kind"], found["metadata"]["name"], found) for found in together)
        (deployment,) = (found for kind, name, found in named if (kind, name) == ("Deployment", "granny"))
        assert "replicas" not in deployment["spec"]


def test_the_operator_is_told_where_the_figures_are() -> None:
    """Source of the fields: the operator's PodMonitor, monitoring.coreos.com/v1."""
    monitor = one("PodMonitor")
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    assert set(endpoint) == {"port", "path", "interval"}
    assert monitor["spec"]["selector"]["matchLabels"].items() <= _labels().items()
    assert endpoint["port"] in {port["name"] for port in worker()["ports"]}
    assert endpoint["path"] == "/metrics"


def _labels() -> dict[str, str]:
    found: dict[str, str] = one("Deployment")["spec"]["template"]["metadata"]["labels"]
    return found


@pytest.mark.parametrize("folder", [KUBERNETES / "base", manifests.EXAMPLE], ids=lambda folder: folder.name)
def test_kustomize_puts_it_together(folder: Path) -> None:
    together = put_together(folder)
    if together is None:
        pytest.skip("kubectl is not on the PATH")
    for manifest in together:
        if manifest["kind"] not in OF_OTHERS:
            kubernetes_validate.validate(manifest, NEWEST, strict=True)
    maps = {found["metadata"]["name"]: found["data"] for found in together if found["kind"] == "ConfigMap"}
    for deployment in (found for found in together if found["kind"] == "Deployment"):
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        (settings_of,) = container["envFrom"]
        assert maps[settings_of["configMapRef"]["name"]].items() >= _settings_of_base().items()


def _settings_of_base() -> dict[str, str]:
    (generator,) = manifests.read(KUBERNETES / "base" / KUSTOMIZATION)[0]["configMapGenerator"]
    return dict(literal.split("=", 1) for literal in generator["literals"])


def test_no_namespace_is_written_into_what_is_shared() -> None:
    assert [manifest for manifest in manifests.resources() if "namespace" in manifest["metadata"]] == []


def test_no_liveness_probe_asks_the_page_for_people() -> None:
    """It says 503 when all places are taken, or for a fault: the worker would be started again in mid-call."""
    container = worker()
    probes = {name: container[name]["httpGet"]["path"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert probes == {"startupProbe": "/live", "livenessProbe": "/live", "readinessProbe": "/ready"}


def test_the_probes_ask_where_the_page_is() -> None:
    ports = {port["name"]: port["containerPort"] for port in worker()["ports"]}
    asked = {worker()[name]["httpGet"]["port"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert {ports[name] for name in asked} == {int(settings()["GRANNY_HEALTH_PORT"])}
    (service,) = one("Service")["spec"]["ports"]
    annotations = one("Deployment")["spec"]["template"]["metadata"]["annotations"]
    assert ports[service["targetPort"]] == int(annotations["prometheus.io/port"])
    assert {"name": "GRANNY_HEALTH_HOST", "value": "::"} in worker()["env"], "kubelet asks from outside the pod"


def test_callers_hear_an_apology_while_openai_is_away_and_a_rollout_with_a_wrong_key_stops() -> None:
    assert settings()["GRANNY_PREFLIGHT"] == "apologise"
    assert Status.APOLOGISING in NOT_READY


def test_a_slow_check_up_is_no_dead_worker() -> None:
    """The page comes after it: the start may take as long as a fault is given to pass, and one more question."""
    probe = worker()["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] > 2 * _longest_start()


def _longest_start() -> float:
    """Seconds."""
    waits = re.search(r"(\d+) in start", Settings.model_fields["preflight_wait"].description or "")
    assert waits
    return int(waits[1]) + LIMIT_SECONDS


def test_calls_may_end_before_the_pod_is_killed() -> None:
    """The grace is longer than drain, goodbyes and what features still do, with a minute to spare."""
    drain = int(settings()["GRANNY_DRAIN_SECONDS"])
    assert drain == Settings.model_fields["drain_seconds"].default
    assert pod()["terminationGracePeriodSeconds"] > drain + GOODBYE_SECONDS + hooks._LAST_SECONDS + 60


def test_a_roll_out_takes_no_place_away() -> None:
    rolling = one("Deployment")["spec"]["strategy"]
    assert (rolling["type"], rolling["rollingUpdate"]["maxUnavailable"]) == ("RollingUpdate", 0)


def test_those_who_empty_machines_wait_for_calls() -> None:
    """The budget is for her pods; the autoscaler of machines, which would give them ten minutes, lets them alone."""
    budget = one("PodDisruptionBudget")["spec"]
    assert budget["maxUnavailable"] == 1
    assert budget["selector"]["matchLabels"].items() <= _labels().items()
    annotations = one("Deployment")["spec"]["template"]["metadata"]["annotations"]
    assert annotations["cluster-autoscaler.kubernetes.io/safe-to-evict"] == "false"


@pytest.mark.parametrize(("name", "spec"), [*pods()], ids=lambda part: part if isinstance(part, str) else "")
def test_no_pod_may_more_than_it_needs(name: str, spec: Manifest) -> None:
    """Its own user, no capability, no account, nothing to write to but what is mounted."""
    assert spec["automountServiceAccountToken"] is False, name
    assert spec["enableServiceLinks"] is False
    context = spec["securityContext"]
    assert context["runAsNonRoot"] is True
    assert context["runAsUser"] > 0
    assert context["fsGroup"] == context["runAsGroup"]
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in spec["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"cpu", "memory"} <= set(container["resources"]["requests"])
        assert "memory" in container["resources"]["limits"]
        assert "cpu" not in container["resources"]["limits"], "whoever is throttled is silent for as long"


def test_she_is_the_user_of_her_image() -> None:
    (user,) = re.findall(r"^USER (\d+):(\d+)$", (manifests.TOP / "Dockerfile").read_text(), re.MULTILINE)
    assert (str(pod()["securityContext"]["runAsUser"]), str(pod()["securityContext"]["runAsGroup"])) == user


def test_she_can_write_where_she_must() -> None:
    """To /tmp, and where the image keeps her recordings."""
    volumes = {volume["name"]: volume for volume in pod()["volumes"]}
    writable = {
        mount["mountPath"]: volumes[mount["name"]] for mount in worker()["volumeMounts"] if "readOnly" not in mount
    }
    cache = re.findall(r"--mode 700 \S+ (\S+)", (manifests.TOP / "Dockerfile").read_text())
    assert set(writable) == {"/tmp", *cache}  # noqa: S108  in the container
    assert all("emptyDir" in volume for volume in writable.values())


def test_keys_come_as_files_for_her_alone() -> None:
    """Mode 0440 with her group; none of them is a variable or stands in the settings."""
    (keys,) = (volume["secret"] for volume in pod()["volumes"] if "secret" in volume)
    assert keys["defaultMode"] == 0o440
    (mount,) = (mount for mount in worker()["volumeMounts"] if mount.get("readOnly"))
    folder = {entry["name"]: entry["value"] for entry in worker()["env"]}["GRANNY_SECRETS_FOLDER"]
    assert mount["mountPath"] == folder
    assert not set(SECRETS) & {*settings(), *(entry["name"] for entry in worker()["env"])}
    readme = (KUBERNETES / "README.md").read_text(encoding="utf-8")
    given = re.search(rf"create secret generic {keys['secretName']} (.*?)\n\s*kubectl", readme, re.DOTALL)
    assert given
    assert set(re.findall(r"--from-\w+=(\w+)=", given[1])) == set(SECRETS) & set(Occasion(mode=Mode.PRODUCTION).needed)


def test_every_variable_is_a_setting_of_hers(monkeypatch: pytest.MonkeyPatch) -> None:
    """And has a value that she takes."""
    given = {**settings(), **{entry["name"]: entry["value"] for entry in worker()["env"]}}
    assert set(given) <= set(VARIABLES)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    Settings.model_validate({**given, "OPENAI_API_KEY": "sk-proj-FAKE"})


def test_a_worker_has_the_cores_and_the_memory_that_its_places_need() -> None:
    """As README has it: four calls a core, 348 MB, and 71 MB for a call that has lasted half an hour."""
    places = int(settings()["GRANNY_MAX_CALLS"])
    requests, limits = worker()["resources"]["requests"], worker()["resources"]["limits"]
    assert places <= 4 * int(requests["cpu"])
    assert 348 + 71 * places <= 1024 * int(requests["memory"].removesuffix("Gi"))
    one_runs_away = 348 + 71 * (places - 1) + Settings.model_fields["call_memory_mb"].default
    assert one_runs_away <= 1024 * int(limits["memory"].removesuffix("Gi"))


def test_workers_are_spread_over_machines() -> None:
    spread = pod()["topologySpreadConstraints"]
    assert [rule["topologyKey"] for rule in spread] == ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]
    assert all(rule["labelSelector"]["matchLabels"].items() <= _labels().items() for rule in spread)


def test_redis_keeps_what_it_knows() -> None:
    """A redis that forgets makes two Grannys of one."""
    settings_of = (KUBERNETES / "components" / "redis" / "redis.conf").read_text(encoding="utf-8")
    assert re.search(r"^appendonly yes$", settings_of, re.MULTILINE)
    assert re.search(r"^maxmemory-policy noeviction$", settings_of, re.MULTILINE)
    redis = one("StatefulSet", "redis")["spec"]
    (data,) = redis["volumeClaimTemplates"]
    mounts = {mount["name"]: mount["mountPath"] for mount in redis["template"]["spec"]["containers"][0]["volumeMounts"]}
    assert f"dir {mounts[data['metadata']['name']]}\n" in settings_of
    assert f"include {mounts['auth']}/" in settings_of


def test_livekit_and_the_workers_meet() -> None:
    """By the names of the Services, and with the same redis."""
    (values,) = manifests.read(KUBERNETES / manifests.VALUES)
    head = (KUBERNETES / manifests.VALUES).read_text(encoding="utf-8")
    (release,) = re.findall(r"helm install (\S+) livekit/livekit-server", head)
    assert settings()["LIVEKIT_URL"] == f"ws://{release}"
    (port,) = one("Service", "redis")["spec"]["ports"]
    assert values["livekit"]["redis"]["address"] == f"redis:{port['port']}"
    readme = (KUBERNETES / "README.md").read_text(encoding="utf-8")
    assert f"create secret generic {values['storeKeysInSecret']['existingSecret']} " in readme
    assert values["replicaCount"] >= 2


PAGE = one("Deployment", "granny-page")["spec"]
(PAGE_CONTAINER,) = PAGE["template"]["spec"]["containers"]
PAGE_SETTINGS = {**settings(), **{entry["name"]: entry["value"] for entry in PAGE_CONTAINER["env"]}}


def _settings_of_page() -> Settings:
    return Settings.model_validate({**PAGE_SETTINGS, "OPENAI_API_KEY": "sk-proj-FAKE"})


def test_the_page_is_that_of_compose() -> None:
    compose = yaml.safe_load((manifests.TOP / "compose.yaml").read_text(encoding="utf-8"))
    assert PAGE_CONTAINER["args"] == compose["services"]["page"]["command"]
    assert set(PAGE_SETTINGS) <= set(VARIABLES)


def test_there_is_one_page_at_a_time() -> None:
    """A second one would know nothing of a token that has let somebody in, nor have the disk."""
    assert (PAGE["replicas"], PAGE["strategy"]) == (1, {"type": "Recreate"})


def test_the_page_is_asked_where_it_is_and_by_a_name_of_its_own() -> None:
    (port,) = PAGE_CONTAINER["ports"]
    assert _settings_of_page().page_port == port["containerPort"]
    (service,) = one("Service", "granny-page")["spec"]["ports"]
    assert service["targetPort"] == port["name"]
    hosts = Doors.of(_settings_of_page(), port["containerPort"], to_cloud=False).hosts
    for name in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = PAGE_CONTAINER[name]["httpGet"]
        assert (asked["path"], asked["port"]) == ("/", port["name"])
        assert {header["name"]: header["value"] in hosts for header in asked["httpHeaders"]} == {"Host": True}
    probe = PAGE_CONTAINER["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] > _longest_start()


def test_who_comes_by_the_ingress_comes_to_the_page_by_its_own_name() -> None:
    ingress = one("Ingress", "granny-page")["spec"]
    (rule,), (tls,) = ingress["rules"], ingress["tls"]
    assert _settings_of_page().page_address == f"https://{rule['host']}"
    assert tls["hosts"] == [rule["host"]]
    (path,) = rule["http"]["paths"]
    (port,) = one("Service", "granny-page")["spec"]["ports"]
    assert path["backend"]["service"] == {"name": "granny-page", "port": {"name": port["name"]}}


def test_the_links_are_on_a_disk_and_nothing_else_that_is_written_lasts() -> None:
    volumes = {volume["name"]: volume for volume in PAGE["template"]["spec"]["volumes"]}
    mounts = (mount for mount in PAGE_CONTAINER["volumeMounts"] if "readOnly" not in mount)
    written = {mount["mountPath"]: volumes[mount["name"]] for mount in mounts}
    assert set(written) == {"/tmp", str(_settings_of_page().data_folder)}  # noqa: S108  in the container
    assert "emptyDir" in written.pop("/tmp")  # noqa: S108  as above
    (store,) = written.values()
    assert one("PersistentVolumeClaim", store["persistentVolumeClaim"]["claimName"])


def test_the_page_has_the_worker_s_keys_and_nothing_that_is_for_the_worker_finds_it() -> None:
    keys, mounts = ("volumes", "keys"), ("volumeMounts", "keys")
    assert _named(PAGE["template"]["spec"], *keys) == _named(pod(), *keys)
    assert _named(PAGE_CONTAINER, *mounts) == _named(worker(), *mounts)
    labels = PAGE["template"]["metadata"]["labels"]
    selectors = (one("Service")["spec"]["selector"], one("PodDisruptionBudget")["spec"]["selector"]["matchLabels"])
    assert not [selector for selector in selectors if selector.items() <= labels.items()]


def _named(manifest: Manifest, part: str, name: str) -> Manifest:
    (found,) = (entry for entry in manifest[part] if entry["name"] == name)
    assert isinstance(found, dict)
    return found
