"""The same edit as the rewriter's, with Python's onnx: a threshold and a tap behind every Relu.

Arguments: model, output. Prints the seconds of each of three runs, imports not counted.
"""
import os
import sys
import time

import numpy
import onnx
import onnx.helper as h
import onnx.numpy_helper as nh


def edit(source, target):
    model = onnx.load(source)
    graph = model.graph
    opset = model.opset_import[0].version

    def constant(name, array):
        graph.initializer.append(nh.from_array(array, name))
        if model.ir_version < 4:
            graph.input.append(
                h.make_tensor_value_info(name, onnx.TensorProto.FLOAT, list(array.shape)))

    constant("edit/t", numpy.array(1e-3, numpy.float32))
    constant("edit/zero", numpy.array(0, numpy.float32))
    readers = {}
    for node in graph.node:
        for i, name in enumerate(node.input):
            readers.setdefault(name, []).append((node, i))
    outputs = {o.name for o in graph.output}
    nodes = []
    sums = []
    for node in list(graph.node):
        nodes.append(node)
        if node.op_type != "Relu":
            continue
        x = node.output[0]
        assert x not in outputs
        y = "edit/%d" % len(sums)
        for reader, i in readers.get(x, []):
            reader.input[i] = y
        nodes += [
            h.make_node("Abs", [x], [y + "/abs"]),
            h.make_node("Less", [y + "/abs", "edit/t"], [y + "/less"]),
            h.make_node("Where", [y + "/less", "edit/zero", x], [y]),
            h.make_node("Cast", [y], [y + "/bool"], to=onnx.TensorProto.BOOL),
            h.make_node("Cast", [y + "/bool"], [y + "/ones"], to=onnx.TensorProto.FLOAT),
            h.make_node("ReduceSum", [y + "/ones"], [y + "/sum"], keepdims=0),
        ]
        sums.append(y + "/sum")
    nodes += [h.make_node("Unsqueeze", [s], [s + "1"], axes=[0]) for s in sums]
    nodes.append(h.make_node("Concat", [s + "1" for s in sums], ["edit/counts"], axis=0))
    del graph.node[:]
    graph.node.extend(nodes)
    graph.output.append(
        h.make_tensor_value_info("edit/counts", onnx.TensorProto.FLOAT, [len(sums)]))
    assert opset < 13, "Unsqueeze and ReduceSum take their axes as attributes"
    onnx.save(model, target)


for _ in range(3):
    start = time.perf_counter()
    edit(sys.argv[1], sys.argv[2])
    print(time.perf_counter() - start)
    os.remove(sys.argv[2])
