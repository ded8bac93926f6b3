#!/usr/bin/env python3
"""Makes the fixtures of ZooGradientsTest: loss and gradients of one training step in float64.

    gradients.py STEPS OUT

STEPS is a folder that the test class ZooStep has written (its main method): a folder for each net,
with the model and what it is fed. For each, OUT/NET.txt gets the loss, and of every gradient and
every next running statistic: sums over all elements, and a sample of elements. PyTorch computes
all of it, node by node of the ONNX graph, in float64: BatchNormalization in training form, Dropout
by the mask given, softmax cross-entropy over the logits.

Needs PyTorch and onnx (Debian: python3-torch, python3-onnx). With --kinks it tells for each net how
close ReLUs and pools come to a kink, which is how seeds are chosen: near one, float32 and float64
may disagree about the branch that is taken.
"""
import argparse
import hashlib
import pathlib

import onnx
import onnx.numpy_helper
import torch
import torch.nn.functional as F

SAMPLES = 64
# Large nets have many tensors.
SAMPLES_OF_MANY = 24
MANY = 100


def attributes(node):
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def padded(x, pads, value):
    top, left, bottom, right = pads
    return F.pad(x, (left, right, top, bottom), value=value)


class Step:
    """A forward pass through an ONNX graph in training form."""

    def __init__(self, graph, feeds):
        self.tensors = dict(feeds)
        self.statistics = {}
        self.kinks = []
        self.parameters = {}
        for tensor in graph.initializer:
            value = torch.from_numpy(onnx.numpy_helper.to_array(tensor).copy()).double()
            if not tensor.name.endswith(("/ratio", "/moving_mean", "/moving_variance")):
                self.parameters[tensor.name] = value.requires_grad_()
            self.tensors[tensor.name] = value
        for node in graph.node:
            inputs = [self.tensors[name] for name in node.input]
            method = getattr(self, node.op_type.lower())
            self.tensors[node.output[0]] = method(node, attributes(node), *inputs)

    def conv(self, node, a, x, weights, biases=None):
        return F.conv2d(padded(x, a["pads"], 0), weights, biases, stride=a["strides"])

    def relu(self, node, a, x):
        self.kinks.append((x.detach().abs() / x.detach().abs().mean()).min().item())
        return F.relu(x)

    def maxpool(self, node, a, x):
        spread = padded(x, a["pads"], -torch.inf)
        kernel, strides = a["kernel_shape"], a["strides"]
        pooled = F.max_pool2d(spread, kernel, strides)
        windows = F.unfold(spread.detach().clamp(min=-1e30), kernel, stride=strides)
        windows = windows.reshape(x.shape[0], x.shape[1], kernel[0] * kernel[1], -1)
        if windows.shape[2] > 1:
            two = windows.topk(2, dim=2).values
            gaps = (two[:, :, 0] - two[:, :, 1])[two[:, :, 0] > 0]
            self.kinks.append((gaps.min() / x.detach().abs().mean()).item())
        return pooled

    def lrn(self, node, a, x):
        return F.local_response_norm(x, a["size"], a["alpha"], a["beta"], a["bias"])

    def batchnormalization(self, node, a, x, gamma, beta, mean, variance):
        axes = [0, 2, 3]
        momentum = a["momentum"]
        # As PyTorch keeps it: the running variance is unbiased.
        now = x.detach().mean(axes), x.detach().var(axes, unbiased=True)
        for name, old, new in zip(node.input[3:], (mean, variance), now):
            self.statistics[name + "/next"] = momentum * old + (1 - momentum) * new
        return F.batch_norm(x, None, None, gamma, beta, training=True, eps=a["epsilon"])

    def add(self, node, a, x, y):
        return x + y

    def globalaveragepool(self, node, a, x):
        return x.mean((2, 3), keepdim=True)

    def flatten(self, node, a, x):
        return x.flatten(1)

    def gemm(self, node, a, x, weights, biases):
        return x @ weights + biases

    def dropout(self, node, a, x, ratio):
        return x * self.tensors[node.name + "/mask"]


def places(elements, count):
    """Which elements are sampled: the same rule as in the test."""
    if elements <= count:
        return list(range(elements))
    return [i * 2654435761 % elements for i in range(count)]


def signs(elements):
    """+1 or -1 by the element's place: a sum with them notices elements that changed places."""
    hashed = torch.arange(elements, dtype=torch.int64) * 2654435761
    return 1.0 - 2.0 * ((hashed >> 16) & 1).double()


def lines(name, tensor, count):
    flat = tensor.detach().flatten()
    n = flat.numel()
    sums = flat.sum(), (flat * signs(n)).sum(), flat.abs().sum(), flat.abs().max()
    chosen = places(n, count)
    yield "tensor %s %d %d" % (name, n, len(chosen))
    yield " ".join("%.12e" % value for value in sums)
    yield " ".join("%.7e" % flat[i] for i in chosen)


def fixture(folder, kinks):
    model_file = folder / "model.onnx"
    inputs = []
    for file in folder.glob("*.pb"):
        tensor = onnx.TensorProto()
        tensor.ParseFromString(file.read_bytes())
        inputs.append((tensor.name, tensor, file.read_bytes()))
    inputs.sort(key=lambda each: each[0])
    digest = hashlib.sha256(model_file.read_bytes())
    feeds = {}
    for name, tensor, raw in inputs:
        digest.update(raw)
        values = torch.from_numpy(onnx.numpy_helper.to_array(tensor).copy())
        feeds[name] = values if name == "labels" else values.double()
    step = Step(onnx.load(str(model_file)).graph, feeds)
    loss = F.cross_entropy(step.tensors["logits"], feeds["labels"])
    loss.backward()
    tensors = {"gradient:" + name: p.grad for name, p in step.parameters.items()}
    tensors.update(step.statistics)
    if kinks:
        print("%s: loss %.6f, closest kink %.2e" % (folder.name, loss.item(), min(step.kinks)))
    yield "step %s" % digest.hexdigest()
    yield "loss %.15e" % loss.item()
    count = SAMPLES_OF_MANY if len(tensors) > MANY else SAMPLES
    for name, tensor in tensors.items():
        yield from lines(name, tensor, count)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("steps", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--kinks", action="store_true")
    arguments = parser.parse_args()
    torch.manual_seed(0)
    for folder in sorted(arguments.steps.iterdir()):
        text = "\n".join(fixture(folder, arguments.kinks)) + "\n"
        (arguments.out / (folder.name + ".txt")).write_text(text)


if __name__ == "__main__":
    main()
