"""DRN-D-22 in onnxruntime, timed the way gearnn's own benchmark is: a peer of `npm run bench`.

`export FILE` writes the network of drn_pytorch.py as ONNX; `infer FILE` runs it in a process that knows nothing of PyTorch, and prints one JSON
line: {"seconds": [...], "residentMegabytes": N, "peakMegabytes": N, "onnxruntime": version}.
"""
import argparse, json, resource, time


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=["export", "infer"])
    parser.add_argument("file")
    parser.add_argument("--size", default="256x512")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--steps", type=int, default=5)
    args = parser.parse_args()
    shape = (args.batch, 3, *(int(v) for v in args.size.split("x")))
    if args.mode == "export":
        import torch
        from drn_pytorch import DRN

        torch.manual_seed(0)
        torch.onnx.export(DRN("drn-d-22", 19).eval(), torch.rand(*shape), args.file, dynamo=False, opset_version=17)
        return
    import numpy
    import onnxruntime

    session = onnxruntime.InferenceSession(args.file, providers=["CPUExecutionProvider"])
    x = numpy.random.default_rng(0).random(shape, dtype=numpy.float32)
    seconds = []
    for _ in range(args.steps + 2):
        start = time.perf_counter()
        session.run(None, {session.get_inputs()[0].name: x})[0].argmax(1)
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    resident = int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 2**20
    print(json.dumps({"seconds": seconds[2:], "residentMegabytes": resident, "peakMegabytes": peak, "onnxruntime": onnxruntime.__version__}))


main()
