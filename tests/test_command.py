"""The commands on public data: data that cannot be used, and where the indexes lie."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from evals import deciding, fit
from evals.command import execute


@pytest.mark.parametrize("main", [fit.main, deciding.main], ids=["fit", "deciding"])
def test_a_folder_without_the_data_leaves_with_code_2(
    main: Callable[[Sequence[str]], int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "none")]) == 2
    assert "squad2.jsonl cannot be read" in capsys.readouterr().err


def test_indexes_are_kept_where_asked_and_else_only_meanwhile(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places: list[Path] = []

    def work(place: Path) -> None:
        assert place.is_dir()
        places.append(place)

    assert [execute("x", keep, work) for keep in (tmp_path, None)] == [0, 0]
    assert places[0] == tmp_path
    assert tmp_path.is_dir()
    assert not places[1].exists()
    assert capsys.readouterr().out.count("Done in") == 2
