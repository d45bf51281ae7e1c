# shellcheck shell=bash disable=SC2034  # the lists are for the scripts that source this file
# The one list of Debian packages, sourced by packaging/quickstart, packaging/build_packages and tests/run.
# packaging/doc/building.md gives the reason for each library.

# To build the program.
build_packages=(
  g++ cmake ninja-build ccache pkg-config
  libcli11-dev libtomlplusplus-dev libsimdjson-dev libcurl4-openssl-dev
  zlib1g-dev libdeflate-dev libzstd-dev libsnappy-dev libprotozero-dev libssl-dev libre2-dev
  libvectorscan-dev libmicrohttpd-dev prometheus-cpp-dev librdkafka-dev libpq-dev
)

# To run every suite; comes on top of build_packages.
test_packages=(
  catch2 clang-14 clang-format-14 clang-tidy-14 libclang-rt-14-dev
  shellcheck python3 iproute2 util-linux zsh fish zstd tmux python3-yaml python3-cryptography valgrind mandoc systemd lintian
  prometheus chromium chromium-driver nodejs
)

# To run tests/live, the suites in front of real servers; comes on top of both. Go is needed beside them.
live_packages=(maven python3-venv nginx-light haproxy openssl postgresql)
# rsyslog and syslog-ng cannot be installed together and would start: tests/live unpacks them, and these are their libraries.
live_packages+=(libestr0 libfastjson4 liblognorm5 libivykis0 libjson-c5 libnet1 libwrap0 libpcre3 libglib2.0-0)
command -v javac >/dev/null || live_packages+=(default-jdk-headless)

# To make all packages with packaging/build_packages; comes on top of build_packages.
package_packages=(dpkg-dev rpm xz-utils python3 binutils ca-certificates)

# To test them, tests/packaging/life_cycle included; comes on top of package_packages.
package_test_packages=(rpmlint cpio openssl debootstrap runc python3-venv skopeo umoci busybox-static)

# To measure against the peers with tests/bench; comes on top of build_packages.
bench_packages=(python3 apache2-utils s6 runit daemontools nginx-light)

# as_root COMMAND...: runs it as root, by sudo where that is needed.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "This needs root to install packages: run it as root, or install sudo." >&2
    return 1
  fi
}

# install_packages PACKAGE...: installs those that are missing; asks no server when none is.
install_packages() {
  local package missing=()
  if ! command -v apt-get >/dev/null; then
    echo "apt-get was not found: this script knows Debian 12 only. Elsewhere install by hand what" >&2
    echo "packaging/dependencies.sh lists, then: cmake --preset release && cmake --build build/release" >&2
    return 1
  fi
  for package in "$@"; do
    # shellcheck disable=SC2016  # the format is dpkg-query's, not the shell's
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "Installing ${#missing[@]} packages: ${missing[*]}"
  local log
  log=$(mktemp)
  if as_root apt-get -q -o Acquire::Retries=3 update >"$log" 2>&1 &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3 \
      -o DPkg::Lock::Timeout=120 install --no-install-recommends "${missing[@]}" >"$log" 2>&1; then
    rm -f "$log"
    return 0
  fi
  tail -n 20 "$log" >&2
  echo "The packages could not be installed; the last lines of apt-get are above." >&2
  rm -f "$log"
  return 1
}
