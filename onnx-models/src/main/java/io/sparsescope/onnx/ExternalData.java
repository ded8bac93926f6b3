package io.sparsescope.onnx;

import java.util.Map;

/**
 * An external_data entry.
 *
 * @param location file, relative to the model's folder
 * @param offset first byte of the values
 * @param length bytes of the values, -1 where it is not said
 */
record ExternalData(String location, long offset, long length) {

  /**
   * @throws OnnxException if the entry has no location or a number that is none
   */
  static ExternalData of(Map<String, String> entry, String where) {
    String location = entry.getOrDefault("location", "");
    if (location.isEmpty()) {
      throw new OnnxException(
          where + ": its external_data names no location; export the model again");
    }
    return new ExternalData(
        location, number(entry, "offset", 0, where), number(entry, "length", -1, where));
  }

  private static long number(Map<String, String> entry, String key, long otherwise, String where) {
    String text = entry.get(key);
    if (text == null || text.isEmpty()) {
      return otherwise;
    }
    try {
      long value = Long.parseLong(text);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Reported below, as a negative number is.
    }
    throw new OnnxException(
        where
            + ": its external_data has the "
            + key
            + " '"
            + Failures.oneLine(text)
            + "', not a number of bytes; export the model again");
  }
}
