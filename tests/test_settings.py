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
