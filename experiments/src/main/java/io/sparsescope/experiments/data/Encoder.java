package io.sparsescope.experiments.data;

import ai.onnxruntime.platform.Fp16Conversions;
import io.sparsescope.onnx.ElementType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Turns a record's stored values into the values that a model's input takes. */
final class Encoder {
  private final String source;
  private final ElementType from;
  private final ElementType to;
  private final DataOptions options;
  private final boolean plain;
  private final int elements;
  private final List<Long> dims;

  /** Stored place of each element in the order of the model's input; null where it is the same. */
  private final int[] places;

  /** Channel of each element in the order of the model's input, in the order red, green, blue. */
  private final int[] channels;

  private final double[] means;
  private final double[] stds;
  private final float[] floatMeans;
  private final float[] floatStds;

  Encoder(RecordReader reader, ElementType to, DataOptions options) {
    source = reader.name();
    from = reader.type();
    this.to = to;
    this.options = options;
    plain = from == to && !options.normalizes();
    if (!plain && !to.isFloat()) {
      throw new DataException(
          source
              + ": holds "
              + from.label()
              + (options.normalizes() ? " to be scaled" : "")
              + ", but the model takes "
              + to.label()
              + "; convert the data, or leave out --scale, --mean and --std");
    }
    elements =
        (int) reader.dims().stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    if (reader.images()) {
      int[] chw = reader.dims().stream().mapToInt(Long::intValue).toArray();
      dims = imageDims(chw, options.layout());
      channels = new int[elements];
      places = imagePlaces(chw);
      means = options.means(chw[0]);
      stds = options.stds(chw[0]);
    } else {
      if (options.channels() != Channels.RGB) {
        throw new DataException(
            source
                + ": arrays are fed as they are; reverse their channels, or leave out --channels");
      }
      if (!options.size().equals(ImageSize.STORED)) {
        throw new DataException(
            source + ": arrays are fed as they are; leave out --resize, --crop and --upright");
      }
      dims = reader.dims();
      int n = channelCount();
      channels = arrayChannels(n);
      places = null;
      means = options.means(n);
      stds = options.stds(n);
    }
    floatMeans = floats(means);
    floatStds = floats(stds);
  }

  private static List<Long> imageDims(int[] chw, Layout layout) {
    return layout == Layout.NCHW
        ? List.of((long) chw[0], (long) chw[1], (long) chw[2])
        : List.of((long) chw[1], (long) chw[2], (long) chw[0]);
  }

  private int[] imagePlaces(int[] chw) {
    boolean reversed = options.channels() == Channels.BGR;
    if (reversed && chw[0] != 3) {
      throw new DataException(
          source + ": images of " + chw[0] + " channel have no colours; leave out --channels");
    }
    int area = chw[1] * chw[2];
    int[] all = new int[elements];
    boolean same = true;
    for (int i = 0; i < elements; i++) {
      boolean planes = options.layout() == Layout.NCHW;
      int channel = planes ? i / area : i % chw[0];
      int pixel = planes ? i % area : i / chw[0];
      int colour = reversed ? chw[0] - 1 - channel : channel;
      channels[i] = colour;
      all[i] = colour * area + pixel;
      same &= all[i] == i;
    }
    return same ? null : all;
  }

  private int channelAxis() {
    return options.layout() == Layout.NCHW ? 0 : dims.size() - 1;
  }

  /** An array's channels matter only where they differ. */
  private int channelCount() {
    boolean differ = options.mean().size() > 1 || options.std().size() > 1;
    return differ && !dims.isEmpty() ? Math.toIntExact(dims.get(channelAxis())) : 1;
  }

  private int[] arrayChannels(int n) {
    if (n == 1) {
      return null;
    }
    int inner = 1;
    for (int i = channelAxis() + 1; i < dims.size(); i++) {
      inner *= Math.toIntExact(dims.get(i));
    }
    int[] all = new int[elements];
    for (int i = 0; i < elements; i++) {
      all[i] = i / inner % n;
    }
    return all;
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  /** Shape of an encoded record. */
  List<Long> dims() {
    return new ArrayList<>(dims);
  }

  int elements() {
    return elements;
  }

  /** Bytes of an encoded record. */
  int bytes() {
    return Math.multiplyExact(elements, to.bits() / 8);
  }

  /** Puts a record at the buffer's position. */
  void encode(ByteBuffer record, ByteBuffer out) {
    if (plain && places == null) {
      out.put(record);
      return;
    }
    for (int i = 0; i < elements; i++) {
      int place = places == null ? i : places[i];
      if (plain) {
        copy(record, place, out);
      } else {
        put(record, place, channels == null ? 0 : channels[i], out);
      }
    }
  }

  private void copy(ByteBuffer record, int place, ByteBuffer out) {
    int size = to.bits() / 8;
    for (int b = 0; b < size; b++) {
      out.put(record.get(place * size + b));
    }
  }

  private void put(ByteBuffer record, int place, int channel, ByteBuffer out) {
    if (to == ElementType.DOUBLE) {
      double scaled = options.scale().apply(number(record, place));
      out.putDouble((scaled - means[channel]) / stds[channel]);
      return;
    }
    // In float32 from the start, as the frameworks that trained the models do.
    float scaled = options.scale().apply((float) number(record, place));
    float value = (scaled - floatMeans[channel]) / floatStds[channel];
    switch (to) {
      case FLOAT -> out.putFloat(value);
      case FLOAT16 -> out.putShort(Fp16Conversions.floatToFp16(value));
      case BFLOAT16 -> out.putShort(Fp16Conversions.floatToBf16(value));
      default -> throw new AssertionError(to);
    }
  }

  private double number(ByteBuffer record, int place) {
    return switch (from) {
      case UINT8 -> record.get(place) & 0xff;
      case INT8, BOOL -> record.get(place);
      case INT32 -> record.getInt(4 * place);
      case INT64 -> record.getLong(8 * place);
      case FLOAT16 -> Fp16Conversions.fp16ToFloat(record.getShort(2 * place));
      case FLOAT -> record.getFloat(4 * place);
      case DOUBLE -> record.getDouble(8 * place);
      default -> throw new AssertionError(from);
    };
  }
}
