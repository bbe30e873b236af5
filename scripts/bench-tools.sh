#!/usr/bin/env bash
# Installs what `npm run bench` compares gearnn with (PyTorch, onnxruntime, OpenVINO, Pillow, imagecorruptions) into a Python environment of its own, once. About 3 GB.
set -euo pipefail
folder="${XDG_CACHE_HOME:-$HOME/.cache}/gearnn/bench-tools"
if [[ ! -x "$folder/bin/python" ]] || ! "$folder/bin/python" -c 'import torch, PIL, cv2, onnxruntime, onnx, openvino' 2>/dev/null; then
  python3 -m venv "$folder" >&2
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check 'torch==2.11.0' 'onnxruntime==1.32.0' 'onnx==1.22.0' 'openvino==2026.4.0' 'numpy' 'Pillow==12.0.0' \
    'imagecorruptions==1.1.2' 'scipy<2' 'setuptools<81' >&2
fi
echo "$folder/bin/python"
