package io.sparsescope.experiments.data;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Which data to feed: the value of {@code --data}.
 *
 * <ul>
 *   <li>{@code idx:DIR}, {@code cifar10:DIR}, {@code cifar100:DIR}: the test set in the published
 *       files, {@code DIR#train} the training set; .gz and .xz files are read as they are
 *   <li>{@code images:DIR}: image files in a folder a class, or with their classes in {@code
 *       labels.tsv}: lines of a file, a tab and a number
 *   <li>{@code npy:X.npy[,Y.npy]}: an array whose first dimension counts records, and their labels
 *       (integers), or targets (float32 or float64)
 *   <li>{@code onnx:DIR}: ONNX's {@code test_data_set_*} folders, a run each
 *   <li>{@code random[:SEED]}: made up from the types and shapes of the model's inputs
 * </ul>
 *
 * @param kind what stands before the colon
 * @param path folder or file; the current folder for random data
 * @param labels file of labels, where one is named
 * @param train whether the training set is meant
 * @param seed seed of random data
 */
public record DataSpec(Kind kind, Path path, Optional<Path> labels, boolean train, long seed) {

  /** Forms of data. */
  public enum Kind {
    IDX,
    CIFAR10,
    CIFAR100,
    IMAGES,
    NPY,
    ONNX,
    RANDOM
  }

  private static final String TRAIN = "#train";
  private static final String TEST = "#test";

  /**
   * @throws DataException saying what is wrong with the text
   */
  public static DataSpec parse(String text) {
    int colon = text.indexOf(':');
    String kind = colon < 0 ? text : text.substring(0, colon);
    String rest = colon < 0 ? "" : text.substring(colon + 1);
    return switch (kind) {
      case "idx" -> folder(Kind.IDX, text, rest);
      case "cifar10" -> folder(Kind.CIFAR10, text, rest);
      case "cifar100" -> folder(Kind.CIFAR100, text, rest);
      case "npy" -> arrays(text, rest);
      case "onnx" -> new DataSpec(Kind.ONNX, path(text, rest), Optional.empty(), false, 0);
      case "random" ->
          new DataSpec(
              Kind.RANDOM, Path.of(""), Optional.empty(), false, rest.isEmpty() ? 0 : seed(rest));
      case "images" -> new DataSpec(Kind.IMAGES, path(text, rest), Optional.empty(), false, 0);
      default ->
          throw new DataException(
              "--data "
                  + text
                  + " is unknown; write idx:DIR, cifar10:DIR, cifar100:DIR, images:DIR,"
                  + " npy:X.npy[,Y.npy], onnx:DIR or random[:SEED]");
    };
  }

  private static DataSpec folder(Kind kind, String text, String rest) {
    boolean train = rest.endsWith(TRAIN);
    String folder = rest;
    if (train || rest.endsWith(TEST)) {
      folder = rest.substring(0, rest.lastIndexOf('#'));
    }
    return new DataSpec(kind, path(text, folder), Optional.empty(), train, 0);
  }

  private static DataSpec arrays(String text, String rest) {
    int comma = rest.lastIndexOf(',');
    return comma < 0
        ? new DataSpec(Kind.NPY, path(text, rest), Optional.empty(), false, 0)
        : new DataSpec(
            Kind.NPY,
            path(text, rest.substring(0, comma)),
            Optional.of(path(text, rest.substring(comma + 1))),
            false,
            0);
  }

  private static Path path(String text, String path) {
    if (path.isEmpty()) {
      throw new DataException("--data " + text + " names no file; write the path behind the colon");
    }
    try {
      return Path.of(path);
    } catch (InvalidPathException e) {
      throw new DataException("--data " + text + " names no file (" + e.getReason() + ")", e);
    }
  }

  private static long seed(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new DataException("random:" + text + ": a seed is an integer; write random:1", e);
    }
  }

  /**
   * Opens the data for a model.
   *
   * @param inputs the inputs that the model wants to be fed
   * @param options how values become inputs; only for idx, cifar and npy
   * @throws DataException if the data cannot be read or does not fit the inputs
   */
  public DataSource open(List<InputSpec> inputs, DataOptions options) {
    return open(inputs, options, false);
  }

  /**
   * Opens the data for a model; it is read ahead on a thread of its own.
   *
   * @param references whether batches hold the outputs that the model should give, where the data
   *     has them (onnx)
   * @see #open(List, DataOptions)
   */
  public DataSource open(List<InputSpec> inputs, DataOptions options, boolean references) {
    return new PrefetchedSource(openPlain(inputs, options, references));
  }

  /**
   * Reads all records into memory, to be fed in any order.
   *
   * @param limit how many to read at most; empty for all
   * @throws DataException if the data cannot be read, does not fit the inputs, or has no records of
   *     one shape (onnx, random)
   */
  public RecordSet readAll(List<InputSpec> inputs, DataOptions options, OptionalLong limit) {
    if (fedAsIs()) {
      throw new DataException(
          "onnx: and random data have no labelled records; use idx:, cifar10:, cifar100:, images:"
              + " or npy:");
    }
    return RecordSet.read(reader(inputs, options), inputs, options, limit);
  }

  /** Whether the data has a training and a test set in one place. */
  public boolean hasSplits() {
    return kind == Kind.IDX || kind == Kind.CIFAR10 || kind == Kind.CIFAR100;
  }

  /** The training or the test set in the same place; the same where there is only one. */
  public DataSpec split(boolean training) {
    return new DataSpec(kind, path, labels, training && hasSplits(), seed);
  }

  private boolean fedAsIs() {
    return kind == Kind.ONNX || kind == Kind.RANDOM;
  }

  private DataSource openPlain(List<InputSpec> inputs, DataOptions options, boolean references) {
    if (fedAsIs() && !options.equals(DataOptions.NONE)) {
      throw new DataException(
          "onnx: and random data are fed as they are; leave out --scale, --mean, --std, --layout,"
              + " --channels, --resize, --crop and --upright");
    }
    return switch (kind) {
      case ONNX -> OnnxSource.open(path, inputs, references);
      case RANDOM -> new RandomSource(inputs, seed);
      default -> RecordSource.of(reader(inputs, options), inputs, options);
    };
  }

  private RecordReader reader(List<InputSpec> inputs, DataOptions options) {
    return switch (kind) {
      case IDX -> images(IdxReader.open(path, train), inputs, options);
      case CIFAR10 -> images(CifarReader.open(path, 10, train), inputs, options);
      case CIFAR100 -> images(CifarReader.open(path, 100, train), inputs, options);
      case IMAGES -> images(ImageFileReader.open(path, options.size().upright()), inputs, options);
      case NPY -> NpyReader.open(path, labels);
      case ONNX, RANDOM -> throw new AssertionError(kind);
    };
  }

  private static RecordReader images(
      RecordReader reader, List<InputSpec> inputs, DataOptions options) {
    int channels = inputs.size() == 1 ? channels(inputs.get(0), options.layout()) : 0;
    boolean files = reader instanceof ImageFileReader;
    if (options.size().upright() && !files) {
      reader.close();
      throw new DataException(reader.name() + ": has no EXIF orientation; leave out --upright");
    }
    boolean asIs =
        !files
            && options.size().equals(ImageSize.STORED)
            && (channels == 0 || channels == reader.dims().get(0));
    if (asIs) {
      return reader;
    }
    try {
      // Files differ in their channels, so that a model that leaves them open gets colours.
      int wanted = channels == 0 && files ? 3 : channels;
      return new SizedReader(reader, options.size(), wanted);
    } catch (DataException e) {
      reader.close();
      throw e;
    }
  }

  /** 1 or 3 where a model takes images of so many channels, else 0. */
  private static int channels(InputSpec input, Layout layout) {
    List<Long> dims = input.dims().orElse(List.of());
    if (dims.size() != 4) {
      return 0;
    }
    long channels = dims.get(layout == Layout.NCHW ? 1 : 3);
    return channels == 1 || channels == 3 ? (int) channels : 0;
  }
}
