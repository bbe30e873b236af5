"""An ONNX file in OpenVINO, one forward pass for each line on stdin: a peer of `npm run bench -- infer`.

    python infer_openvino.py FILE.onnx THREADS fp32|bf16 pinned|free

Inputs come from the FILE.safetensors beside it. `pinned` keeps each thread on a core of its own, which is OpenVINO's default.
"""

import sys

import openvino
from answering import answer_lines, reference_of

model, threads, precision, pinning = sys.argv[1:]
inputs, outputs = reference_of(model)
core = openvino.Core()
network = core.read_model(model)
# Also where the file leaves sizes open: kernels are then chosen for these.
network.reshape({name: list(x.shape) for name, x in inputs.items()})
compiled = core.compile_model(
    network,
    "CPU",
    {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": int(threads),
        "INFERENCE_PRECISION_HINT": "f32" if precision == "fp32" else "bf16",
        "ENABLE_CPU_PINNING": pinning == "pinned",
    },
)
request = compiled.create_infer_request()
names = [output.get_any_name() for output in network.outputs]


def forward():
    answer = request.infer(inputs, share_inputs=True, share_outputs=True)
    return {name: answer[i] for i, name in enumerate(names)}


answer_lines(openvino.__version__.split("-")[0], forward, outputs)
