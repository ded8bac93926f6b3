package io.sparsescope.experiments.data;

import java.util.ArrayList;
import java.util.List;

/**
 * How stored values become model inputs: {@code (value * scale - mean) / std}, in the arithmetic of
 * the input's own type.
 *
 * @param scale the factor
 * @param mean one for all channels, or one a channel in the order red, green, blue whatever the
 *     order of {@code channels}; empty for 0
 * @param std in the same way; empty for 1
 * @param layout where the model's input has its channels
 * @param channels the order of colours in the model's input
 * @param size how images get their size; for image files, idx and cifar
 */
public record DataOptions(
    Scale scale,
    List<Double> mean,
    List<Double> std,
    Layout layout,
    Channels channels,
    ImageSize size) {

  /** Values as they are stored. */
  public static final DataOptions NONE =
      new DataOptions(Scale.ONE, List.of(), List.of(), Layout.NCHW, Channels.RGB);

  /** Images in the size in which they are stored. */
  public DataOptions(
      Scale scale, List<Double> mean, List<Double> std, Layout layout, Channels channels) {
    this(scale, mean, std, layout, channels, ImageSize.STORED);
  }

  public DataOptions {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
    if (std.contains(0.0)) {
      throw new DataException("a standard deviation of 0; give --std values other than 0");
    }
  }

  /**
   * Reads the values of the options {@code --scale}, {@code --mean}, {@code --std}, {@code
   * --layout} and {@code --channels}; null for one that was not given.
   *
   * @throws DataException naming the option that makes no sense
   */
  public static DataOptions parse(
      String scale, String mean, String std, String layout, String channels) {
    return new DataOptions(
        scale == null ? Scale.ONE : Scale.parse(scale),
        mean == null ? List.of() : numbers("mean", mean),
        std == null ? List.of() : numbers("std", std),
        layout == null ? Layout.NCHW : constant(Layout.class, "layout", layout),
        channels == null ? Channels.RGB : constant(Channels.class, "channels", channels));
  }

  /** The same with another size of images. */
  public DataOptions withSize(ImageSize images) {
    return new DataOptions(scale, mean, std, layout, channels, images);
  }

  /** Whether values are changed at all. */
  boolean normalizes() {
    return !scale.equals(Scale.ONE) || !mean.isEmpty() || !std.isEmpty();
  }

  /** The mean of each of {@code n} channels, in the order red, green, blue. */
  double[] means(int n) {
    return perChannel("mean", mean, 0, n);
  }

  /** The standard deviation of each of {@code n} channels, in the order red, green, blue. */
  double[] stds(int n) {
    return perChannel("std", std, 1, n);
  }

  private static double[] perChannel(String option, List<Double> values, double none, int n) {
    if (values.size() > 1 && values.size() != n) {
      throw new DataException(
          "--"
              + option
              + " has "
              + values.size()
              + " values, but the data has "
              + n
              + (n == 1 ? " channel" : " channels")
              + "; give one value, or one a channel");
    }
    double[] all = new double[n];
    for (int i = 0; i < n; i++) {
      all[i] = values.isEmpty() ? none : values.get(values.size() == 1 ? 0 : i);
    }
    return all;
  }

  private static List<Double> numbers(String option, String text) {
    List<Double> numbers = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      numbers.add(number(option, part));
    }
    return numbers;
  }

  static double number(String option, String text) {
    try {
      double number = Double.parseDouble(text.strip());
      if (Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new DataException("--" + option + ": '" + text + "' is no number; write one like 0.485");
  }

  private static <E extends Enum<E>> E constant(Class<E> type, String option, String text) {
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equalsIgnoreCase(text)) {
        return constant;
      }
    }
    String choices =
        String.join(
            " or ",
            java.util.Arrays.stream(type.getEnumConstants())
                .map(c -> c.name().toLowerCase(java.util.Locale.ROOT))
                .toList());
    throw new DataException("--" + option + " " + text + " is unknown; choose " + choices);
  }
}
