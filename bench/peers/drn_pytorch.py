"""DRN-D-22 in PyTorch, timed the way gearnn's own benchmark is: the peer of `npm run bench`.

Prints one JSON line: {"seconds": [...], "residentMegabytes": N, "peakMegabytes": N, "torch": version}.
"""
import argparse, json, resource, time
import torch
import torch.nn as nn
import torch.nn.functional as F

LAYERS = {"drn-d-22": (1, 1, 2, 2, 2, 2, 1, 1), "drn-d-38": (1, 1, 3, 4, 6, 3, 1, 1)}
CHANNELS = (16, 32, 64, 128, 256, 512, 512, 512)


class Block(nn.Module):
    def __init__(self, cin, cout, stride, dilation):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, dilation, dilation, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, dilation, dilation, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.down = None
        if stride != 1 or cin != cout:
            self.down = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = self.bn2(self.conv2(y))
        return F.relu(y + (x if self.down is None else self.down(x)), inplace=True)


def conv(cin, cout, kernel, stride, dilation, padding):
    return [nn.Conv2d(cin, cout, kernel, stride, padding, dilation, bias=False), nn.BatchNorm2d(cout), nn.ReLU(inplace=True)]


class DRN(nn.Module):
    def __init__(self, name, classes, width=1.0):
        super().__init__()
        depth = LAYERS[name]
        ch = [max(8, round(c * width / 8) * 8) for c in CHANNELS]
        layers = conv(3, ch[0], 7, 1, 1, 3)
        cin = ch[0]
        for index, stride in ((0, 1), (1, 2)):
            for i in range(depth[index]):
                layers += conv(cin, ch[index], 3, stride if i == 0 else 1, 1, 1)
                cin = ch[index]
        for index, stride, dilation in ((2, 2, 1), (3, 2, 1), (4, 1, 2), (5, 1, 4)):
            for i in range(depth[index]):
                layers.append(Block(cin, ch[index], stride if i == 0 else 1, dilation))
                cin = ch[index]
        for index, dilation in ((6, 2), (7, 1)):
            for _ in range(depth[index]):
                layers += conv(cin, ch[index], 3, 1, dilation, dilation)
                cin = ch[index]
        self.base = nn.Sequential(*layers)
        self.seg = nn.Conv2d(cin, classes, 1)
        self.up = nn.ConvTranspose2d(classes, classes, 16, 8, 4, groups=classes, bias=False)
        self.up.weight.requires_grad = False
        c = 15 / 16
        tap = torch.tensor([1 - abs(i / 8 - c) for i in range(16)])
        self.up.weight.data.copy_((tap[:, None] * tap[None, :]).expand(classes, 1, 16, 16))

    def forward(self, x):
        return self.up(self.seg(self.base(x)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=["train", "infer"])
    parser.add_argument("--model", default="drn-d-22")
    parser.add_argument("--size", default="256x512")
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--precision", default="fp32")
    parser.add_argument("--classes", type=int, default=19)
    parser.add_argument("--threads", type=int, default=0)
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    height, width = (int(v) for v in args.size.split("x"))
    torch.manual_seed(0)
    net = DRN(args.model, args.classes).to(memory_format=torch.channels_last)
    x = torch.rand(args.batch, 3, height, width).to(memory_format=torch.channels_last)
    y = torch.randint(0, args.classes, (args.batch, height, width))
    cast = torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.precision == "bf16")
    seconds = []
    if args.mode == "train":
        net.train()
        parameters = [p for p in net.parameters() if p.requires_grad]
        optimizer = torch.optim.SGD(parameters, lr=0.001, momentum=0.9, weight_decay=1e-4)
        for _ in range(args.steps + 2):
            start = time.perf_counter()
            with cast:
                loss = F.cross_entropy(net(x).float(), y, ignore_index=255)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            seconds.append(time.perf_counter() - start)
    else:
        net.eval()
        with torch.inference_mode(), cast:
            for _ in range(args.steps + 2):
                start = time.perf_counter()
                net(x).argmax(1)
                seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    resident = int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 2**20
    print(json.dumps({"seconds": seconds[2:], "residentMegabytes": resident, "peakMegabytes": peak, "torch": torch.__version__, "threads": torch.get_num_threads()}))


if __name__ == "__main__":
    main()
