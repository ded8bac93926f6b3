package io.sparsescope.onnx;

import com.google.protobuf.InvalidProtocolBufferException;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Changes to one model, collected first and written later. The model itself never changes. Not safe
 * for use by several threads.
 */
public final class ModelEdit {
  private static final int FIRST_OVERRIDABLE_IR = 4;
  private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

  private final ModelFile model;
  private final Changes changes = new Changes();

  /** An edit of a model that changes nothing as yet. */
  public ModelEdit(ModelFile model) {
    this.model = model;
  }

  /** Whether nothing would change. */
  public boolean isEmpty() {
    return changes.isEmpty();
  }

  /**
   * Changes a node of the main graph; edits of one node add up. {@code change} is called at once,
   * with the whole node.
   *
   * @throws OnnxException if the node is not one of this model's main graph
   */
  public void editNode(Node node, UnaryOperator<NodeProto> change) {
    requireMain(node);
    NodeProto before = changes.edited.get(node.index());
    changes.edited.put(node.index(), change.apply(before == null ? whole(node) : before));
  }

  /** Puts nodes right behind a node of the main graph, behind those put there before. */
  public void insertAfter(Node node, List<NodeProto> nodes) {
    requireMain(node);
    if (!nodes.isEmpty()) {
      changes.behind.computeIfAbsent(node.index(), i -> new ArrayList<>()).addAll(nodes);
    }
  }

  /** Puts nodes before the first node, behind those put there before. */
  public void prepend(List<NodeProto> nodes) {
    changes.first.addAll(nodes);
  }

  /** Puts nodes behind the last node, behind those put there before. */
  public void append(List<NodeProto> nodes) {
    changes.last.addAll(nodes);
  }

  /** Adds a small tensor. At ir_version 3 it is listed as an input too, as that version asks. */
  public void addInitializer(TensorProto tensor) {
    changes.initializers.add(tensor);
    if (model.header().getIrVersion() < FIRST_OVERRIDABLE_IR) {
      changes.inputs.add(Values.like(tensor));
    }
  }

  /**
   * Adds a small tensor that callers of the model may override: an initializer that is listed as an
   * input.
   *
   * @throws OnnxException if the model's ir_version is older than 4
   */
  public void addOverridable(TensorProto tensor) {
    long version = model.header().getIrVersion();
    if (version < FIRST_OVERRIDABLE_IR) {
      throw new OnnxException(
          model.name()
              + ": has ir_version "
              + version
              + ", where no input can have a default ('"
              + Failures.oneLine(tensor.getName())
              + "'); use a constant, or convert the model to ir_version 4 or newer");
    }
    changes.initializers.add(tensor);
    changes.inputs.add(Values.like(tensor));
  }

  /** Adds a graph input, behind those there are. */
  public void addInput(ValueInfoProto input) {
    changes.inputs.add(input);
  }

  /** Lists a tensor of the main graph as an output, behind those there are. */
  public void addOutput(ValueInfoProto output) {
    changes.outputs.add(output);
  }

  /**
   * Replaces an initializer's values. {@code change} is called when the model is written, with one
   * chunk of raw little-endian values after the other, and changes them in place; it is called anew
   * each time the model is written. Of a sparse initializer it sees the stored values only. Several
   * changes of one initializer follow each other.
   *
   * @throws OnnxException if the model has no such initializer or its values cannot be read
   */
  public void mapInitializer(Initializer initializer, Consumer<ByteBuffer> change) {
    mapInitializerAnew(initializer, () -> change);
  }

  /**
   * Replaces an initializer's values like {@link #mapInitializer}, by what {@code change} gives at
   * the beginning of each writing: it may count its way through the chunks.
   *
   * @throws OnnxException if the model has no such initializer or its values cannot be read
   */
  public void mapInitializerAnew(Initializer initializer, Supplier<Consumer<ByteBuffer>> change) {
    InitializerEntry entry = model.entry(initializer);
    try (ValueStream values = model.reader().open(entry.values())) {
      // Opened only to say now, not halfway through writing, that they cannot be read.
    } catch (IOException e) {
      throw new OnnxException(model.name() + ": cannot be read: " + Failures.reason(e), e);
    }
    changes.mapped.merge(entry, change, ModelEdit::oneAfterTheOther);
  }

  private static Supplier<Consumer<ByteBuffer>> oneAfterTheOther(
      Supplier<Consumer<ByteBuffer>> first, Supplier<Consumer<ByteBuffer>> second) {
    return () -> {
      Consumer<ByteBuffer> one = first.get();
      Consumer<ByteBuffer> other = second.get();
      return chunk -> {
        one.accept(chunk.duplicate().order(chunk.order()));
        other.accept(chunk);
      };
    };
  }

  /**
   * Imports the operators of a domain, in this version; one that is imported already stays as is.
   */
  public void importOpset(String domain, int version) {
    if (model.opset(domain) == 0) {
      changes.opsets.put(domain, version);
    }
  }

  /** The version of an operator set that the edited model imports, 0 if none. */
  public int opset(String domain) {
    int own = model.opset(domain);
    return own != 0 ? own : changes.opsets.getOrDefault(domain, 0);
  }

  /** Sets a metadata_props entry. */
  public void putMetadata(String key, String value) {
    changes.metadata.put(key, value);
  }

  /**
   * Checks what will be written: names unique, every tensor assigned once and before it is read,
   * outputs produced, new operators known to the model's opsets.
   *
   * @throws OnnxException naming the first thing that is wrong
   */
  public void check() {
    new GraphCheck(model, changes).run();
  }

  /**
   * Writes the edited model: into a temporary file beside {@code out}, then moved into place.
   * Unchanged ranges are copied by the operating system. External data is left where it is if
   * {@code out} lies in the model's folder, else copied beside {@code out}. External values that
   * were mapped go to a file {@code <out>.data} beside it. Without edits the file is byte-identical
   * to the model.
   *
   * @throws OnnxException if {@code out} is the model itself or cannot be written; no partial file
   *     stays then
   */
  public void writeTo(Path out) {
    new ModelWriter(model, changes, out).write();
  }

  /**
   * The edited model as bytes on the heap. External values that were mapped become part of it;
   * other external data stays a reference.
   *
   * @throws OnnxException if it does not fit into an array
   */
  public byte[] toBytes() {
    Parts parts = inMemory();
    byte[] bytes = new byte[(int) parts.length()];
    fill(parts, ByteBuffer.wrap(bytes));
    return bytes;
  }

  /**
   * The edited model in a direct buffer, ready to be read; otherwise like {@link #toBytes}.
   *
   * @throws OnnxException if it does not fit into a buffer
   */
  public ByteBuffer toDirectBuffer() {
    Parts parts = inMemory();
    ByteBuffer buffer = ByteBuffer.allocateDirect((int) parts.length());
    fill(parts, buffer);
    return buffer.flip();
  }

  /**
   * Writes the edited model to a channel, front to back; otherwise like {@link #toBytes}. The
   * channel stays open.
   *
   * @param out blocks until it has taken something; or takes nothing when it cannot, and is asked
   *     again a tenth of a millisecond later
   * @throws OnnxException if the model is too large for a file
   * @throws IOException if the model cannot be read or the channel does not take it; the channel
   *     has a part of the model then
   */
  public void streamTo(WritableByteChannel out) throws IOException {
    StreamSink sink = new StreamSink(out);
    parts().write(sink);
    sink.flush();
  }

  /**
   * What to put behind the model's own bytes to have the edited model: to protobuf two messages in
   * a row are one, whose lists are those of both. New nodes come last then, in the order in which
   * {@link #toBytes} has them. Empty if the edit changes anything that is there, or metadata.
   */
  public Optional<byte[]> appendix() {
    return changes.onlyAdd() ? Optional.of(Appendix.of(changes)) : Optional.empty();
  }

  /** External values that were mapped become part of the model. */
  private Parts parts() {
    return new EditedModel(model, changes, null).parts();
  }

  private Parts inMemory() {
    Parts parts = parts();
    if (parts.length() > MAX_ARRAY) {
      throw new OnnxException(
          model.name()
              + ": takes "
              + parts.length()
              + " bytes, too many to hold in memory; write it to a file");
    }
    return parts;
  }

  private void fill(Parts parts, ByteBuffer into) {
    try {
      parts.write(new BufferSink(into));
    } catch (IOException e) {
      throw new OnnxException(model.name() + ": cannot be read: " + Failures.reason(e), e);
    }
  }

  private void requireMain(Node node) {
    List<Node> nodes = model.graph().nodes();
    if (node.parent().isPresent()
        || node.index() >= nodes.size()
        || nodes.get(node.index()).proto() != node.proto()) {
      throw new OnnxException(
          model.name()
              + ": node '"
              + Failures.oneLine(node.name())
              + "' is not in the main graph, only nodes there can be edited");
    }
  }

  /** The node with the tensors that the scan left out. */
  private NodeProto whole(Node node) {
    WireRecord record = model.nodeRecord(node.index());
    if (record.length() <= Elision.SMALL) {
      return node.proto();
    }
    if (record.length() > MAX_ARRAY) {
      throw new OnnxException(
          model.name()
              + ": node '"
              + Failures.oneLine(node.name())
              + "' is too large to be edited; move its tensors into initializers");
    }
    WireCursor cursor = new WireCursor(model.source(), model.name(), record.start(), record.end());
    try {
      return NodeProto.parseFrom(cursor.bytes(record.body(), record.end()));
    } catch (InvalidProtocolBufferException e) {
      throw cursor.malformed("broken node", record.start());
    }
  }
}
