"""A network of compared.py in PyTorch, one training step for each line on stdin: a peer of `npm run bench -- train`.

    python train_pytorch.py NAME BATCH THREADS fp32|bf16 eager|compiled channels-last|contiguous

A step is forward, backward and SGD with momentum and weight decay, on made-up pictures and labels, as gearnn's own benchmark has it.
"""

import sys

import torch
from answering import answer_lines
from compared import COMPARED
from torch.nn.functional import cross_entropy

name, batch, threads, precision, mode, layout = sys.argv[1:]
torch.set_num_threads(int(threads))
torch.manual_seed(0)
build, size = COMPARED[name]
memory_format = torch.channels_last if layout == "channels-last" else torch.contiguous_format
network = build().train().to(memory_format=memory_format)
x = torch.rand(int(batch), 3, *size).to(memory_format=memory_format)
with torch.no_grad():
    shape = network.eval()(x[:1]).shape
network.train()
# A class for every pixel, or for every picture.
labels = torch.randint(0, shape[1], (int(batch), *shape[2:]))
parameters = [p for p in network.parameters() if p.requires_grad]
optimizer = torch.optim.SGD(parameters, lr=0.001, momentum=0.9, weight_decay=1e-4, fused=True)
cast = torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16")
if mode == "compiled":
    network = torch.compile(network)


def step():
    with cast:
        loss = cross_entropy(network(x).float(), labels)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    loss.item()


answer_lines(torch.__version__.split("+")[0], step)
