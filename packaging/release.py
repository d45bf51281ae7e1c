"""What build/release holds, as its packages tell it: version, time, the portable program. For the scripts beside this
file, which pack it. BUILD in the environment names another build directory."""

import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build", "release"))
PACKAGES = os.path.join(BUILD, "packages")
PROGRAM = os.path.join(BUILD, "portable", "fapilog-ship")
LICENCES = {"LICENSE": os.path.join(ROOT, "LICENSE"), "LICENSES": os.path.join(BUILD, "packaging", "LICENSES")}
SUMMARY = "Log shipper that never makes the application wait"


def setting(name):
    """One of the values that CMake gave to cpack: the version and the time stand in one place for all packages."""
    with open(os.path.join(BUILD, "CPackConfig.cmake"), encoding="utf-8") as file:
        return re.search(rf'^set\({name} "(.*)"\)$', file.read(), re.M)[1]


def version():
    return setting("CPACK_PACKAGE_VERSION")


def epoch():
    """Seconds; the time that everything in a package bears."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or setting("CPACK_SHIP_EPOCH"))


def machine():
    """The processor as Linux names it: x86_64 or aarch64."""
    return re.search(r"-linux-(\w+)$", setting("CPACK_SHIP_TARBALL"))[1]


def need(*paths):
    for path in paths:
        if not os.path.exists(path):
            raise SystemExit(f"{path} is missing: run packaging/build_packages --only-build first.")


def output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def content(path):
    with open(path, "rb") as file:
        return file.read()
