"""A network of compared.py in PyTorch, one forward pass for each line on stdin: a peer of `npm run bench -- infer`.

    python infer_pytorch.py NAME FOLDER BATCH THREADS fp32|bf16 eager|compiled channels-last|contiguous

FOLDER is where compared.py wrote weights and the answer to compare with. In bf16 the network's own weights are converted, which saves
the casts that autocast repeats in every pass.
"""

import pathlib
import sys

import torch
from answering import answer_lines, reference_of
from compared import COMPARED
from safetensors.torch import load_file

name, folder, batch, threads, precision, mode, layout = sys.argv[1:]
torch.set_num_threads(int(threads))
folder = pathlib.Path(folder)
inputs, outputs = reference_of(str(folder / f"{name}.b{batch}.onnx"))
network = COMPARED[name][0]().eval()
network.load_state_dict(load_file(folder / f"{name}.state.safetensors"))
dtype = torch.float32 if precision == "fp32" else torch.bfloat16
memory_format = torch.channels_last if layout == "channels-last" else torch.contiguous_format
network = network.to(dtype=dtype, memory_format=memory_format)
x = torch.from_numpy(inputs["input"]).to(dtype=dtype, memory_format=memory_format)
if mode == "compiled":
    # Weights as constants in the layout that kernels want, normalizations folded.
    torch._inductor.config.freezing = True
    network = torch.compile(network)


@torch.inference_mode()
def forward():
    return {next(iter(outputs)): network(x).float().numpy()}


answer_lines(torch.__version__.split("+")[0], forward, outputs)
