"""Puts measured tables into the documents, between two marks, so that nobody copies figures by hand."""

import os

import measure

README = os.path.join(measure.ROOT, "README.md")
PERFORMANCE = os.path.join(measure.ROOT, "packaging", "doc", "performance.md")


def put(path, mark, text):
    """Replaces what stands between `<!-- MARK -->` and `<!-- end -->` in the document at `path`."""
    with open(path, encoding="utf-8") as file:
        before, begin, rest = file.read().partition(f"<!-- {mark} -->\n")
    _, end, after = rest.partition("<!-- end -->\n")
    if not end:
        raise SystemExit(f"{path} has no place for {mark}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + begin + text + end + after)
