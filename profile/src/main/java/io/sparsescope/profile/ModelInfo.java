package io.sparsescope.profile;

import static java.util.Objects.requireNonNull;

/**
 * A model that is profiled.
 *
 * @param name its file name, or what it is called where it has no file
 * @param sha256 SHA-256 of its bytes as they were before any rewrite, lower-case hexadecimal
 * @param graph name of its main graph, "" if none
 * @param opset version of ONNX's own operator set that it imports
 */
public record ModelInfo(String name, String sha256, String graph, int opset) {

  public ModelInfo {
    requireNonNull(name, "name");
    requireNonNull(sha256, "sha256");
    requireNonNull(graph, "graph");
  }
}
