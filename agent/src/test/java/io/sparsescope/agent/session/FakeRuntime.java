package io.sparsescope.agent.session;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;

/** Stands in for ONNX Runtime's native library: remembers what it was asked, fails when told to. */
public final class FakeRuntime {
  static final String COUNTS = "sparsescope/counts";

  /** What it was asked to load: byte arrays, paths, buffers. */
  final List<Object> loaded = new ArrayList<>();

  /** The outputs each run asked for. */
  final List<List<String>> asked = new ArrayList<>();

  /** Every tensor it gave out. */
  final List<OnnxTensor> tensors = new ArrayList<>();

  /** Thrown once, by the next call that loads a model. */
  RuntimeException refuseNextLoad;

  /** What happens while a model is being loaded. */
  Runnable whileLoading = () -> {};

  /** Thrown by every run that asks for counts. */
  RuntimeException failCounts;

  /** Thrown by every run. */
  RuntimeException failRuns;

  /** Thrown when a tensor's values are read. */
  RuntimeException failReading;

  /** Rows of the counts. */
  long[] counts = {16, 5, 0, 4, 1, 1};

  private long nextSession = 100;

  /** Plays ONNX Runtime's class of this name. */
  public final class OnnxTensor {
    final String name;
    int closed;

    OnnxTensor(String name) {
      this.name = name;
    }

    public LongBuffer getLongBuffer() {
      if (failReading != null) {
        throw failReading;
      }
      return LongBuffer.wrap(counts);
    }

    public ByteBuffer getByteBuffer() {
      return ByteBuffer.allocate(0);
    }

    public void close() {
      closed++;
    }
  }

  MethodHandle handle(String name) {
    for (Method method : FakeRuntime.class.getMethods()) {
      if (method.getName().equals(name)) {
        try {
          return MethodHandles.lookup().unreflect(method).bindTo(this);
        } catch (IllegalAccessException e) {
          throw new AssertionError(e);
        }
      }
    }
    throw new AssertionError(name);
  }

  public long createFromPath(long api, long environment, String path, long options) {
    return load(path);
  }

  public long createFromBytes(long api, long environment, byte[] model, long options) {
    return load(model);
  }

  public long createFromBuffer(
      long api, long environment, ByteBuffer model, int position, int size, long options) {
    return load(model.duplicate().limit(position + size).position(position));
  }

  public long getNumOutputs(Object self, long api, long session) {
    return 6;
  }

  public String[] getOutputNames(Object self, long api, long session, long allocator) {
    return new String[] {"y", "z", "sum", "q", "ksum", COUNTS};
  }

  public Object[] getOutputInfo(Object self, long api, long session, long allocator) {
    return new CharSequence[] {"Y", "Z", "SUM", "Q", "KSUM", "COUNTS"};
  }

  public boolean[] run(
      Object self,
      long api,
      long session,
      long allocator,
      String[] inputNames,
      long[] inputs,
      long inputCount,
      String[] outputNames,
      long outputCount,
      Object[] outputValues,
      long[] outputs,
      long runOptions) {
    asked.add(List.of(outputNames));
    if (failRuns != null) {
      throw failRuns;
    }
    boolean[] owned = new boolean[outputNames.length];
    for (int i = 0; i < owned.length; i++) {
      if (failCounts != null && outputNames[i].equals(COUNTS)) {
        throw failCounts;
      }
      if (outputValues[i] == null) {
        owned[i] = true;
        outputValues[i] = tensor(outputNames[i]);
      }
    }
    return owned;
  }

  public void close(Object self, long api, long handle) {}

  public void save(Object self, long api, long options, String path) {}

  private long load(Object model) {
    loaded.add(model);
    whileLoading.run();
    RuntimeException refusal = refuseNextLoad;
    refuseNextLoad = null;
    if (refusal != null) {
      throw refusal;
    }
    return nextSession++;
  }

  private OnnxTensor tensor(String name) {
    OnnxTensor tensor = new OnnxTensor(name);
    tensors.add(tensor);
    return tensor;
  }
}
