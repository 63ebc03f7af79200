"""Settings: what each variable sets, and what a wrong value is met with."""

import subprocess
import sys
from pathlib import Path

import pytest

from assistant.settings import Settings, describe
from index.embed import PACKAGED_MODEL
from index.errors import InputError


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_environment({}) == Settings()
    assert Settings().sources == Path("sources")
    assert Settings().index == Path(".onrecord")


def test_the_default_model_is_the_packaged_one() -> None:
    assert Settings().model == PACKAGED_MODEL


def test_no_reranker_is_the_default_and_a_variable_names_one() -> None:
    assert Settings().reranker == ""
    assert Settings.from_environment({"ONRECORD_RERANKER": "some/cross-encoder"}).reranker == "some/cross-encoder"
    assert [line for line in describe().splitlines() if "ONRECORD_RERANKER" in line and "Default: empty." in line]


def test_variables_set_their_fields() -> None:
    settings = Settings.from_environment({
        "ONRECORD_SOURCES": "docs", "ONRECORD_INDEX": "/tmp/x", "ONRECORD_THREADS": "4", "ONRECORD_MODEL": "some/model",
    })  # fmt: skip
    assert (settings.sources, settings.index) == (Path("docs"), Path("/tmp/x"))
    assert (settings.threads, settings.model) == (4, "some/model")


def test_a_blank_variable_counts_as_unset() -> None:
    assert Settings.from_environment({"ONRECORD_INDEX": "  ", "ONRECORD_THREADS": ""}) == Settings()


def test_given_values_win_over_the_environment_and_none_does_not() -> None:
    environment = {"ONRECORD_SOURCES": "docs", "ONRECORD_INDEX": "there"}
    settings = Settings.from_environment(environment, sources=Path("mine"), index=None)
    assert (settings.sources, settings.index) == (Path("mine"), Path("there"))


def test_a_given_value_spares_a_wrong_variable() -> None:
    assert Settings.from_environment({"ONRECORD_PORT": "high"}, port=80).port == 80


@pytest.mark.parametrize("value", ["many", "0", "-1", "1.5", "9999"])
def test_a_wrong_number_is_refused_with_variable_value_and_range(value: str) -> None:
    with pytest.raises(InputError) as caught:
        Settings.from_environment({"ONRECORD_THREADS": value})
    assert all(part in str(caught.value) for part in ("ONRECORD_THREADS", repr(value), "from 1 to 256"))


def test_a_home_folder_is_expanded() -> None:
    assert Settings.from_environment({"ONRECORD_SOURCES": "~/docs"}).sources == Path.home() / "docs"


def test_every_field_is_described() -> None:
    lines = describe().splitlines()
    assert len(lines) == len(Settings.__dataclass_fields__)
    assert all(line.startswith("ONRECORD_") and "Default: " in line for line in lines)


def test_importing_settings_loads_nothing_heavy() -> None:
    code = "import sys, assistant.settings; print([m for m in ('pydantic', 'numpy', 'torch') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


# ---------------------------------------------------------------- of the server


@pytest.mark.parametrize("variable", ["ONRECORD_ORIGINS", "ONRECORD_FRAME_ANCESTORS"])
def test_origins_are_written_as_browsers_send_them(variable: str) -> None:
    given = "https://example.org http://localhost:8000,https://[::1]:8443 https://xn--bcher-kva.example"
    settings = Settings.from_environment({variable: given})
    found = settings.origins or settings.frame_ancestors
    assert found == (
        "https://example.org",
        "http://localhost:8000",
        "https://[::1]:8443",
        "https://xn--bcher-kva.example",
    )


@pytest.mark.parametrize(
    "origin",
    [
        "*", "null", "example.org", "https://", "https://example.org/", "https://example.org/path", "https://EXAMPLE.org",
        "HTTPS://example.org", "https://*.example.org", "ftp://example.org", "https://example.org:443", "http://example.org:80",
        "https://user@example.org", "https://bücher.example", "https://example.org;script-src", "'self'", "https://a\nb",
        "https://example.org\n", "//example.org", "https://example.org:", "https://example.org:123456",
    ],
)  # fmt: skip
def test_what_is_no_origin_is_refused_with_what_one_is(origin: str) -> None:
    for field, variable in (("origins", "ONRECORD_ORIGINS"), ("frame_ancestors", "ONRECORD_FRAME_ANCESTORS")):
        with pytest.raises(InputError, match=variable) as caught:
            Settings(**{field: ("https://example.org", origin)})  # type: ignore[arg-type]
        assert repr(origin) in str(caught.value)
        assert "https://example.org" in str(caught.value)


def test_a_port_that_is_the_other_schemes_own_is_no_matter() -> None:
    assert Settings(origins=("http://example.org:443", "https://example.org:80"))


@pytest.mark.parametrize("proxy", ["*", "proxy.example", "10.0.0.1/8", "10.0.0", "10.0.0.1:80", "", "unix:/a"])
def test_proxies_are_addresses_and_networks(proxy: str) -> None:
    with pytest.raises(InputError, match=r"ONRECORD_PROXIES .* 10\.0\.0\.0/8"):
        Settings(proxies=("127.0.0.1", proxy))
    assert Settings(proxies=("127.0.0.1", "10.0.0.0/8", "::1", "fd00::/8"))


@pytest.mark.parametrize(
    "path", ["/", "record", "/record/", "//record", "/rec ord", "/a?b", "/ä", "/record\n", "https://a.b/c"]
)
def test_a_root_path_is_a_path_without_a_slash_behind_it(path: str) -> None:
    with pytest.raises(InputError, match="ONRECORD_ROOT_PATH"):
        Settings(root_path=path)
    assert Settings(root_path="/on-record/v1.2").root_path == "/on-record/v1.2"


@pytest.mark.parametrize("key", ["two words", "ключ", "a\nb", "\t", "a\x7f"])
def test_a_key_that_no_header_can_hold_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(InputError, match="ONRECORD_API_KEY") as caught:
        Settings(api_key=key)
    assert key not in str(caught.value)


def test_a_key_is_shown_nowhere() -> None:
    assert "a-key" not in repr(Settings(api_key="a-key"))


def test_the_same_settings_are_made_from_their_environment(tmp_path: Path) -> None:
    settings = Settings(
        sources=tmp_path / "a b", index=tmp_path / "ü", port=0, root_path="/record", origins=("https://a.example", "https://b.example"),
        proxies=("127.0.0.1", "fd00::/8"), api_key="!key~", rate=7, waiting=0, answer_seconds=9, gaps="gaps.jsonl",
    )  # fmt: skip
    for each in (settings, Settings()):
        assert Settings.from_environment(each.to_environment()) == each
