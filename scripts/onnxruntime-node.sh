#!/usr/bin/env bash
# Installs onnxruntime-node, with which tests and benchmarks compare ONNX networks and which gearnn itself does not need, into a folder of its
# own, once. The processor's library comes with the package; its install script only fetches CUDA's. About 300 MB. Prints the folder.
set -euo pipefail
folder="${XDG_CACHE_HOME:-$HOME/.cache}/gearnn/onnxruntime-node"
package='onnxruntime-node@1.30.0'
if [[ ! -d "$folder/node_modules/onnxruntime-node" || "$(cat "$folder/packages.txt" 2>/dev/null)" != "$package" ]]; then
  mkdir -p "$folder"
  npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund --silent "$package" >&2
  echo "$package" >"$folder/packages.txt"
fi
echo "$folder"
