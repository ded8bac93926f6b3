package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.FunctionProto;
import io.sparsescope.onnx.proto.ModelProto;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model as it lies in a file or a buffer, scanned but not loaded: nodes, inputs, outputs and
 * metadata are protobuf messages, weights stay where they are and are known by byte range.
 *
 * <p>Immutable and safe for use by several threads. Keeps its file open until closed.
 */
public final class ModelFile implements AutoCloseable {

  /** Scans a model file. Its external data is looked for in the file's folder. */
  public static ModelFile open(Path path) {
    throw new UnsupportedOperationException();
  }

  /** Scans a model in memory; {@code name} is what messages call it. The array is not copied. */
  public static ModelFile of(String name, byte[] bytes) {
    throw new UnsupportedOperationException();
  }

  /** Scans the remaining bytes of a buffer (position and limit stay). The buffer is not copied. */
  public static ModelFile of(String name, ByteBuffer buffer) {
    throw new UnsupportedOperationException();
  }

  /** The file's name, or the name given. */
  public String name() {
    throw new UnsupportedOperationException();
  }

  public Optional<Path> path() {
    throw new UnsupportedOperationException();
  }

  /** Size in bytes, external data not counted. */
  public long size() {
    throw new UnsupportedOperationException();
  }

  /** SHA-256 of the model's bytes in lower-case hexadecimal, external data not included. */
  public String sha256() {
    throw new UnsupportedOperationException();
  }

  /** The model's own fields, without its graph and functions. */
  public ModelProto header() {
    throw new UnsupportedOperationException();
  }

  /** The version of an operator set that the model imports, 0 if none. "" and "ai.onnx" are one. */
  public int opset(String domain) {
    throw new UnsupportedOperationException();
  }

  /** metadata_props, in file order. */
  public Map<String, String> metadata() {
    throw new UnsupportedOperationException();
  }

  public Graph graph() {
    throw new UnsupportedOperationException();
  }

  public List<FunctionProto> functions() {
    throw new UnsupportedOperationException();
  }

  /** Opens the values of an initializer for reading, wherever they lie. */
  public TensorData data(Initializer initializer) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
