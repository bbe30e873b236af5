"""Asks a server over gRPC by NVIDIA's own client for the masks of a PNG, as a file and as pixels, one by one and as a stream: ADDRESS PNG LEVEL."""

import json
import queue
import sys

import numpy as np
import tritonclient.grpc as triton
from PIL import Image

address, path, level = sys.argv[1:]
client = triton.InferenceServerClient(address)
file = np.array([open(path, "rb").read()], dtype=object)
pixels = np.asarray(Image.open(path).convert("RGB"))[None]


def given(name, data, kind):
    tensor = triton.InferInput(name, list(data.shape), kind)
    tensor.set_data_from_numpy(data)
    return [tensor]


inputs = {"BYTES": given("image", file, "BYTES"), "UINT8": given("pixels", pixels, "UINT8")}


def read(result):
    mask = result.as_numpy("mask")
    parameters = result.get_response().parameters
    return {"shape": mask.shape, "mask": mask.flatten().tolist(), "level": parameters["level"].string_param, "version": parameters["version"].string_param}


answers = {kind: read(client.infer("demo", tensors, parameters={"level": level})) for kind, tensors in inputs.items()}
heard = queue.Queue()
client.start_stream(lambda result, error: heard.put((result, error)))
for tensors in inputs.values():
    client.async_stream_infer("demo", tensors, parameters={"level": level})
for kind in inputs:
    result, error = heard.get(timeout=120)
    answers[f"{kind} stream"] = {"error": error.message()} if error else read(result)
client.stop_stream()
print(json.dumps({"platform": client.get_model_metadata("demo").platform, "answers": answers}))
