"""What an exported network answers in onnxruntime, and PyTorch's gradients of its weights, as a safetensors file."""

import copy

import onnx
import onnxruntime
import torch
from safetensors.torch import save_file
from seeded import pictures


# Where the derivative of an activation jumps.
BENDS = {torch.nn.ReLU: [0], torch.nn.ReLU6: [0, 6], torch.nn.Hardswish: [-3, 3], torch.nn.Hardsigmoid: [-3, 3]}


def picture_off_bends(network, size, tries=30):
    """Of `tries` seeded pictures the one whose activations stay farthest from the bends of ReLU and its like, as a part of the layer's largest.

    At a bend rounding alone decides which of two gradients is right, and the more so the more pixels a network has.
    """
    margins = []

    def note(module, inputs):
        x = inputs[0].detach()
        margins.extend((x - bend).abs().min().item() / x.abs().max().item() for bend in BENDS[type(module)])

    hooks = [module.register_forward_pre_hook(note) for module in network.modules() if type(module) in BENDS]
    best, found = -1.0, None
    for seed in range(2, 2 + (tries if hooks else 1)):
        x = pictures(1, size, seed)
        margins.clear()
        with torch.no_grad():
            network(x)
        if min(margins, default=1) > best:
            best, found = min(margins, default=1), x
    for hook in hooks:
        hook.remove()
    return found


def gradients(network, x, path, count=8):
    """Of the mean square of the outputs, in double precision, by weights that the file holds under the network's own names.

    `count` of them, from the first to the last, and none of over 2^18 values.
    """
    initializers = {i.name: tuple(i.dims) for i in onnx.load(path).graph.initializer}
    double = copy.deepcopy(network).double()
    weights = {
        name: weight
        for name, weight in double.named_parameters()
        if initializers.get(name) == tuple(weight.shape) and weight.numel() < 2**18
    }
    names = list(weights)
    chosen = [names[round(i * (len(names) - 1) / (count - 1))] for i in range(count)]
    answer = double(x.double())
    answers = answer if isinstance(answer, (tuple, list)) else [answer]
    sum((a**2).mean() for a in answers).backward()
    return {name: weights[name].grad.float() for name in chosen}


def write_reference(model, path, inputs, found):
    """Runs `model` in onnxruntime on `inputs` and writes inputs, outputs and gradients. Refuses outputs that are constant."""
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    outputs = session.run(names, {name: x.numpy() for name, x in inputs.items()})
    for name, output in zip(names, outputs):
        if not float(output.max()) > float(output.min()):
            raise ValueError(f"output {name} is the same everywhere, which would compare nothing")
    tensors = {f"input.{name}": x for name, x in inputs.items()}
    tensors |= {f"output.{name}": torch.from_numpy(output) for name, output in zip(names, outputs)}
    tensors |= {f"gradient.{name}": gradient for name, gradient in found.items()}
    made = {"torch": torch.__version__, "onnxruntime": onnxruntime.__version__}
    save_file({name: tensor.detach().contiguous() for name, tensor in tensors.items()}, path, metadata=made)
