package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Changes to one model, collected first and written later. The model itself never changes. Not safe
 * for use by several threads.
 */
public final class ModelEdit {

  public ModelEdit(ModelFile model) {
    throw new UnsupportedOperationException();
  }

  public boolean isEmpty() {
    throw new UnsupportedOperationException();
  }

  /** Changes a node of the main graph; edits of one node add up. */
  public void editNode(Node node, UnaryOperator<NodeProto> change) {
    throw new UnsupportedOperationException();
  }

  /** Puts nodes right behind a node of the main graph, behind those put there before. */
  public void insertAfter(Node node, List<NodeProto> nodes) {
    throw new UnsupportedOperationException();
  }

  /** Puts nodes before the first node. */
  public void prepend(List<NodeProto> nodes) {
    throw new UnsupportedOperationException();
  }

  /** Puts nodes behind the last node. */
  public void append(List<NodeProto> nodes) {
    throw new UnsupportedOperationException();
  }

  /** Adds a small tensor. At ir_version 3 it is listed as an input too, as that version asks. */
  public void addInitializer(TensorProto tensor) {
    throw new UnsupportedOperationException();
  }

  /**
   * Adds a small tensor that callers of the model may override: an initializer that is listed as an
   * input, which needs ir_version 4 or newer.
   */
  public void addOverridable(TensorProto tensor) {
    throw new UnsupportedOperationException();
  }

  public void addInput(ValueInfoProto input) {
    throw new UnsupportedOperationException();
  }

  public void addOutput(ValueInfoProto output) {
    throw new UnsupportedOperationException();
  }

  /**
   * Replaces an initializer's values. {@code change} is called when the model is written, with one
   * chunk of raw little-endian values after the other, and changes them in place.
   */
  public void mapInitializer(Initializer initializer, java.util.function.Consumer<ByteBuffer> change) {
    throw new UnsupportedOperationException();
  }

  /** Sets a metadata_props entry. */
  public void putMetadata(String key, String value) {
    throw new UnsupportedOperationException();
  }

  /**
   * Checks what will be written: names unique, every tensor assigned once and before it is read,
   * outputs produced, new operators known to the model's opsets.
   *
   * @throws OnnxException naming the first thing that is wrong
   */
  public void check() {
    throw new UnsupportedOperationException();
  }

  /**
   * Writes the edited model: into a temporary file beside {@code out}, then moved into place.
   * Unchanged ranges are copied by the operating system. External data is left where it is if
   * {@code out} lies in the model's folder, else copied beside {@code out}. Without edits the file
   * is byte-identical to the model.
   */
  public void writeTo(Path out) {
    throw new UnsupportedOperationException();
  }

  /** The edited model as bytes on the heap. */
  public byte[] toBytes() {
    throw new UnsupportedOperationException();
  }

  /** The edited model in a direct buffer, ready to be read. */
  public ByteBuffer toDirectBuffer() {
    throw new UnsupportedOperationException();
  }
}
