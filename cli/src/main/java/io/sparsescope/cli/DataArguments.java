package io.sparsescope.cli;

import io.sparsescope.experiments.data.DataOptions;
import io.sparsescope.experiments.data.DataSource;
import io.sparsescope.experiments.data.DataSpec;
import io.sparsescope.experiments.data.ImageSize;
import io.sparsescope.experiments.data.InputSpec;
import io.sparsescope.onnx.ModelFile;
import picocli.CommandLine.Option;

/** Options that say which data a model runs over, and how it is prepared. */
final class DataArguments {
  @Option(
      names = "--data",
      required = true,
      paramLabel = "SPEC",
      description = {
        "idx:DIR, cifar10:DIR, cifar100:DIR (#train behind DIR for the training set),",
        "images:DIR (a folder a class, or labels.tsv), npy:X.npy[,Y.npy], onnx:DIR",
        "(test_data_set_*) or random[:SEED]; gz and xz are read too."
      })
  private String data;

  @Option(
      names = "--scale",
      paramLabel = "S",
      description = "Factor on stored values, for example 1/255.")
  private String scale;

  @Option(
      names = "--mean",
      paramLabel = "M[,M..]",
      description = "Subtracted after scaling: one value, or one a channel (red, green, blue).")
  private String mean;

  @Option(
      names = "--std",
      paramLabel = "S[,S..]",
      description = "Divided by after the mean: one value, or one a channel.")
  private String std;

  @Option(
      names = "--layout",
      paramLabel = "nchw|nhwc",
      description = "Where the model has its channels (nchw).")
  private String layout;

  @Option(
      names = "--channels",
      paramLabel = "rgb|bgr",
      description = "The order of colours the model wants (rgb).")
  private String channels;

  @Option(
      names = "--resize",
      paramLabel = "N|WxH",
      description = "Resizes images, bilinear as PIL does it: N for the shorter side, or both.")
  private String resize;

  @Option(
      names = "--crop",
      paramLabel = "N|WxH",
      description = "Takes the middle of images, after --resize.")
  private String crop;

  @Option(
      names = "--upright",
      description = "Turns image files as their EXIF orientation says (not turned).")
  private boolean upright;

  /** The data as it was named. */
  String spec() {
    return data;
  }

  DataSource open(ModelFile model) {
    return open(model, false);
  }

  /** Opens the data, with the outputs that the model should give where it has them. */
  DataSource openWithReferences(ModelFile model) {
    return open(model, true);
  }

  private DataSource open(ModelFile model, boolean references) {
    return DataSpec.parse(data).open(InputSpec.of(model), options(), references);
  }

  /** How stored values become inputs. */
  DataOptions options() {
    return DataOptions.parse(scale, mean, std, layout, channels)
        .withSize(ImageSize.parse(resize, crop, upright));
  }
}
