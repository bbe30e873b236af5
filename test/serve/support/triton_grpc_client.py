"""Calls a server over gRPC by NVIDIA's own client and prints what it says, as JSON: ADDRESS, file of an encoded image."""

import json
import queue
import sys

import numpy as np
import tritonclient.grpc as triton
from tritonclient.grpc import service_pb2
from tritonclient.utils import InferenceServerException

address, path = sys.argv[1], sys.argv[2]
client = triton.InferenceServerClient(address)
answers = {}


def given(name, data):
    kind = {"object": "BYTES", "uint8": "UINT8", "float32": "FP32"}[str(data.dtype)]
    tensor = triton.InferInput(name, list(data.shape), kind)
    tensor.set_data_from_numpy(data)
    return tensor


def read(result):
    parameters = {
        name: value.double_param if value.HasField("double_param") else str(getattr(value, value.WhichOneof("parameter_choice")))
        for name, value in result.get_response().parameters.items()
    }
    mask = result.as_numpy("mask")
    return {"mask": mask.tolist(), "type": str(mask.dtype), "id": result.get_response().id, "parameters": parameters}


def infer(name, data, **options):
    return read(client.infer("demo", [given(name, data)], **options))


def failure(call):
    try:
        call()
    except InferenceServerException as error:
        return [error.status(), error.message()]


pixels = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(1, 2, 3, 3)
image = np.array([open(path, "rb").read()], dtype=object)
answers["health"] = [client.is_server_live(), client.is_server_ready(), client.is_model_ready("demo")]
answers["server"] = client.get_server_metadata(as_json=True)
answers["metadata"] = client.get_model_metadata("demo", as_json=True)
answers["config"] = client.get_model_config("demo", as_json=True)["config"]
answers["bytes"] = infer("image", image, request_id="r1", sequence_id=2**63 - 1, sequence_start=True)
answers["pixels"] = infer("pixels", pixels, parameters={"level": "jpeg=10"}, sequence_id="gate", sequence_end=True)
answers["floats"] = infer("pixels", pixels.astype(np.float32) + 0.25)
answers["gzip"] = infer("pixels", pixels, compression_algorithm="gzip")
answers["wanted"] = read(client.infer("demo", [given("pixels", pixels)], outputs=[triton.InferRequestedOutput("mask")]))

# Values in `contents`, which the client itself does not send.
for title, name, kind, shape, contents in (
    ("uint contents", "pixels", "UINT8", [1, 2, 3, 3], {"uint_contents": pixels.flatten().tolist()}),
    ("bytes contents", "image", "BYTES", [1], {"bytes_contents": [image[0]]}),
):
    request = service_pb2.ModelInferRequest(model_name="demo")
    tensor = service_pb2.InferTensorContents(**contents)
    request.inputs.add(name=name, datatype=kind, shape=shape, contents=tensor)
    response = client._client_stub.ModelInfer(request)
    answers[title] = np.frombuffer(response.raw_output_contents[0], np.uint8).tolist()

# One stream of requests, of which one is wrong.
heard = queue.Queue()
client.start_stream(lambda result, error: heard.put((result, error)))
for i in range(20):
    level = {"level": "jpeg=0"} if i == 7 else None
    options = {"sequence_id": "count", "sequence_start": i == 0, "sequence_end": i == 19}
    client.async_stream_infer("demo", [given("pixels", pixels)], request_id=str(i), parameters=level, **options)
stream = []
for i in range(20):
    result, error = heard.get(timeout=60)
    if error:
        stream.append(error.message())
    else:
        stream.append([result.get_response().id, int(result.as_numpy("mask").flatten()[0])])
client.stop_stream()
answers["stream"] = stream

answers["statistics"] = client.get_inference_statistics("demo", as_json=True)["model_stats"][0]
client.unload_model("demo:jpeg=10")
index = client.get_model_repository_index(as_json=True)["models"]
answers["unloaded"] = [entry["state"] for entry in index if entry["name"] == "demo:jpeg=10"]
client.load_model("demo:jpeg=10")
answers["failures"] = {
    "level": failure(lambda: infer("pixels", pixels, parameters={"level": "jpeg=0"})),
    "shape": failure(lambda: infer("pixels", pixels.reshape(1, 3, 3, 2))),
    "model": failure(lambda: client.get_model_metadata("other")),
    "version": failure(lambda: client.get_model_metadata("demo", "2")),
    "timeout": failure(lambda: infer("pixels", pixels, sequence_id="sleep:3000", client_timeout=0.3)),
    "shared memory": failure(lambda: client.get_system_shared_memory_status()),
}
print(json.dumps(answers))
