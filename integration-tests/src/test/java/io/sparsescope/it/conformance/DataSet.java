package io.sparsescope.it.conformance;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.sparsescope.it.conformance.Value.Items;
import io.sparsescope.it.conformance.Value.Numbers;
import io.sparsescope.it.conformance.Value.Strings;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the {@code input_N.pb} and {@code output_N.pb} of a folder {@code test_data_set_0}. */
final class DataSet {
  private DataSet() {}

  /** Values by name, for declared inputs or outputs in order; stops where the files stop. */
  static Map<String, Value> read(Path folder, String prefix, List<ValueInfoProto> declared)
      throws IOException, Unsupported {
    Map<String, Value> values = new LinkedHashMap<>();
    for (int i = 0; i < declared.size(); i++) {
      Path file = folder.resolve(prefix + "_" + i + ".pb");
      if (!Files.exists(file)) {
        break;
      }
      ValueInfoProto info = declared.get(i);
      byte[] bytes = Files.readAllBytes(file);
      if (info.getType().hasTensorType()) {
        values.put(info.getName(), tensor(TensorProto.parseFrom(bytes)));
      } else if (info.getType().hasSequenceType()) {
        values.put(info.getName(), sequence(bytes));
      } else {
        throw new Unsupported("data set holds an optional or a map");
      }
    }
    return values;
  }

  /** A tensor's values, whichever field holds them. */
  static Value tensor(TensorProto t) throws Unsupported {
    long[] shape = t.getDimsList().stream().mapToLong(Long::longValue).toArray();
    ElementType type = ElementType.of(t.getDataType());
    if (type == ElementType.STRING) {
      return new Strings(
          t.getDimsList(), t.getStringDataList().stream().map(ByteString::toStringUtf8).toList());
    }
    if (t.hasRawData()) {
      return Numbers.of(type, shape, t.getRawData().toByteArray());
    }
    return Numbers.of(type, shape, typedFields(t, type));
  }

  private static byte[] typedFields(TensorProto t, ElementType type) throws Unsupported {
    int count =
        Math.max(
            Math.max(t.getFloatDataCount(), t.getDoubleDataCount()),
            Math.max(
                t.getInt32DataCount(), Math.max(t.getInt64DataCount(), t.getUint64DataCount())));
    ByteBuffer b =
        ByteBuffer.allocate(count * Math.max(1, type.bits() / 8)).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      switch (type) {
        case FLOAT -> b.putFloat(t.getFloatData(i));
        case DOUBLE -> b.putDouble(t.getDoubleData(i));
        case INT64 -> b.putLong(t.getInt64Data(i));
        case UINT64 -> b.putLong(t.getUint64Data(i));
        case UINT32 -> b.putInt((int) t.getUint64Data(i));
        case INT32 -> b.putInt(t.getInt32Data(i));
        case INT16, UINT16, FLOAT16, BFLOAT16 -> b.putShort((short) t.getInt32Data(i));
        case INT8, UINT8, BOOL -> b.put((byte) t.getInt32Data(i));
        default -> throw new Unsupported("data set holds " + type.label());
      }
    }
    return b.array();
  }

  /** SequenceProto: name = 1, elem_type = 2, tensor_values = 3. */
  private static Value sequence(byte[] bytes) throws IOException, Unsupported {
    List<Value> items = new ArrayList<>();
    UnknownFieldSet fields = UnknownFieldSet.parseFrom(bytes);
    for (ByteString item : fields.getField(3).getLengthDelimitedList()) {
      items.add(tensor(TensorProto.parseFrom(item)));
    }
    return new Items(items);
  }
}
