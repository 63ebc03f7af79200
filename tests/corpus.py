"""Small corpora: files in sources/ of a folder, indexed in index/ beside it; and one that several tests ask about."""

from collections.abc import Mapping
from pathlib import Path

from assistant.answer import Assistant
from index.embed import Embedder
from index.generation import Index
from index.sync import sync

PASS = """---
id: pass
title: The harbour pass
publisher: Port Gazette
published: 2025-05-02
url: https://example.org/pass
---

The harbour pass costs 20 euros a year. Residents buy the harbour pass at the harbour office.

The timetable of the night ferry has not been announced.
"""


def published(folder: Path, files: Mapping[str, str], embedder: Embedder) -> Path:
    """Write files, by their names, and sync them; the folder of the index."""
    for name, text in files.items():
        path = folder / "sources" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    sync(folder / "sources", folder / "index", embedder)
    return folder / "index"


def assistant_over(folder: Path, files: Mapping[str, str], embedder: Embedder) -> Assistant:
    """An assistant over such files, to be closed."""
    return Assistant(Index.open(published(folder, files, embedder), embedder), embedder)
