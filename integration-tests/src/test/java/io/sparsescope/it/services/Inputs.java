package io.sparsescope.it.services;

import com.google.protobuf.ByteString;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes what a service fed its model, as the offline profiler reads it. */
final class Inputs {
  private static final int INT64 = 7;

  private Inputs() {}

  /**
   * Writes the token numbers of sentences as ONNX data sets {@code test_data_set_N}.
   *
   * @param tokens folder of files {@code N.ids}
   */
  static void writeDataSets(Path model, Path tokens, int sentences, Path folder)
      throws IOException {
    GraphProto graph = ModelProto.parseFrom(Files.readAllBytes(model)).getGraph();
    for (int i = 0; i < sentences; i++) {
      String text = Files.readString(tokens.resolve(i + ".ids"));
      long[] ids = parse(text);
      Path set = Files.createDirectories(folder.resolve("test_data_set_" + i));
      int number = 0;
      for (ValueInfoProto input : graph.getInputList()) {
        byte[] bytes = tensor(input.getName(), ids).toByteArray();
        Files.write(set.resolve("input_" + number++ + ".pb"), bytes);
      }
    }
  }

  /** Writes float32 values as a NumPy file of the given shape. */
  static void writeNpy(byte[] values, String shape, Path file) throws IOException {
    String header = "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }";
    int padding = 64 - (10 + header.length() + 1) % 64;
    header = header + " ".repeat(padding) + "\n";
    ByteBuffer head = ByteBuffer.allocate(10 + header.length()).order(ByteOrder.LITTLE_ENDIAN);
    head.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII)).putShort((short) 1);
    head.putShort((short) header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(head.array());
      out.write(values);
    }
  }

  private static long[] parse(String text) {
    String[] words = text.strip().split(" ", -1);
    long[] ids = new long[words.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = Long.parseLong(words[i]);
    }
    return ids;
  }

  /** What LangChain4j feeds: the tokens; a mask of ones; types of zeros; each [1, tokens]. */
  private static TensorProto tensor(String name, long[] ids) {
    ByteBuffer raw = ByteBuffer.allocate(ids.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (long id : ids) {
      raw.putLong(
          switch (name) {
            case "input_ids" -> id;
            case "attention_mask" -> 1;
            case "token_type_ids" -> 0;
            default -> throw new IllegalArgumentException("unknown input " + name);
          });
    }
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(INT64)
        .addDims(1)
        .addDims(ids.length)
        .setRawData(ByteString.copyFrom(raw.flip()))
        .build();
  }
}
