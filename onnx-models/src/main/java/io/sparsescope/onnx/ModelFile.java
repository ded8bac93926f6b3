package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.FunctionProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.OperatorSetIdProto;
import io.sparsescope.onnx.proto.StringStringEntryProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A model as it lies in a file or a buffer, scanned but not loaded: nodes, inputs, outputs and
 * metadata are protobuf messages, weights stay where they are and are known by byte range.
 *
 * <p>Immutable and safe for use by several threads. Keeps its file open until closed. The file must
 * not be changed meanwhile.
 */
public final class ModelFile implements AutoCloseable {
  private final ByteSource source;
  private final String name;
  private final Path path;
  private final ModelScan scan;
  private final GraphIndex graph;
  private final TensorReader reader;

  private ModelFile(ByteSource source, String name, Path path) {
    this.source = source;
    this.name = name;
    this.path = path;
    this.scan = ModelScanner.scan(source, name);
    this.graph = new GraphIndex(scan, name);
    this.reader = new TensorReader(source, name, path == null ? null : new ExternalFolder(path));
  }

  /**
   * Scans a model file. Its external data is looked for in the file's folder.
   *
   * @throws OnnxException if the file cannot be read or is not a model
   */
  public static ModelFile open(Path path) {
    String name = Failures.oneLine(String.valueOf(path.getFileName()));
    FileSource source;
    try {
      if (Files.exists(path) && !Files.isRegularFile(path)) {
        throw new OnnxException(path + ": is not a file; name a model file");
      }
      source = new FileSource(path);
    } catch (IOException e) {
      throw new OnnxException(
          path + ": cannot be opened: " + Failures.reason(e) + "; check the path", e);
    }
    try {
      return new ModelFile(source, name, path);
    } catch (RuntimeException e) {
      try {
        source.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /**
   * Scans a model in memory; {@code name} is what messages call it. The array is not copied.
   *
   * @throws OnnxException if it is not a model
   */
  public static ModelFile of(String name, byte[] bytes) {
    return of(name, ByteBuffer.wrap(bytes));
  }

  /**
   * Scans the remaining bytes of a buffer (position and limit stay). The buffer is not copied.
   *
   * @throws OnnxException if it is not a model
   */
  public static ModelFile of(String name, ByteBuffer buffer) {
    return new ModelFile(new BufferSource(buffer), Failures.oneLine(name), null);
  }

  /** The file's name, or the name given. */
  public String name() {
    return name;
  }

  /** The file, as it was given to {@link #open}; empty for a model in memory. */
  public Optional<Path> path() {
    return Optional.ofNullable(path);
  }

  /** Size in bytes, external data not counted. */
  public long size() {
    return source.size();
  }

  /** SHA-256 of the model's bytes in lower-case hexadecimal, external data not included. */
  public String sha256() {
    return Digests.sha256(source, name);
  }

  /** The model's own fields, without its graph, functions and training information. */
  public ModelProto header() {
    return scan.header();
  }

  /** The version of an operator set that the model imports, 0 if none. "" and "ai.onnx" are one. */
  public int opset(String domain) {
    return opset(scan.header().getOpsetImportList(), domain);
  }

  static int opset(List<OperatorSetIdProto> imports, String domain) {
    String wanted = domain.equals("ai.onnx") ? "" : domain;
    for (OperatorSetIdProto opset : imports) {
      String found = opset.getDomain().equals("ai.onnx") ? "" : opset.getDomain();
      if (found.equals(wanted)) {
        return (int) Math.max(0, Math.min(opset.getVersion(), Integer.MAX_VALUE));
      }
    }
    return 0;
  }

  /** metadata_props, in file order. */
  public Map<String, String> metadata() {
    Map<String, String> entries = new LinkedHashMap<>();
    for (StringStringEntryProto entry : scan.header().getMetadataPropsList()) {
      entries.put(entry.getKey(), entry.getValue());
    }
    return Collections.unmodifiableMap(entries);
  }

  /** The main graph. */
  public Graph graph() {
    return graph;
  }

  /** Local functions; tensors of more than 64 KiB inside their nodes are left out. */
  public List<FunctionProto> functions() {
    return scan.functions();
  }

  /**
   * The values of an initializer of the main graph, wherever they lie. A sparse one is handed out
   * as if it were dense.
   *
   * @throws OnnxException if they are missing or not as many as its shape asks for; those of
   *     external data when they are read
   */
  public TensorData data(Initializer initializer) {
    return Tensors.stored(reader, entry(initializer));
  }

  /**
   * The external data files the model refers to, anywhere in it: each by its location relative to
   * the model's folder. Empty for a model in memory, whatever it refers to.
   *
   * @throws OnnxException if one is missing or not within the folder
   */
  public Map<Path, Path> externalFiles() {
    Map<Path, Path> files = new LinkedHashMap<>();
    ExternalFolder folder = reader.folder();
    if (folder != null) {
      ExternalReferences.of(this, Set.of())
          .forEach(
              (location, where) ->
                  files.put(
                      ExternalFolder.relative(location, where), folder.resolve(location, where)));
    }
    return files;
  }

  /** Whether the model refers to external data, anywhere in it. */
  public boolean hasExternalData() {
    return !ExternalReferences.of(this, Set.of()).isEmpty();
  }

  /**
   * The value of a Constant node, of the main graph or a subgraph, whichever attribute holds it;
   * empty where it is none or not of a fixed-size type.
   *
   * @throws OnnxException if its values are not as many as its shape asks for
   */
  public Optional<TensorData> constant(Node node) {
    return Constants.value(node, reader);
  }

  /**
   * Checks the model as it is: names unique, every tensor assigned once and before it is read,
   * outputs produced.
   *
   * @throws OnnxException naming the first thing that is wrong
   */
  public void validate() {
    new ModelEdit(this).check();
  }

  /** Closes the model's file. Values can no longer be read and no edit can be written. */
  @Override
  public void close() {
    try {
      source.close();
    } catch (IOException e) {
      throw new OnnxException(name + ": cannot be closed: " + Failures.reason(e), e);
    }
  }

  ByteSource source() {
    return source;
  }

  ModelScan scan() {
    return scan;
  }

  TensorReader reader() {
    return reader;
  }

  /** Where a node of the main graph lies. */
  WireRecord nodeRecord(int index) {
    return scan.nodeRecords().get(index);
  }

  /** Where an initializer of this model lies. */
  InitializerEntry entry(Initializer initializer) {
    List<InitializerEntry> entries = initializer.sparse() ? scan.sparse() : scan.dense();
    int index = initializer.index();
    if (index < 0
        || index >= entries.size()
        || !entries.get(index).initializer().equals(initializer)) {
      throw new OnnxException(
          name
              + ": has no initializer '"
              + Failures.oneLine(initializer.name())
              + "' of this shape and place; take it from this model's graph");
    }
    return entries.get(index);
  }
}
