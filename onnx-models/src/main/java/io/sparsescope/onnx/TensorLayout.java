package io.sparsescope.onnx;

import java.util.List;
import java.util.Map;

/**
 * Where a TensorProto keeps what, as ranges of its source.
 *
 * @param start where the message begins
 * @param end behind the message
 * @param name its name
 * @param dataType ONNX's number of the element type
 * @param dims shape
 * @param raw the last raw_data field, or null
 * @param runs the typed fields' values in file order
 * @param external entries of external_data
 * @param isExternal whether data_location says EXTERNAL
 * @param segmented whether it is one segment of a larger tensor
 */
record TensorLayout(
    long start,
    long end,
    String name,
    int dataType,
    List<Long> dims,
    WireRecord raw,
    List<Run> runs,
    Map<String, String> external,
    boolean isExternal,
    boolean segmented) {

  /**
   * Consecutive values of a typed field.
   *
   * @param field field number in TensorProto
   * @param start first byte: of the packed values, or of the first value's tag
   * @param end behind the last byte
   * @param packed whether the values stand alone or each behind a tag
   */
  record Run(int field, long start, long end, boolean packed) {}

  ElementType type() {
    return ElementType.of(dataType);
  }
}
