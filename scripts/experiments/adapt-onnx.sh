#!/usr/bin/env bash
# Adapts networks that packages of PyPI and npm ship to damaged pictures without labels, as experiments/NAME/config.json says, and writes table and
# picture beside it:
#
#   CAMVID=/data/camvid bash scripts/experiments/adapt-onnx.sh ocr-jpeg          PP-OCRv4's detector, words drawn on photographs of streets
#   CAMVID=/data/camvid bash scripts/experiments/adapt-onnx.sh lines-jpeg        PP-OCRv4's recognition, lines of text
#   CAMVID=/data/camvid bash scripts/experiments/adapt-onnx.sh ocr-dim           the same pictures, dimmed
#   PENN_FUDAN=/data/penn_fudan bash scripts/experiments/adapt-onnx.sh people-dim    human-selfie, a GraphModel of npm, photographs of people, dimmed
#
# Photographs that are trained on and those measured on are of different drives or campuses. Fonts: DejaVu, as Debian's fonts-dejavu-core has them, or
# FONTS=DIR. What is made on the way lies in runs/NAME; an interrupted call goes on.
set -euo pipefail
cd "$(dirname "$0")/../.."
name="${1:-}"
config="experiments/$name/config.json"
if [[ -z "$name" ]] || ! grep -qs '"adapt":' "$config"; then
  known="$(grep -l '"adapt":' experiments/*/config.json | cut -d/ -f2 | paste -sd' ')"
  echo "adapt-onnx.sh: expected one of $known, got ${name:-nothing}" >&2
  exit 2
fi
work="runs/$name"
mkdir -p "$work"

# options PART: into the array `words`
options() {
  local text
  text="$(node scripts/experiments/adapt-options.mjs "$config" "$@")"
  mapfile -t words <<<"$text"
}

if [[ ! -f "$work/pictures/dataset.json" ]]; then
  options pictures
  "$(bash scripts/test-tools.sh)" scripts/experiments/text_pictures.py "$work/pictures" "${words[@]}" \
    --words scripts/experiments/words.txt --fonts "${FONTS:-/usr/share/fonts/truetype/dejavu}"
fi

if [[ ! -f "$work/net/config.json" ]]; then
  options network registry
  networks="$(bash "scripts/${words[0]}.sh")"
  options network file
  file="$(realpath "$networks/${words[0]}")"
  options import
  npx gearnn import "$file" --out "$work/net" "${words[@]}"
fi

resume=()
[[ -d "$work/adapted/.adapt" ]] && resume=(--resume)
options adapt
npx gearnn adapt --checkpoint "$work/net" --data "list:$work/pictures" --out "$work/adapted" "${resume[@]}" "${words[@]}"
cp "$work/adapted/adapt.json" "$work/adapted/adapt.svg" "experiments/$name/"
