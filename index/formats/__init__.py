"""One module a file format; each has `extract(data: bytes) -> Extract` and knows nothing of the others' formats."""
