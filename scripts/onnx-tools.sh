#!/usr/bin/env bash
# Installs what `npm run bench -- onnx` exports networks with and compares them with, once: torchvision, timm, segmentation_models_pytorch and
# transformers beside the PyTorch and onnxruntime of bench-tools.sh, and onnxruntime-node. About 300 MB more. Prints the Python.
set -euo pipefail
python="$(bash "$(dirname "$0")/bench-tools.sh")"
packages=(
  'torchvision==0.26.0'
  'timm==1.0.31'
  'segmentation-models-pytorch==0.6.0'
  'transformers==5.24.0'
  'onnxscript==0.7.2'
  'safetensors==0.8.0'
)
if ! "$python" -c 'import torchvision, timm, segmentation_models_pytorch, transformers, onnxscript, safetensors' 2>/dev/null; then
  "$python" -m pip install --quiet --disable-pip-version-check "${packages[@]}" >&2
fi

bash "$(dirname "$0")/onnxruntime-node.sh" >/dev/null ||
  echo 'onnx-tools: onnxruntime-node could not be installed; the comparison leaves it out' >&2
echo "$python"
