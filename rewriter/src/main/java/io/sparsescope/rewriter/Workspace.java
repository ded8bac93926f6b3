package io.sparsescope.rewriter;

import io.sparsescope.onnx.Graph;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.rewriter.match.Constants;
import io.sparsescope.rewriter.match.Layers;
import io.sparsescope.rewriter.transform.Names;
import io.sparsescope.rewriter.transform.Ops;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the steps of planning one rewrite share. */
final class Workspace {
  private final ModelFile model;
  private final ModelEdit edit;
  private final Constants constants;
  private final Layers layers;
  private final Names names;
  private final Ops ops;
  private final int opset;
  private final List<Threshold> thresholds = new ArrayList<>();
  private final List<Transformation> transformations = new ArrayList<>();
  private final Map<String, String> dense = new LinkedHashMap<>();
  private final List<Skip> skipped = new ArrayList<>();

  Workspace(ModelFile model) {
    this.model = model;
    edit = new ModelEdit(model);
    constants = new Constants(model.graph());
    layers = Layers.of(model.graph(), constants);
    names = new Names(model.graph());
    opset = model.opset("");
    ops = new Ops(edit, names, opset);
  }

  ModelFile model() {
    return model;
  }

  Graph graph() {
    return model.graph();
  }

  ModelEdit edit() {
    return edit;
  }

  Constants constants() {
    return constants;
  }

  Layers layers() {
    return layers;
  }

  Names names() {
    return names;
  }

  Ops ops() {
    return ops;
  }

  int opset() {
    return opset;
  }

  List<Threshold> thresholds() {
    return thresholds;
  }

  List<Transformation> transformations() {
    return transformations;
  }

  /** By tensor that inserted nodes produce now, the name of what they make it of. */
  Map<String, String> dense() {
    return dense;
  }

  List<Skip> skipped() {
    return skipped;
  }

  /**
   * @throws RewriteException if the model cannot have a threshold that callers override
   */
  void requireOverridable(String node) {
    long ir = model.header().getIrVersion();
    if (ir < 4) {
      throw new RewriteException(
          "model "
              + model.name()
              + ", node "
              + node
              + ": a dynamic threshold needs ir_version 4, the model has "
              + ir
              + ": take out dynamic, or export the model with a newer version");
    }
  }
}
