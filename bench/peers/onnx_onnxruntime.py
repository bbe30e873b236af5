"""An ONNX file in onnxruntime, one forward pass for each line on stdin: a peer of `npm run bench -- onnx`.

    python onnx_onnxruntime.py FILE.onnx

Inputs come from the FILE.safetensors beside it. Prints {"ready": version}, then {"seconds": s} for each line, and {"peakMegabytes": m} at the end.
"""
import json, resource, sys, time

import onnxruntime
from safetensors.numpy import load_file

model = sys.argv[1]
reference = load_file(model.removesuffix(".onnx") + ".safetensors")
inputs = {name.removeprefix("input."): x for name, x in reference.items() if name.startswith("input.")}
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
print(json.dumps({"ready": onnxruntime.__version__}), flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    session.run(None, inputs)
    print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)
print(json.dumps({"peakMegabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}), flush=True)
