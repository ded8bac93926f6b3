package io.sparsescope.it.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import io.sparsescope.profile.ChannelSet;
import io.sparsescope.profile.ZeroCounter;
import io.sparsescope.rewriter.Rewrite;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;

/** A session of ResNet-50 that counts by one recipe. */
final class CountingSession implements AutoCloseable {
  private static final OrtEnvironment ENVIRONMENT =
      OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "bench");
  private static final Method NATIVE_BUFFER = nativeBuffer();

  private final Recipe recipe;
  private final OrtSession session;

  CountingSession(Recipe recipe, Path model, int threads) throws OrtException {
    this.recipe = recipe;
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      this.session = ENVIRONMENT.createSession(model.toString(), options);
    }
  }

  /** A batch of random images. */
  static OnnxTensor images(int batch) throws OrtException {
    Random random = new Random(batch);
    FloatBuffer pixels =
        ByteBuffer.allocateDirect(batch * 3 * 224 * 224 * Float.BYTES)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    while (pixels.hasRemaining()) {
      pixels.put((float) random.nextGaussian());
    }
    return OnnxTensor.createTensor(ENVIRONMENT, pixels.rewind(), new long[] {batch, 3, 224, 224});
  }

  /**
   * Runs once and counts; hands back the zeros of all taps. A recipe that sums ones gives minus
   * their number, which the zeros are short of all elements; one that counts nothing gives 0.
   */
  long run(OnnxTensor images) throws OrtException {
    String input = "gpu_0/data_0";
    try (OrtSession.Result result = session.run(Map.of(input, images))) {
      return switch (recipe) {
        case PLAIN, RAW_UNREAD -> 0;
        case FAST, EXACT -> zerosOfRows((OnnxTensor) result.get(Rewrite.COUNTS).orElseThrow());
        case CHANNELS -> {
          LongBuffer channels =
              ((OnnxTensor) result.get(Rewrite.CHANNELS).orElseThrow()).getLongBuffer();
          ChannelSet.of(channels.remaining(), c -> channels.get(c) != 0);
          yield zerosOfRows((OnnxTensor) result.get(Rewrite.COUNTS).orElseThrow());
        }
        default -> zerosOfOutputs(result);
      };
    }
  }

  private static long zerosOfRows(OnnxTensor counts) {
    LongBuffer rows = counts.getLongBuffer();
    long zeros = 0;
    for (int row = 0; row < rows.capacity() / 3; row++) {
      zeros += rows.get(row * 3 + 1);
    }
    return zeros;
  }

  private long zerosOfOutputs(OrtSession.Result result) throws OrtException {
    long zeros = 0;
    for (int i = 1; i < result.size(); i++) {
      OnnxTensor tensor = (OnnxTensor) result.get(i);
      zeros +=
          switch (recipe) {
            case BOOL_BYTES -> ZeroCounter.INT8.count(nativeBuffer(tensor)).zeros();
            case RAW_COUNTED -> ZeroCounter.FLOAT32.count(nativeBuffer(tensor)).zeros();
            default -> -(long) tensor.getFloatBuffer().get(0);
          };
    }
    return zeros;
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }

  /** The tensor's own memory: ONNX Runtime's private method, which the agent uses too. */
  private static ByteBuffer nativeBuffer(OnnxTensor tensor) {
    try {
      return ((ByteBuffer) NATIVE_BUFFER.invoke(tensor)).order(ByteOrder.nativeOrder());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this ONNX Runtime has another OnnxTensor.getBuffer()", e);
    }
  }

  private static Method nativeBuffer() {
    try {
      Method method = OnnxTensor.class.getDeclaredMethod("getBuffer");
      method.setAccessible(true);
      return method;
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException("this ONNX Runtime has no OnnxTensor.getBuffer()", e);
    }
  }
}
