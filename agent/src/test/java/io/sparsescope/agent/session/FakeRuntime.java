package io.sparsescope.agent.session;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Stands in for ONNX Runtime's native library: remembers what it was asked, fails when told to. */
public final class FakeRuntime {
  static final String COUNTS = "sparsescope/counts";

  /** What it was asked to load: byte arrays, paths, buffers. */
  final List<Object> loaded = Collections.synchronizedList(new ArrayList<>());

  /** The outputs each run asked for. */
  final List<List<String>> asked = Collections.synchronizedList(new ArrayList<>());

  /** The session of each run. */
  final List<Long> ran = Collections.synchronizedList(new ArrayList<>());

  /** The values each run was given as inputs. */
  final List<float[]> inputs = Collections.synchronizedList(new ArrayList<>());

  /** Sessions that were closed. */
  final List<Long> closed = Collections.synchronizedList(new ArrayList<>());

  /** Sessions of models that have counts. */
  final Set<Long> counting = ConcurrentHashMap.newKeySet();

  /** Every tensor it gave out. */
  final List<OnnxTensor> tensors = Collections.synchronizedList(new ArrayList<>());

  /** Thrown once, by the next call that loads a model. */
  volatile RuntimeException refuseNextLoad;

  /** Thrown by every call that loads a model with counts. */
  volatile RuntimeException refuseCounts;

  /** What happens while a model is being loaded. */
  Runnable whileLoading = () -> {};

  /** Thrown by every call that loads a model without counts. */
  volatile RuntimeException refusePlain;

  /** Thrown by every run that asks for counts. */
  volatile RuntimeException failCounts;

  /** Thrown by every run. */
  volatile RuntimeException failRuns;

  /** Thrown by every run of a session. */
  final Map<Long, RuntimeException> failing = new ConcurrentHashMap<>();

  /** Thrown when a tensor's values are read. */
  volatile RuntimeException failReading;

  /** What runs of a session that counts do first. */
  volatile Runnable beforeCounting = () -> {};

  /** What other runs do first, once they have read their inputs. */
  volatile Runnable beforePlain = () -> {};

  /** Rows of the counts. */
  volatile long[] counts = {16, 5, 0, 4, 1, 1};

  /** The one whose tensors are copied; tests run one after the other. */
  private static volatile FakeRuntime copying;

  private final AtomicLong nextSession = new AtomicLong(100);
  private final Map<Long, OnnxTensor> byAddress = new ConcurrentHashMap<>();
  private final AtomicLong nextAddress = new AtomicLong(5000);

  FakeRuntime() {
    copying = this;
  }

  /** An input, as the application makes it. */
  OnnxTensor input(float... values) {
    ByteBuffer memory = ByteBuffer.allocateDirect(4 * values.length).order(ByteOrder.nativeOrder());
    memory.asFloatBuffer().put(values);
    return new OnnxTensor(this, "x", memory, new Info(new long[] {values.length}, JavaType.FLOAT));
  }

  /** Plays ONNX Runtime's environment. */
  public static final class Environment {
    public static Environment getEnvironment() {
      return new Environment();
    }
  }

  /** Plays ONNX Runtime's Java types. */
  public enum JavaType {
    FLOAT(4),
    STRING(4);

    public final int size;

    JavaType(int size) {
      this.size = size;
    }
  }

  /** Plays ONNX Runtime's class TensorInfo. */
  public static final class Info {
    public final JavaType type;
    public final String onnxType;
    private final long[] shape;

    Info(long[] shape, JavaType type) {
      this.shape = shape;
      this.type = type;
      this.onnxType = ("ONNX_TENSOR_ELEMENT_DATA_TYPE_" + type).intern();
    }

    public long[] getShape() {
      return shape.clone();
    }

    public long getNumElements() {
      return Arrays.stream(shape).reduce(1, (x, y) -> x * y);
    }
  }

  /** Plays ONNX Runtime's class of this name. */
  public abstract static class OnnxTensorLike {
    final long address;

    OnnxTensorLike(long address) {
      this.address = address;
    }

    long getNativeHandle() {
      return address;
    }
  }

  /** Plays ONNX Runtime's class of this name. */
  public static final class OnnxTensor extends OnnxTensorLike {
    final FakeRuntime runtime;
    final String name;
    final ByteBuffer memory;
    final Info info;
    volatile int closed;

    OnnxTensor(FakeRuntime runtime, String name, ByteBuffer memory, Info info) {
      super(runtime.nextAddress.getAndIncrement());
      this.runtime = runtime;
      this.name = name;
      this.memory = memory;
      this.info = info;
      runtime.byAddress.put(address, this);
    }

    public static OnnxTensor createTensor(
        Environment environment, ByteBuffer values, long[] shape, JavaType type) {
      FakeRuntime runtime = copying;
      OnnxTensor copy = new OnnxTensor(runtime, "copy", values, new Info(shape, type));
      runtime.tensors.add(copy);
      return copy;
    }

    public LongBuffer getLongBuffer() {
      if (runtime.failReading != null) {
        throw runtime.failReading;
      }
      return LongBuffer.wrap(runtime.counts);
    }

    public ByteBuffer getByteBuffer() {
      return memory.duplicate().order(ByteOrder.nativeOrder());
    }

    public Info getInfo() {
      return info;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // Closed by one thread at a time.
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
    return counting.contains(session) ? 6 : 5;
  }

  public String[] getOutputNames(Object self, long api, long session, long allocator) {
    String[] all = {"y", "z", "sum", "q", "ksum", COUNTS};
    return Arrays.copyOf(all, (int) getNumOutputs(self, api, session));
  }

  public Object[] getOutputInfo(Object self, long api, long session, long allocator) {
    CharSequence[] all = {"Y", "Z", "SUM", "Q", "KSUM", "COUNTS"};
    return Arrays.copyOf(all, (int) getNumOutputs(self, api, session));
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
    ran.add(session);
    for (long address : inputs) {
      FloatBuffer values = byAddress.get(address).getByteBuffer().asFloatBuffer();
      float[] read = new float[values.remaining()];
      values.get(read);
      this.inputs.add(read);
    }
    if (List.of(outputNames).contains(COUNTS)) {
      beforeCounting.run();
      if (failCounts != null) {
        throw failCounts;
      }
    } else {
      beforePlain.run();
    }
    if (failRuns != null) {
      throw failRuns;
    }
    if (failing.containsKey(session)) {
      throw failing.get(session);
    }
    boolean[] owned = new boolean[outputNames.length];
    for (int i = 0; i < owned.length; i++) {
      if (outputValues[i] == null) {
        owned[i] = true;
        outputValues[i] = tensor(outputNames[i]);
      }
    }
    return owned;
  }

  /** The form before 1.17. */
  public Object[] runReturning(
      Object self,
      long api,
      long session,
      long allocator,
      String[] inputNames,
      long[] inputs,
      long inputCount,
      String[] outputNames,
      long outputCount,
      long runOptions) {
    OnnxTensor[] values = new OnnxTensor[outputNames.length];
    run(
        self,
        api,
        session,
        allocator,
        inputNames,
        inputs,
        inputCount,
        outputNames,
        outputCount,
        values,
        new long[outputNames.length],
        runOptions);
    return values;
  }

  public void close(Object self, long api, long handle) {
    closed.add(handle);
  }

  public void save(Object self, long api, long options, String path) {}

  public void closeEnvironment(long api, long environment) {
    closed.add(environment);
  }

  public void addActiveLoraAdapter(Object self, long api, long options, long adapter) {}

  public void stopProfiling(Object self, long api, long options) {}

  private long load(Object model) {
    loaded.add(model);
    whileLoading.run();
    RuntimeException refusal = refuseNextLoad;
    refuseNextLoad = null;
    if (refusal != null) {
      throw refusal;
    }
    long session = nextSession.getAndIncrement();
    if (hasCounts(model)) {
      if (refuseCounts != null) {
        throw refuseCounts;
      }
      counting.add(session);
    } else if (refusePlain != null) {
      throw refusePlain;
    }
    return session;
  }

  private static boolean hasCounts(Object model) {
    byte[] bytes;
    if (model instanceof ByteBuffer buffer) {
      bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
    } else {
      bytes = model instanceof byte[] array ? array : new byte[0];
    }
    return new String(bytes, StandardCharsets.ISO_8859_1).contains(COUNTS);
  }

  private OnnxTensor tensor(String name) {
    OnnxTensor tensor =
        new OnnxTensor(
            this, name, ByteBuffer.allocate(0), new Info(new long[] {0}, JavaType.FLOAT));
    tensors.add(tensor);
    return tensor;
  }
}
