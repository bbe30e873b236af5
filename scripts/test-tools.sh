#!/usr/bin/env bash
# Installs what tests compare gearnn with, or call it by (numpy, Pillow, safetensors, scikit-learn, TensorFlow, tritonclient, onnx,
# onnxruntime, pycocotools, moto, perf_analyzer), into a Python environment of its own, once, and prints that environment's interpreter. Tests find
# it by themselves, or through GEARNN_PYTHON. Of npm's packages onnxruntime-node, into a folder of its own.
# The programs ffmpeg, nginx, haproxy and redis-server come from the system's packages where they are missing, which takes root or sudo.
set -euo pipefail

packages=(
  'numpy==2.2.6; python_version < "3.11"'
  'numpy==2.4.6; python_version >= "3.11"'
  'Pillow==12.0.0'
  'safetensors==0.6.2'
  'scikit-learn==1.8.0; python_version >= "3.11"'
  'scikit-learn==1.7.2; python_version < "3.11"'
  'tensorflow-cpu==2.21.0'
  'tritonclient[http,grpc]==2.73.0'
  # The last version that ships the data of ONNX's own tests of operations.
  'onnx==1.22.0'
  'onnxruntime==1.32.0'
  'pycocotools==2.0.11'
  # An S3 server.
  'moto[server]==5.2.5'
)
folder="${XDG_CACHE_HOME:-$HOME/.cache}/gearnn/test-tools"
stamp="$folder/packages.txt"

if [[ ! -x "$folder/bin/python" || "$(cat "$stamp" 2>/dev/null)" != "${packages[*]}" ]]; then
  rm -rf "$folder"
  mkdir -p "$(dirname "$folder")"
  python3 -m venv "$folder" >&2
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary=:all: "${packages[@]}" >&2
  echo "${packages[*]}" >"$stamp"
fi

# Its program asks for glibc 2.38 or newer; elsewhere its tests are skipped.
perf_analyzer='perf-analyzer==2.60.0'
if [[ ! -e "$folder/$perf_analyzer.tried" ]]; then
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary=:all: "$perf_analyzer" >/dev/null 2>&1 ||
    echo "test-tools: $perf_analyzer cannot be had for this system; the tests that it would run are skipped" >&2
  touch "$folder/$perf_analyzer.tried"
fi

bash "$(dirname "$0")/onnxruntime-node.sh" >/dev/null ||
  echo 'test-tools: onnxruntime-node could not be installed; the tests that need it say so' >&2

missing=()
for program in ffmpeg nginx haproxy redis-server; do
  command -v "$program" >/dev/null || missing+=("$program")
done
if [[ ${#missing[@]} -gt 0 ]]; then
  as_root=()
  [[ $EUID -eq 0 ]] || as_root=(sudo)
  {
    "${as_root[@]}" apt-get update -qq && "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
  } >&2 || echo "test-tools: ${missing[*]} could not be installed; the tests that need them say so" >&2
fi
echo "$folder/bin/python"
