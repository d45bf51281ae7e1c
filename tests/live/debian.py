"""Programs of Debian that cannot be installed side by side, or would start a service: their packages are fetched and
unpacked into the cache."""

import glob
import os

import server


def unpacked(*packages):
    """The directory with what the packages hold. The libraries they need are in packaging/dependencies.sh."""
    def make(directory):
        server.command("apt-get", "-q", "-o", "Acquire::Retries=3", "download", *packages, cwd=directory)
        for package in glob.glob(os.path.join(directory, "*.deb")):
            server.command("dpkg-deb", "-x", package, directory)
            os.remove(package)
    return server.cached("-".join(packages), make)


def library_directory(root):
    """Where the libraries of the machine's architecture are."""
    (found,) = glob.glob(os.path.join(root, "usr", "lib", "*-linux-gnu*"))
    return found
