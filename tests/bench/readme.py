"""Puts measured tables into README.md, between two marks, so that nobody copies figures by hand."""

import os

import measure


def put(mark, text):
    """Replaces what stands between `<!-- MARK -->` and `<!-- end -->`."""
    path = os.path.join(measure.ROOT, "README.md")
    with open(path, encoding="utf-8") as file:
        before, begin, rest = file.read().partition(f"<!-- {mark} -->\n")
    _, end, after = rest.partition("<!-- end -->\n")
    if not end:
        raise SystemExit(f"README.md has no place for {mark}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + begin + text + end + after)
