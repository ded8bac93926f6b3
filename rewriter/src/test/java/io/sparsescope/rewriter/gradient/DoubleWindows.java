package io.sparsescope.rewriter.gradient;

import io.sparsescope.rewriter.gradient.DoubleNode.Operator;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Convolutions and pools, of any number of spatial dimensions. */
final class DoubleWindows {
  static final Map<String, Operator> OPERATORS = new HashMap<>();

  static {
    OPERATORS.put("Conv", Operator.single(DoubleWindows::conv));
    OPERATORS.put("ConvTranspose", Operator.single(DoubleWindows::convTranspose));
    OPERATORS.put("MaxPool", DoubleWindows::maxPool);
    OPERATORS.put("AveragePool", Operator.single(DoubleWindows::averagePool));
    OPERATORS.put("GlobalAveragePool", Operator.single(DoubleWindows::globalAveragePool));
    OPERATORS.put("GlobalMaxPool", Operator.single(DoubleWindows::globalMaxPool));
  }

  private DoubleWindows() {}

  private static int[] spatial(DoubleTensor x) {
    return Arrays.copyOfRange(x.shape(), 2, x.rank());
  }

  private static int[] shape(int n, int c, int[] spatial) {
    int[] shape = new int[2 + spatial.length];
    shape[0] = n;
    shape[1] = c;
    System.arraycopy(spatial, 0, shape, 2, spatial.length);
    return shape;
  }

  private static DoubleTensor conv(DoubleNode node) {
    DoubleTensor x = node.input(0);
    DoubleTensor w = node.input(1);
    DoubleWindow window = DoubleWindow.of(node, spatial(x), spatial(w));
    int[][] taps = window.taps();
    int groups = (int) node.integer("group", 1);
    int channels = x.shape()[1];
    int maps = w.shape()[0];
    int perGroup = channels / groups;
    int area = DoubleTensor.size(spatial(x));
    int kernel = DoubleTensor.size(spatial(w));
    DoubleTensor y = DoubleTensor.zeros(shape(x.shape()[0], maps, window.output()));
    for (int n = 0; n < x.shape()[0]; n++) {
      for (int m = 0; m < maps; m++) {
        int group = m / (maps / groups);
        for (int o = 0; o < taps.length; o++) {
          double sum = node.hasInput(2) ? node.input(2).values()[m] : 0;
          for (int c = 0; c < perGroup; c++) {
            int plane = (n * channels + group * perGroup + c) * area;
            for (int k = 0; k < kernel; k++) {
              if (taps[o][k] >= 0) {
                sum += x.values()[plane + taps[o][k]] * w.values()[(m * perGroup + c) * kernel + k];
              }
            }
          }
          y.values()[(n * maps + m) * taps.length + o] = sum;
        }
      }
    }
    return y;
  }

  /** Each input element adds its value times the kernel to the places a Conv would read it from. */
  private static DoubleTensor convTranspose(DoubleNode node) {
    DoubleTensor x = node.input(0);
    DoubleTensor w = node.input(1);
    DoubleWindow window = DoubleWindow.transposed(node, spatial(x), spatial(w));
    int[][] taps = window.taps();
    int groups = (int) node.integer("group", 1);
    int channels = x.shape()[1];
    int mapsPerGroup = w.shape()[1];
    int maps = mapsPerGroup * groups;
    int kernel = DoubleTensor.size(spatial(w));
    int area = DoubleTensor.size(window.input());
    DoubleTensor y = DoubleTensor.zeros(shape(x.shape()[0], maps, window.input()));
    for (int n = 0; n < x.shape()[0]; n++) {
      for (int c = 0; c < channels; c++) {
        for (int m = 0; m < mapsPerGroup; m++) {
          int plane = (n * maps + c / (channels / groups) * mapsPerGroup + m) * area;
          for (int i = 0; i < taps.length; i++) {
            for (int k = 0; k < kernel; k++) {
              if (taps[i][k] >= 0) {
                y.values()[plane + taps[i][k]] +=
                    x.values()[(n * channels + c) * taps.length + i]
                        * w.values()[(c * mapsPerGroup + m) * kernel + k];
              }
            }
          }
        }
      }
    }
    for (int i = 0; i < y.size() && node.hasInput(2); i++) {
      y.values()[i] += node.input(2).values()[i / area % maps];
    }
    return y;
  }

  /** The largest of each window and its place in the whole tensor. */
  private static List<DoubleTensor> maxPool(DoubleNode node) {
    DoubleTensor x = node.input(0);
    DoubleWindow window = DoubleWindow.of(node, spatial(x), null);
    int[][] taps = window.taps();
    int planes = x.shape()[0] * x.shape()[1];
    int area = DoubleTensor.size(spatial(x));
    int[] shape = shape(x.shape()[0], x.shape()[1], window.output());
    double[] y = new double[planes * taps.length];
    double[] places = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = Double.NEGATIVE_INFINITY;
      for (int tap : taps[i % taps.length]) {
        int place = i / taps.length * area + tap;
        if (tap >= 0 && x.values()[place] > y[i]) {
          y[i] = x.values()[place];
          places[i] = place;
        }
      }
    }
    return List.of(DoubleTensor.of(y, shape), DoubleTensor.integers(places, shape));
  }

  private static DoubleTensor averagePool(DoubleNode node) {
    DoubleTensor x = node.input(0);
    DoubleWindow window = DoubleWindow.of(node, spatial(x), null);
    int[][] taps = window.taps();
    boolean countPads = node.integer("count_include_pad", 0) != 0;
    int area = DoubleTensor.size(spatial(x));
    double[] y = new double[x.shape()[0] * x.shape()[1] * taps.length];
    for (int i = 0; i < y.length; i++) {
      double sum = 0;
      int count = 0;
      for (int tap : taps[i % taps.length]) {
        sum += tap >= 0 ? x.values()[i / taps.length * area + tap] : 0;
        count += tap >= 0 || countPads && tap == DoubleWindow.PAD ? 1 : 0;
      }
      y[i] = sum / count;
    }
    return DoubleTensor.of(y, shape(x.shape()[0], x.shape()[1], window.output()));
  }

  private static boolean[] spatialAxes(DoubleTensor x) {
    boolean[] axes = new boolean[x.rank()];
    Arrays.fill(axes, 2, x.rank(), true);
    return axes;
  }

  private static DoubleTensor globalAveragePool(DoubleNode node) {
    DoubleTensor x = node.input(0);
    return DoubleReductions.reduce(x, spatialAxes(x), r -> Arrays.stream(r).sum() / r.length);
  }

  private static DoubleTensor globalMaxPool(DoubleNode node) {
    DoubleTensor x = node.input(0);
    return DoubleReductions.reduce(x, spatialAxes(x), r -> Arrays.stream(r).max().orElseThrow());
  }
}
