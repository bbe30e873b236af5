#!/usr/bin/env bash
# Installs Chromium, which the tests of the page drive, where it is missing and apt-get may; prints its path.
set -euo pipefail

if ! command -v chromium >/dev/null; then
  if [[ "$(id -u)" != 0 ]] || ! command -v apt-get >/dev/null; then
    echo 'chromium: expected a program on the PATH, got none. Install it, for example with `apt-get install chromium`.' >&2
    exit 1
  fi
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium >&2
fi
command -v chromium
