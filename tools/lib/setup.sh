# What a machine needs to build Gliss. Sourced by tools/quickstart, tools/test and tools/install;
# installs Debian packages that are missing, and nothing that is there.

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "error: $*"
  exit 69
}

misuse() {
  say "usage: $*"
  exit 64
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    fail "root is needed for: $* (no sudo here)"
  fi
}

# The C libraries the package links, as pkg-config names them and as Debian does.
missing_packages() {
  command -v pkg-config >/dev/null 2>&1 || echo pkg-config
  pkg-config --exists openblas 2>/dev/null || echo libopenblas-serial-dev
  pkg-config --exists libpcre2-8 2>/dev/null || echo libpcre2-dev
  pkg-config --exists zlib 2>/dev/null || echo zlib1g-dev
}

need_libraries() {
  local missing
  missing=$(missing_packages)
  [ -n "$missing" ] || return 0
  # shellcheck disable=SC2086
  set -- $missing
  command -v apt-get >/dev/null 2>&1 ||
    fail "these are missing, and only Debian's apt-get is known to this script: $*"
  say "installing: $*"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends "$@" >&2
  missing=$(missing_packages)
  [ -z "$missing" ] || fail "still missing after the installation: $missing"
}

# The manifest asks for tools 6.2; 6.3 is what Gliss is tested with.
need_swift() {
  command -v swift >/dev/null 2>&1 || fail "swift is missing: install Swift 6.2 or later"
  local version major minor
  version=$(swift --version 2>/dev/null |
    sed -n 's/.*Swift version \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' | head -n 1)
  major=${version%%.*}
  minor=${version#*.}
  if [ -z "$version" ] || [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 2 ]; }; then
    fail "Swift 6.2 or later is needed, found ${version:-an unknown version}"
  fi
}
