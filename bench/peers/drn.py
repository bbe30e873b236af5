"""DRN in PyTorch, with gearnn's names of layers."""

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
