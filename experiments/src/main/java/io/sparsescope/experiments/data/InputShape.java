package io.sparsescope.experiments.data;

import java.util.ArrayList;
import java.util.List;

/**
 * How records of one shape are fed to an input: its dimensions, and which of them counts records.
 *
 * @param batch whether the first dimension counts records
 * @param fixed records that a run takes, 0 if any number
 * @param record the other dimensions
 */
record InputShape(boolean batch, int fixed, List<Long> record) {

  /**
   * Fits records to an input. A record may be reshaped, as long as it has as many elements as the
   * input's dimensions behind the first say.
   *
   * @throws DataException if they do not fit
   */
  static InputShape fit(String source, InputSpec input, List<Long> record) {
    if (input.dims().isEmpty()) {
      return new InputShape(true, 0, record);
    }
    List<Long> dims = input.dims().get();
    if (!dims.isEmpty()) {
      List<Long> rest = dims.subList(1, dims.size());
      int fixed = dims.get(0) == InputSpec.ANY ? 0 : Math.toIntExact(dims.get(0));
      if (rest.size() == record.size() && matches(rest, record)) {
        return new InputShape(true, fixed, record);
      }
      List<Long> reshaped = reshape(rest, product(record));
      // Dimensions that only change places are a mistake, not a reshape.
      if (reshaped != null && rest.size() != record.size()) {
        return new InputShape(true, fixed, reshaped);
      }
    }
    if (dims.size() == record.size() && matches(dims, record)) {
      return new InputShape(false, 1, record);
    }
    throw new DataException(
        source
            + ": records of "
            + InputSpec.describe(record)
            + " do not fit the model's input "
            + input.name()
            + " "
            + input.describe()
            + "; choose other data, another --layout, or for images --resize or --crop");
  }

  private static boolean matches(List<Long> dims, List<Long> record) {
    for (int i = 0; i < dims.size(); i++) {
      if (dims.get(i) != InputSpec.ANY && !dims.get(i).equals(record.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** Fills in one open dimension; null if that cannot be done. */
  private static List<Long> reshape(List<Long> dims, long elements) {
    long known = product(dims.stream().filter(dim -> dim != InputSpec.ANY).toList());
    long open = dims.stream().filter(dim -> dim == InputSpec.ANY).count();
    if (known == 0 || open > 1 || elements % known != 0 || (open == 0 && elements != known)) {
      return null;
    }
    return dims.stream().map(dim -> dim == InputSpec.ANY ? elements / known : dim).toList();
  }

  private static long product(List<Long> dims) {
    return dims.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
  }

  /** The shape of a tensor that holds {@code count} records. */
  List<Long> tensor(int count) {
    if (!batch) {
      return record;
    }
    List<Long> shape = new ArrayList<>();
    shape.add((long) count);
    shape.addAll(record);
    return shape;
  }
}
