"""What the peers of `npm run bench -- infer` and `-- train` have in common: they answer each line on stdin by a pass, and say how long it took."""

import json
import sys
import time


def reference_of(model):
    """Inputs and onnxruntime's outputs of an ONNX file, by name, from the safetensors file beside it."""
    from safetensors.numpy import load_file

    values = load_file(model.removesuffix(".onnx") + ".safetensors")
    part = lambda prefix: {name.removeprefix(prefix): x for name, x in values.items() if name.startswith(prefix)}
    return part("input."), part("output.")


def difference(values, expected):
    """The largest difference of all outputs, each as a part of its largest value."""
    return max(float(abs(values[name] - y).max() / abs(y).max()) for name, y in expected.items())


def say(value):
    print(json.dumps(value), flush=True)


def answer_lines(version, run, expected=None):
    """Prints {"ready": version}, {"seconds": s} for each line, and at the end {"difference": d} of the last answer, where one is expected."""
    say({"ready": version})
    answer = None
    for _ in sys.stdin:
        start = time.perf_counter()
        answer = run()
        say({"seconds": time.perf_counter() - start})
    say({"difference": difference(answer, expected) if expected and answer else None})
