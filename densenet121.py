"""DenseNet, variant 121, made from densenet.arch by archlang (arXiv:1608.06993).

7,978,856 parameters, 2,834,161,664 multiply-accumulates, input 3x224x224.
Made again with: archlang build densenet121
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Dense(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.conv1 = nn.Conv2d(in_channels, 128, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(128)
        self.conv2 = nn.Conv2d(128, 32, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        out = F.relu(self.norm1(x), inplace=True)
        out = F.relu(self.norm2(self.conv1(out)), inplace=True)
        out = self.conv2(out)
        return torch.cat([x, out], 1)


class Transition(nn.Module):
    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(in_channels)
        self.conv = nn.Conv2d(in_channels, in_channels // 2, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.norm(x), inplace=True)
        x = self.conv(x)
        return F.avg_pool2d(x, 2)


class DenseNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            OrderedDict(
                conv0=nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False),
                norm0=nn.BatchNorm2d(64),
                relu=nn.ReLU(inplace=True),
                pool=nn.MaxPool2d(3, stride=2, padding=1),
                denseblock1=nn.Sequential(
                    OrderedDict(
                        (f"denselayer{i}", Dense(32 * i + 32)) for i in range(1, 7)
                    )
                ),
                transition1=Transition(256),
                denseblock2=nn.Sequential(
                    OrderedDict(
                        (f"denselayer{i}", Dense(32 * i + 96)) for i in range(1, 13)
                    )
                ),
                transition2=Transition(512),
                denseblock3=nn.Sequential(
                    OrderedDict(
                        (f"denselayer{i}", Dense(32 * i + 224)) for i in range(1, 25)
                    )
                ),
                transition3=Transition(1024),
                denseblock4=nn.Sequential(
                    OrderedDict(
                        (f"denselayer{i}", Dense(32 * i + 480)) for i in range(1, 17)
                    )
                ),
                norm5=nn.BatchNorm2d(1024),
            )
        )
        self.classifier = nn.Linear(1024, 1000)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.features(x), inplace=True)
        x = torch.flatten(F.adaptive_avg_pool2d(x, 1), 1)
        return self.classifier(x)

    def predict(self, x: Tensor) -> Tensor:
        return F.softmax(self(x), 1)

    def loss(self, output: Tensor, target: Tensor) -> Tensor:
        return F.cross_entropy(output, target)
