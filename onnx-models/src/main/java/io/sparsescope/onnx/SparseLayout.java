package io.sparsescope.onnx;

import io.sparsescope.onnx.proto.SparseTensorProto;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a SparseTensorProto keeps what.
 *
 * @param values the stored values, a tensor of shape [NNZ]
 * @param valuesField the field of the values
 * @param indices their places, int64: linear [NNZ] or by axis [NNZ, rank]
 * @param dims the dense shape
 */
record SparseLayout(
    TensorLayout values, WireRecord valuesField, TensorLayout indices, List<Long> dims) {
  private static final int MAX_DIMS = 1024;

  static SparseLayout scan(WireCursor cursor, WireRecord record) {
    TensorLayout values = null;
    TensorLayout indices = null;
    WireRecord valuesField = null;
    List<Long> dims = new ArrayList<>();
    cursor.enter(record.body(), record.end());
    while (!cursor.atEnd()) {
      WireRecord field = cursor.next();
      if (field.isBytes(SparseTensorProto.VALUES_FIELD_NUMBER)) {
        requireFirst(values, cursor, field);
        values = TensorScanner.scan(cursor, field.body(), field.end());
        valuesField = field;
      } else if (field.isBytes(SparseTensorProto.INDICES_FIELD_NUMBER)) {
        requireFirst(indices, cursor, field);
        indices = TensorScanner.scan(cursor, field.body(), field.end());
      } else if (field.field() == SparseTensorProto.DIMS_FIELD_NUMBER) {
        cursor.enter(field.body(), field.end());
        while (!cursor.atEnd()) {
          addDim(dims, cursor, field);
        }
      }
      cursor.enter(field.end(), record.end());
    }
    if (values == null || indices == null) {
      throw cursor.malformed("a sparse tensor without values or indices", record.start());
    }
    if (Shapes.elements(dims) < 0) {
      throw cursor.malformed("a sparse tensor of impossible shape", record.start());
    }
    return new SparseLayout(values, valuesField, indices, List.copyOf(dims));
  }

  private static void requireFirst(TensorLayout before, WireCursor cursor, WireRecord field) {
    if (before != null) {
      throw cursor.malformed("a sparse tensor with two sets of values", field.start());
    }
  }

  private static void addDim(List<Long> dims, WireCursor cursor, WireRecord field) {
    long dim = cursor.varint();
    if (dim < 0 || dims.size() == MAX_DIMS) {
      throw cursor.malformed("a sparse tensor of impossible shape", field.start());
    }
    dims.add(dim);
  }
}
