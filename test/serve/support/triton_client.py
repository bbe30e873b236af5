"""Calls a server by NVIDIA's own client and prints what it says, as JSON: URL, folder with frame.jpg and frame.rgb (uint8), H, W."""

import json
import sys

import numpy as np
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

url, folder, height, width = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
client = triton.InferenceServerClient(url.removeprefix("http://"))
jpeg = open(f"{folder}/frame.jpg", "rb").read()
pixels = np.fromfile(f"{folder}/frame.rgb", np.uint8).reshape(1, height, width, 3)
answers = {}


def infer(title, name, data, binary=True, output_binary=None, **options):
    kind = {"object": "BYTES", "uint8": "UINT8", "float32": "FP32"}[str(data.dtype)]
    given = triton.InferInput(name, list(data.shape), kind)
    given.set_data_from_numpy(data, binary_data=binary)
    wanted = None if output_binary is None else [triton.InferRequestedOutput("mask", binary_data=output_binary)]
    result = client.infer("demo", [given], outputs=wanted, **options)
    mask = result.as_numpy("mask")
    answer = result.get_response()
    np.ascontiguousarray(mask).tofile(f"{folder}/{title}.mask")
    answers[title] = {
        "shape": list(mask.shape),
        "type": str(mask.dtype),
        "id": answer.get("id"),
        "parameters": answer["parameters"],
    }


image = np.array([jpeg], dtype=object)
infer("bytes", "image", image, request_id="r1", sequence_id=7, sequence_start=True)
infer("pixels", "pixels", pixels, parameters={"level": "jpeg=10"}, sequence_id="gate", sequence_end=True)
infer("floats", "pixels", pixels.astype(np.float32), parameters={"level": "jpeg=10"})
infer("json", "pixels", pixels, binary=False, output_binary=False, parameters={"level": "jpeg=10"})
infer("compressed", "image", image, request_compression_algorithm="gzip")

metadata = client.get_model_metadata("demo")
answers["inputs"] = [entry["name"] for entry in metadata["inputs"]]
answers["live"] = client.is_server_live() and client.is_server_ready() and client.is_model_ready("demo")
answers["server"] = client.get_server_metadata()["name"]
client.unload_model("demo:jpeg=10")
answers["unloaded"] = [entry["state"] for entry in client.get_model_repository_index() if entry["name"] == "demo:jpeg=10"]
client.load_model("demo:jpeg=10")
answers["loaded"] = [entry["state"] for entry in client.get_model_repository_index() if entry["name"] == "demo:jpeg=10"]
try:
    infer("wrong", "pixels", pixels, parameters={"level": "jpeg=0"})
except InferenceServerException as error:
    answers["error"] = [error.status(), error.message()]
print(json.dumps(answers))
