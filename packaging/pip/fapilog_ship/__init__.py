"""fapilog-ship, the log shipper, as pip installs it: `fapilog-ship` in PATH, or `python -m fapilog_ship`."""

import os
import sysconfig
from importlib import metadata

__all__ = ["program"]

_NAME = "fapilog-ship"


def program() -> str:
    """The path of the program that was installed with this package, for subprocess."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    candidates = [os.path.join(here, "bin", _NAME)]  # pip install --target
    try:
        candidates += [str(file.locate()) for file in metadata.files(_NAME) or () if file.name == _NAME]
    except metadata.PackageNotFoundError:
        pass
    candidates.append(os.path.join(sysconfig.get_path("scripts"), _NAME))
    for path in candidates:
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return os.path.realpath(path)
    raise FileNotFoundError(f"the program {_NAME} was not found at {' or '.join(candidates)}; "
                            f"install the package again: pip install --force-reinstall {_NAME}")
