"""The image, the examples and docs/deploying.md: what they name is there, and is what the server needs.

The image is not built, and no proxy is run: docs/deploying.md says what was tried by hand.
"""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields

import pytest
import typer.main
import yaml

import onrecord
from assistant.live import LiveAssistant
from assistant.settings import Settings
from assistant.site.app import create
from assistant.site.connections import SECONDS_TO_ASK
from assistant.site.guards import MOST_BYTES
from evals.case import HERE
from index.embed import TransformerEmbedder
from tests.corpus import assistant_over
from tests.serving import served

ROOT = HERE.parent
DOCS = (ROOT / "docs" / "deploying.md").read_text("utf-8")
EXAMPLES = {path.name: path.read_text("utf-8") for path in sorted((ROOT / "docs" / "examples").iterdir())}
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
VARIABLES = {field.metadata["variable"]: field for field in fields(Settings)}
# Until it is killed, a server may answer what it has accepted, and then needs a moment to end.
GRACE = Settings().answer_seconds + 10


def instructions(text: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile: each one's name, and the rest of it on one line."""
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    whole = "\n".join(lines).replace("\\\n", "")
    found = [line.split(maxsplit=1) for line in whole.splitlines() if line.strip()]
    return [(name, rest) for name, rest in found]


IMAGE = instructions(DOCKERFILE)
LAST_STAGE = IMAGE[max(number for number, (name, _) in enumerate(IMAGE) if name == "FROM") :]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, embedder: TransformerEmbedder) -> Iterator[LiveAssistant]:
    """An assistant over one document."""
    folder = tmp_path_factory.mktemp("deploying")
    opened = assistant_over(folder, {"park.md": "# The park\n\nThe fee is 3 euros.\n"}, embedder)
    with LiveAssistant(folder / "index", opened) as assistant:
        yield assistant


def routes(live: LiveAssistant) -> set[str]:
    """The paths that the server documents."""
    return set(create(live, Settings(), chat=False).openapi()["paths"])


# --- the image -----------------------------------------------------------------------------------------------------


def test_all_that_is_copied_is_there_and_is_let_through() -> None:
    ignored, *let_through = [
        line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line and line[0] in "*!"
    ][:8]
    assert ignored == "*"
    copied = [
        path for name, rest in IMAGE if name == "COPY" and not rest.startswith("--from=") for path in rest.split()[:-1]
    ]
    assert {f"!{path}" for path in copied} == set(let_through)
    for path in copied:
        assert (ROOT / path).exists()


def test_the_image_has_all_that_is_packaged() -> None:
    copied = " ".join(rest for name, rest in IMAGE if name == "COPY").split()
    settings = PROJECT["tool"]["setuptools"]
    wanted = [f"{name}.py" for name in settings["py-modules"]]
    wanted += [pattern.rstrip("*") for pattern in settings["packages"]["find"]["include"]]
    wanted += [PROJECT["project"]["readme"], *PROJECT["project"]["license-files"], "pyproject.toml"]
    assert set(wanted) <= set(copied)


@pytest.mark.parametrize("package", ["index", "assistant"])
def test_all_files_of_the_program_are_packaged(package: str) -> None:
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["*"]
    there = [path for path in (ROOT / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    left_out = [path for path in there if path.suffix != ".py" and not any(path.match(each) for each in patterns)]
    assert left_out == []


def test_every_stage_has_the_same_python_and_a_version_that_is_supported() -> None:
    versions = dict(rest.split("=") for name, rest in IMAGE if name == "ARG" and "=" in rest)
    stages = [rest.split()[0] for name, rest in IMAGE if name == "FROM"]
    assert set(stages) == {"python:${PYTHON}-slim"}
    assert re.fullmatch(r"3\.\d+", versions["PYTHON"])
    least = PROJECT["project"]["requires-python"].removeprefix(">=")
    assert tuple(map(int, versions["PYTHON"].split("."))) >= tuple(map(int, least.split(".")))


def test_packages_come_from_where_pip_is_configured_to_look() -> None:
    assert 'ARG TORCH_INDEX=""' in DOCKERFILE
    assert '${TORCH_INDEX:+--index-url "$TORCH_INDEX"}' in DOCKERFILE
    assert DOCKERFILE.count("--index-url") == 1
    assert "://" not in DOCKERFILE


def test_the_server_is_not_root_and_writes_to_one_volume() -> None:
    users = [rest for name, rest in LAST_STAGE if name == "USER"]
    assert len(users) == 1
    assert int(users[0]) > 0  # a number, which can be told from root without the image's list of users
    assert f"--uid {users[0]} " in DOCKERFILE
    assert [rest for name, rest in LAST_STAGE if name == "VOLUME"] == ["/state"]
    variables = environment_of_the_image()
    assert variables["ONRECORD_INDEX"].startswith("/state/")
    assert variables["HF_HUB_OFFLINE"] == "1"
    assert "ONRECORD_API_KEY" not in variables


def test_no_step_after_the_user_needs_root() -> None:
    names = [name for name, _ in LAST_STAGE]
    assert set(names[names.index("USER") + 1 :]) == {
        "WORKDIR", "VOLUME", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD",
    }  # fmt: skip


def test_the_image_serves_unless_it_is_told_to_do_something_else() -> None:
    started = {name: json.loads(rest) for name, rest in LAST_STAGE if name in ("ENTRYPOINT", "CMD")}
    assert started == {"ENTRYPOINT": ["onrecord"], "CMD": ["serve"]}
    Settings.from_environment(environment_of_the_image())  # which are all understood


def environment_of_the_image() -> dict[str, str]:
    return dict(pair.split("=", 1) for name, rest in LAST_STAGE if name == "ENV" for pair in rest.split())


def health_check() -> list[str]:
    """The command of the image's health check."""
    rest = next(rest for name, rest in LAST_STAGE if name == "HEALTHCHECK")
    program, *arguments = json.loads(rest.partition(" CMD ")[2])
    assert program == "python"
    return [sys.executable, *arguments]


def test_the_health_check_asks_for_a_route_that_there_is(live: LiveAssistant) -> None:
    asked = re.findall(r"'(/[\w/]+)'", health_check()[-1])
    assert set(asked) == {"/api/health/ready"} <= routes(live)


@pytest.mark.parametrize("root_path", ["", "/record"])
def test_the_health_check_tells_a_server_that_answers_from_one_that_does_not(
    live: LiveAssistant, root_path: str
) -> None:
    with served(live, Settings(root_path=root_path, api_key="a-key", burst=1, rate=1)) as address:
        environment = {**os.environ, "ONRECORD_PORT": address.removesuffix(root_path).rpartition(":")[2]}
        for _ in range(3):
            assert subprocess.run(health_check(), env=environment, check=False).returncode == 0
    gone = subprocess.run(health_check(), env=environment, stderr=subprocess.DEVNULL, check=False)
    assert gone.returncode == 1


# --- the examples --------------------------------------------------------------------------------------------------


def test_nginx_passes_on_what_the_server_needs() -> None:
    text = EXAMPLES["nginx.conf"]
    assert text.count("{") == text.count("}")
    settings = dict(re.findall(r"^ *(\w+(?: (?:Host|X-[\w-]+))?) +(\S[^;{]*);", text, re.MULTILINE))
    assert settings["proxy_buffering"] == "off"
    assert settings["proxy_http_version"] == "1.1"
    assert settings["proxy_set_header Host"] == "$http_host"  # with its port
    assert settings["proxy_set_header X-Forwarded-For"] == "$remote_addr"  # not what the client says before it
    assert settings["proxy_set_header X-Forwarded-Proto"] == "$scheme"
    assert settings["proxy_set_header X-Forwarded-Host"] == "$http_host"
    assert settings["proxy_pass"] == f"http://127.0.0.1:{Settings().port}/"
    assert int(settings["client_max_body_size"].removesuffix("k")) * 1024 >= MOST_BYTES
    assert int(settings["proxy_read_timeout"].removesuffix("s")) > Settings().answer_seconds
    for path in ("metrics", "api/health/ready"):
        assert re.search(rf"location = /record/{path} +{{ return 404; }}", text)


def test_caddy_passes_on_what_the_server_needs() -> None:
    text = EXAMPLES["Caddyfile"]
    assert text.count("{") == text.count("}")
    assert "flush_interval -1" in text
    assert f"reverse_proxy 127.0.0.1:{Settings().port} {{" in text
    assert "handle_path /record/* {" in text
    sizes = re.findall(r"max_size (\d+)KiB", text)
    assert [int(size) * 1024 >= MOST_BYTES for size in sizes] == [True]
    idle = re.findall(r"keepalive (\d+)s", text)
    assert [int(seconds) < SECONDS_TO_ASK for seconds in idle] == [True]
    for path in ("metrics", "api/health/ready"):
        assert re.search(rf"handle /record/{path} {{\s+respond 404\s+}}", text)


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_what_the_proxies_keep_inside_are_routes(name: str, live: LiveAssistant) -> None:
    inside = set(re.findall(r"(?:location =|handle) /record(/[\w/]+)", EXAMPLES[name]))
    assert inside == {"/metrics", "/api/health/ready"} <= routes(live)


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name.endswith(".service")])
def test_units_give_the_server_no_more_than_it_needs(name: str) -> None:
    lines = [line.partition("=") for line in EXAMPLES[name].splitlines() if "=" in line and not line.startswith("#")]
    unit = {key: value for key, _, value in lines}
    assert unit["User"] == "onrecord"
    assert (unit["ProtectSystem"], unit["NoNewPrivileges"], unit["CapabilityBoundingSet"]) == ("strict", "true", "")
    variables = dict(value.split("=") for key, _, value in lines if key == "Environment")
    settings = Settings.from_environment(variables)
    assert settings.index.is_relative_to(f"/var/lib/{unit['StateDirectory']}")
    assert variables["HF_HUB_OFFLINE"] == "1"
    assert unit["RestartPreventExitStatus"] == "2"
    if name == "onrecord.service":
        assert int(unit["TimeoutStopSec"]) > GRACE


def test_containers_write_to_their_volume_alone() -> None:
    services = yaml.safe_load(EXAMPLES["compose.yaml"])["services"]
    for service in services.values():
        assert service["read_only"] is True
        assert service["tmpfs"] == ["/tmp"]
        assert service["cap_drop"] == ["ALL"]
        assert [volume.endswith(":ro") for volume in service["volumes"]] == [True, False]
        sources, _, inside = service["volumes"][0].removesuffix(":ro").partition(":")
        assert (ROOT / "docs" / "examples" / sources).resolve() == ROOT / "sources"
        assert inside == environment_of_the_image()["ONRECORD_SOURCES"]
    assert int(services["serve"]["stop_grace_period"].removesuffix("s")) > GRACE
    assert services["serve"]["ports"][0].startswith("127.0.0.1:")
    Settings.from_environment(services["serve"]["environment"])


# --- the page ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [DOCS, DOCKERFILE, *EXAMPLES.values()], ids=["docs", "Dockerfile", *EXAMPLES])
def test_variables_are_ones_that_there_are(text: str) -> None:
    assert set(re.findall(r"ONRECORD_[A-Z_]+", text)) <= set(VARIABLES)


def test_defaults_are_those_of_the_settings() -> None:
    rows = re.findall(r"^\| `(ONRECORD_\w+)` \| ([^|]*) ?\|", DOCS, re.MULTILINE)
    assert len(rows) > 10
    for variable, default in rows:
        given = VARIABLES[variable].default
        assert default.strip() == (str(given) if given not in ("", ()) else ""), variable


def test_commands_are_ones_that_there_are() -> None:
    group = typer.main.get_command(onrecord.app)
    there = set(getattr(group, "commands", {}))
    named = re.findall(r"(?:`|^ +(?:ONRECORD_\S+ )*(?:/\S+/)?)onrecord ([a-z]+)", DOCS, re.MULTILINE)
    assert {"serve", "sync", "status", "rollback", "publish"} <= set(named)
    assert set(named) <= there


def test_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)]+)\)", DOCS):
        path, _, place = link.partition("#")
        assert (ROOT / "docs" / path).exists(), link
        headings = {
            re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-")
            for line in re.findall(r"^#+ (.+)$", DOCS, re.MULTILINE)
        }
        assert not place or place in headings, link


def test_every_example_is_spoken_of() -> None:
    for name in EXAMPLES:
        assert f"examples/{name}" in DOCS
