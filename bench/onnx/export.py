"""Writes the networks of networks.py as ONNX files with seeded weights, each beside a reference answer, into a cache folder.

    python bench/onnx/export.py [--folder DIR] [--networks A,B] [--only TEXT] [--exporter torchscript|dynamo] [--again]

Prints the folder. Each file `NAME.EXPORTER.onnx` has `NAME.EXPORTER.safetensors` beside it: `input.*` as given, `output.*` as onnxruntime
answers, and for those with gradients `gradient.*` of the mean square of the outputs, from PyTorch. What is there already is kept; what
an exporter cannot write is noted in `NAME.EXPORTER.failed`.
"""

import argparse
import gc
import os
import pathlib
import sys
import time
import traceback
import warnings

import torch
from networks import NETWORKS, WITH_GRADIENTS
from reference import gradients, picture_off_bends, write_reference
from seeded import pictures, seed_weights

cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
FOLDER = cache / "gearnn" / "onnx-networks"
# Side in pixels of the picture for gradients.
GRADIENT_SIZE = 64


def export(network, x, path, exporter, folded=True):
    """By torch.onnx. `folded=False` leaves batch normalizations and the names of weights as the network has them."""
    names = {"input_names": ["input"]}
    if exporter == "torchscript":
        training = torch.onnx.TrainingMode.EVAL if folded else torch.onnx.TrainingMode.PRESERVE
        torch.onnx.export(
            network, (x,), str(path), dynamo=False, opset_version=17, do_constant_folding=folded, training=training, **names
        )
    else:
        torch.onnx.export(network, (x,), str(path), dynamo=True, external_data=False, optimize=folded, verbose=False, **names)


def make(folder, name, exporter, folded=True):
    build, size = NETWORKS[name]
    torch.manual_seed(0)
    network = seed_weights(build().eval(), size)
    x = pictures(1, size, seed=2) if folded else picture_off_bends(network, GRADIENT_SIZE)
    stem = f"{name}.{exporter}" if folded else f"{name}.{exporter}.unfolded"
    part = folder / f"{stem}.part"
    export(network, x, part, exporter, folded)
    found = {} if folded else gradients(network, x, part)
    write_reference(part, folder / f"{stem}.safetensors", {"input": x}, found)
    part.rename(folder / f"{stem}.onnx")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=pathlib.Path, default=FOLDER)
    parser.add_argument("--networks", type=lambda text: text.split(","), default=list(NETWORKS), help="names, separated by commas")
    parser.add_argument("--only", default="", help="a part of the names")
    parser.add_argument("--exporter", choices=["torchscript", "dynamo"], action="append")
    parser.add_argument("--again", action="store_true", help="try again what failed")
    args = parser.parse_args()
    unknown = [name for name in args.networks if name not in NETWORKS]
    if unknown:
        parser.error(f"--networks: expected some of {', '.join(NETWORKS)}, got {', '.join(unknown)}")
    args.folder.mkdir(parents=True, exist_ok=True)
    warnings.filterwarnings("ignore")
    work = [
        (name, exporter, folded)
        for name in args.networks
        for exporter in args.exporter or ["torchscript", "dynamo"]
        for folded in ([True, False] if name in WITH_GRADIENTS else [True])
        if args.only in name
    ]
    for name, exporter, folded in work:
        stem = f"{name}.{exporter}" if folded else f"{name}.{exporter}.unfolded"
        failed = args.folder / f"{stem}.failed"
        if (args.folder / f"{stem}.onnx").exists() or (failed.exists() and not args.again):
            continue
        start = time.time()
        try:
            make(args.folder, name, exporter, folded)
            failed.unlink(missing_ok=True)
            print(f"{stem}: {time.time() - start:.0f} s", file=sys.stderr, flush=True)
        except Exception as error:
            failed.write_text(traceback.format_exc())
            print(f"{stem}: {type(error).__name__}: {str(error)[:300]}", file=sys.stderr, flush=True)
        (args.folder / f"{stem}.part").unlink(missing_ok=True)
        gc.collect()
    print(args.folder)


if __name__ == "__main__":
    main()
