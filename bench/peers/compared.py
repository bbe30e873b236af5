"""The networks of `npm run bench -- infer` and `-- train`, for PyTorch and as files for the others.

    python compared.py NAME BATCH FOLDER    writes NAME.state.safetensors, NAME.bBATCH.onnx, and beside that the answer to a seeded
                                            picture by onnxruntime, NAME.bBATCH.safetensors

Weights are seeded, so that every program computes the same. Of PP-OCR's detector there is the file that a package ships, and no PyTorch.
"""

import pathlib
import shutil
import sys
import warnings

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "onnx"))


def drn():
    from drn import DRN

    return DRN("drn-d-22", 19)


def of_onnx(name):
    """A network of bench/onnx/networks.py."""

    def build():
        from networks import NETWORKS

        return NETWORKS[name][0]()

    return build


# By name: how it is built, height and width of its pictures.
COMPARED = {
    "drn-d-22": (drn, (256, 512)),
    "resnet-50": (of_onnx("torchvision-resnet50"), (224, 224)),
    "unet": (of_onnx("smp-unet"), (256, 256)),
    "mobilenet-v3": (of_onnx("torchvision-mobilenet_v3_large"), (224, 224)),
    "vit-tiny": (of_onnx("timm-vit_tiny"), (224, 224)),
    "ppocr-det": (None, (320, 480)),
}


def write_packaged(package, batch, folder, name):
    """Copies a file whose batch is open, with the picture that lies beside it `batch` times."""
    from reference import write_reference
    from safetensors.torch import load_file

    given = load_file(package.with_suffix(".safetensors"))
    inputs = {key.removeprefix("input."): x.repeat(batch, 1, 1, 1) for key, x in given.items() if key.startswith("input.")}
    write_reference(package, folder / f"{name}.b{batch}.safetensors", inputs, {})
    shutil.copy(package, folder / f"{name}.b{batch}.onnx")


def write(name, batch, folder):
    import torch
    from reference import write_reference
    from safetensors.torch import load_file, save_file
    from seeded import pictures, seed_weights

    build, size = COMPARED[name]
    torch.manual_seed(0)
    network = build().eval()
    state = folder / f"{name}.state.safetensors"
    if state.exists():
        network.load_state_dict(load_file(state))
    else:
        seed_weights(network, size)
        save_file({key: value.contiguous() for key, value in network.state_dict().items()}, state)
    x = pictures(batch, size, seed=2)
    part = folder / f"{name}.b{batch}.part"
    torch.onnx.export(network, (x,), str(part), dynamo=False, opset_version=17, input_names=["input"])
    write_reference(part, folder / f"{name}.b{batch}.safetensors", {"input": x}, {})
    part.rename(folder / f"{name}.b{batch}.onnx")


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    name, batch, folder = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    if COMPARED[name][0] is None:
        write_packaged(folder.parent / "onnx-networks" / "ppocrv4-det.package.onnx", batch, folder, name)
    else:
        write(name, batch, folder)
