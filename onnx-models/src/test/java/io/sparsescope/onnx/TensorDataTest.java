package io.sparsescope.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.CodedOutputStream;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.SparseTensorProto;
import io.sparsescope.onnx.proto.TensorProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class TensorDataTest {

  @Property(tries = 300)
  void typedFieldsReadAsRawDataWould(
      @ForAll ElementType type, @ForAll @IntRange(max = 70) int elements, @ForAll long seed) {
    if (type.bits() == 0) {
      return;
    }
    byte[] raw = new byte[(int) Shapes.bytes(type, elements)];
    new Random(seed).nextBytes(raw);
    TensorProto asRaw = Tensors.raw("t", type, raw, elements);
    TensorProto asTyped = typed(type, raw, elements);
    assertThat(Tensors.data(asRaw).toBuffer()).isEqualTo(ByteBuffer.wrap(raw));
    assertThat(Tensors.data(asTyped).toBuffer()).isEqualTo(ByteBuffer.wrap(raw));
    assertThat(chunks(Tensors.data(asTyped))).isEqualTo(raw);
  }

  /** The standard's table of which typed field holds which type. */
  private static TensorProto typed(ElementType type, byte[] raw, int elements) {
    TensorProto.Builder tensor = Tensors.of("t", type, elements);
    ByteBuffer values = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
    while (values.hasRemaining()) {
      switch (type) {
        case FLOAT, COMPLEX64 -> tensor.addFloatData(values.getFloat());
        case DOUBLE, COMPLEX128 -> tensor.addDoubleData(values.getDouble());
        case INT64 -> tensor.addInt64Data(values.getLong());
        case UINT64 -> tensor.addUint64Data(values.getLong());
        case UINT32 -> tensor.addUint64Data(Integer.toUnsignedLong(values.getInt()));
        case INT32 -> tensor.addInt32Data(values.getInt());
        case INT16 -> tensor.addInt32Data(values.getShort());
        case UINT16, FLOAT16, BFLOAT16 ->
            tensor.addInt32Data(Short.toUnsignedInt(values.getShort()));
        case INT8 -> tensor.addInt32Data(values.get());
        default -> tensor.addInt32Data(Byte.toUnsignedInt(values.get()));
      }
    }
    return tensor.build();
  }

  private static byte[] chunks(TensorData data) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    data.forEachChunk(
        chunk -> {
          byte[] bytes = new byte[chunk.remaining()];
          chunk.get(bytes);
          out.writeBytes(bytes);
        });
    return out.toByteArray();
  }

  @Example
  void valuesThatStandEachBehindATagAreRead() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeInt64(TensorProto.DIMS_FIELD_NUMBER, 3);
    out.writeInt32(TensorProto.DATA_TYPE_FIELD_NUMBER, ElementType.FLOAT.number());
    out.writeString(TensorProto.NAME_FIELD_NUMBER, "w");
    for (float value : new float[] {1.5f, -2, 3}) {
      out.writeFloat(TensorProto.FLOAT_DATA_FIELD_NUMBER, value);
    }
    out.flush();
    ModelFile model = ModelFile.of("m", withInitializer(bytes.toByteArray()));
    FloatReader values = new FloatReader(model.data(model.graph().initializers().get("w")));
    assertThat(values.all()).containsExactly(1.5f, -2, 3);
    assertThat(model.scan().dense().get(0).values().runs()).hasSize(1);
  }

  private static byte[] withInitializer(byte[] tensor) {
    byte[] graph = concat(Wire.tag(GraphProto.INITIALIZER_FIELD_NUMBER, tensor.length), tensor);
    byte[] header = ModelBuilder.model(13).build().toBuilder().clearGraph().build().toByteArray();
    return concat(header, Wire.tag(ModelProto.GRAPH_FIELD_NUMBER, graph.length), graph);
  }

  private static byte[] concat(byte[]... pieces) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] piece : pieces) {
      out.writeBytes(piece);
    }
    return out.toByteArray();
  }

  @Example
  void largeTensorsComeInChunksOfAtMostOneMebibyte() {
    float[] values = new float[700_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    TensorData data = Tensors.data(Tensors.floats("t", values, 700_000));
    int[] next = {0};
    data.forEachChunk(
        chunk -> {
          assertThat(chunk.remaining()).isBetween(4, 1 << 20).matches(n -> n % 4 == 0);
          while (chunk.hasRemaining()) {
            assertThat(chunk.getFloat()).isEqualTo(next[0]++);
          }
        });
    assertThat(next[0]).isEqualTo(700_000);
  }

  @Example
  void refusesFewerValuesThanTheShapeAsksFor() {
    TensorProto raw = Tensors.floats("t", new float[] {1, 2}, 2).toBuilder().setDims(0, 3).build();
    assertThatThrownBy(() -> Tensors.data(raw).toBuffer())
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("'t'")
        .hasMessageContaining("8 bytes")
        .hasMessageContaining("12 bytes");
    TensorProto typed =
        Tensors.of("t", ElementType.INT64, 3).addAllInt64Data(List.of(1L, 2L)).build();
    assertThatThrownBy(() -> Tensors.data(typed).forEachChunk(chunk -> {}))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("2 values");
  }

  @Example
  void sparseTensorsReadAsDenseOnes() {
    ModelFile model = Samples.sparse().toModel("m");
    Initializer w = model.graph().initializers().get("w");
    assertThat(w.sparse()).isTrue();
    assertThat(w.dims()).containsExactly(2L, 3L);
    assertThat(new FloatReader(model.data(w)).all()).containsExactly(0, 5, 0, 0, 0, -6);
  }

  @Example
  void sparseIndicesMayCountByAxis() {
    SparseTensorProto tensor =
        SparseTensorProto.newBuilder()
            .setValues(Tensors.floats("w", new float[] {5, -6}, 2))
            .setIndices(Tensors.int64s("", new long[] {0, 1, 1, 2}, 2, 2))
            .addDims(2)
            .addDims(3)
            .build();
    ModelFile model = ModelBuilder.model(13).sparseInitializer(tensor).toModel("m");
    assertThat(new FloatReader(model.data(model.graph().initializers().get("w"))).all())
        .containsExactly(0, 5, 0, 0, 0, -6);
  }

  @Example
  void constantsAreReadWhereverTheyLie() {
    ModelFile model = Samples.constants().toModel("m");
    Node large = model.graph().nodes().get(0);
    Node small = model.graph().nodes().get(1);
    assertThat(large.proto().getSerializedSize()).isLessThan(1000);
    float[] values = new FloatReader(model.constant(large).orElseThrow()).all();
    assertThat(values).hasSize(20_000);
    assertThat(values[19_999]).isEqualTo(19_999);
    assertThat(new FloatReader(model.constant(small).orElseThrow()).all()).containsExactly(2);
    assertThat(model.constant(model.graph().nodes().get(2))).isEmpty();
  }

  @Example
  void constantsOfSubgraphsAreReadToo() {
    GraphProto body = Samples.constants().graph();
    ModelFile model =
        ModelBuilder.model(13)
            .input("c", ElementType.BOOL)
            .node("If", List.of("c"), List.of("y"), "if", Nodes.graph("then_branch", body))
            .toModel("m");
    Node large = model.graph().allNodes().get(1);
    assertThat(large.name()).isEqualTo("if/then_branch/large");
    assertThat(new FloatReader(model.constant(large).orElseThrow()).all()).hasSize(20_000);
  }

  /** Reads all values as floats. */
  private record FloatReader(TensorData data) {
    float[] all() {
      ByteBuffer bytes = data.toBuffer();
      float[] values = new float[bytes.remaining() / 4];
      bytes.asFloatBuffer().get(values);
      return values;
    }
  }
}
