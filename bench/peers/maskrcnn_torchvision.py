"""torchvision's maskrcnn_resnet50_fpn with weights and an image from a formula: what it computes, and what a step and an answer take.

    python maskrcnn_torchvision.py FOLDER STEPS    writes FOLDER/state.safetensors and FOLDER/results.safetensors, prints one JSON value

The image has 224 x 320 pixels, which stay; normalizations go by their running statistics. Losses are of 256 anchors and 512 regions, the
first of each kind. Times are of an image of 320 x 480: a training step (proposals, samples, forward, backward, SGD with momentum) and an answer; memory is
what these take.
"""

import json
import resource
import sys
import time
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch.nn import functional as F
from torchvision.models.detection import maskrcnn_resnet50_fpn
from torchvision.models.detection.rpn import concat_box_prediction_layers

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts" / "fixtures"))
from maskrcnn import First, losses_of, state_of, uniform  # noqa: E402

folder, steps = Path(sys.argv[1]), int(sys.argv[2])
HEIGHT, WIDTH = 224, 320


def smooth(height, width):
    values = torch.from_numpy(uniform("image", 3 * height * width)).float().reshape(1, 3, height, width)
    return F.avg_pool2d(values, 9, 1, 4, count_include_pad=False)[0]


network = maskrcnn_resnet50_fpn(weights=None, weights_backbone=None, num_classes=2, min_size=HEIGHT, max_size=WIDTH)
state = {name: values.float() for name, values in state_of(network, ("bbox_pred", "mask_fcn", "cls_")).items()}
network.load_state_dict(state, strict=False)
network.eval()
save_file(state, folder / "state.safetensors")

# Times, before anything else takes memory.
network.transform.min_size, network.transform.max_size = (320,), 480
picture = smooth(320, 480)
boxes = torch.tensor([[30.0, 20, 110, 200], [150, 40, 230, 190], [240, 100, 300, 220]])
masks = torch.zeros(3, 320, 480, dtype=torch.uint8)
for i, (x1, y1, x2, y2) in enumerate(boxes.long().tolist()):
    masks[i, y1:y2, x1:x2] = 1
target = dict(boxes=boxes, labels=torch.ones(3, dtype=torch.int64), masks=masks)


def timed(action):
    action()
    seconds = []
    for _ in range(steps):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    return seconds


def step():
    optimizer.zero_grad()
    sum(network([picture], [target]).values()).backward()
    optimizer.step()


@torch.no_grad()
def answer():
    network([picture])


answers = timed(answer)
network.train()
for module in network.modules():
    if isinstance(module, torch.nn.BatchNorm2d):
        module.eval()
# At a rate of 0 the weights stay, and with them what is found.
optimizer = torch.optim.SGD(network.parameters(), lr=0, momentum=0.9, weight_decay=1e-4)
times = {"step": timed(step), "answer": answers, "peakMegabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
network.eval()
optimizer.zero_grad()
network.transform.min_size, network.transform.max_size = (HEIGHT,), WIDTH

results = {}
with torch.no_grad():
    images, _ = network.transform([smooth(HEIGHT, WIDTH)])
    features = network.backbone(images.tensors)
    results["transformed"] = images.tensors
    for i in range(4):
        results[f"level.{i}"] = features[str(i)]
    objectness, deltas = concat_box_prediction_layers(*network.rpn.head(list(features.values())))
    results.update(objectness=objectness.flatten(), deltas=deltas)
    results["anchors"] = network.rpn.anchor_generator(images, list(features.values()))[0]
    proposals, _ = network.rpn(images, features)
    raw, _ = network.roi_heads(features, proposals, images.image_sizes)
    results.update(boxes=raw[0]["boxes"].clone(), scores=raw[0]["scores"].clone(), masks=raw[0]["masks"][:, 0].clone())
results["proposals"] = proposals[0]
results["image"] = smooth(HEIGHT, WIDTH)
losses_of(network, images, proposals, results, boxes, torch.ones(3, dtype=torch.int64), regions=512, masks=32)
stored = {k: (v if v.dtype == torch.int32 else v.float()).detach().contiguous() for k, v in results.items()}
save_file(stored, folder / "results.safetensors")
print(json.dumps(times))
