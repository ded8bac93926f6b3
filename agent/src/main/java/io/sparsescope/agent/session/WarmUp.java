package io.sparsescope.agent.session;

import io.sparsescope.agent.threads.Daemons;
import io.sparsescope.agent.weave.Rehearsal;
import io.sparsescope.onnx.proto.AttributeProto;
import io.sparsescope.onnx.proto.GraphProto;
import io.sparsescope.onnx.proto.ModelProto;
import io.sparsescope.onnx.proto.NodeProto;
import io.sparsescope.onnx.proto.OperatorSetIdProto;
import io.sparsescope.onnx.proto.TensorProto;
import io.sparsescope.onnx.proto.TensorShapeProto;
import io.sparsescope.onnx.proto.TypeProto;
import io.sparsescope.onnx.proto.ValueInfoProto;
import io.sparsescope.rewriter.rules.Rules;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Loads the classes that the first session needs while ONNX Runtime unpacks its native library,
 * which takes longer: rewrites a model of its own on another thread, as soon as the application
 * loads a class of ONNX Runtime's; and does so again, {@value #TIMES} times at most, until the
 * first session is asked for, so that the JVM compiles what it otherwise would interpret then. A
 * JVM that never loads such a class pays nothing. Once in a JVM's life, as classes are loaded once.
 *
 * <p>No application waits for it longer than {@value #LIMIT_MILLIS} ms, nor for anything but work
 * that it would have to do itself.
 */
public final class WarmUp {
  private static final String ONNX_RUNTIME = "ai/onnxruntime/";
  private static final long LIMIT_MILLIS = 5000;
  private static final int FLOAT = 1;

  /** As many times, at most, a model is rewritten. */
  private static final int TIMES = 30;

  /** As many residual blocks the model has: enough to show in what is compiled. */
  private static final int BLOCKS = 5;

  private static final AtomicBoolean ASKED = new AtomicBoolean();

  /** The thread at work, null before and afterwards. */
  private static final AtomicReference<Thread> AT_WORK = new AtomicReference<>();

  /** Whether a session has been asked for. */
  private static volatile boolean wanted;

  private WarmUp() {}

  /**
   * Begins when the next class of ONNX Runtime's is loaded; a second call has no effect. Where
   * there is a single processor nothing would be gained, so nothing is done.
   *
   * @param isNative whether native operators are to count
   */
  public static void whenOnnxRuntimeAppears(Instrumentation instrumentation, boolean isNative) {
    if (Runtime.getRuntime().availableProcessors() > 1 && ASKED.compareAndSet(false, true)) {
      instrumentation.addTransformer(new Trigger(instrumentation, isNative), false);
    }
  }

  /** Lets a warm-up at work come to its end. */
  static void await() {
    wanted = true;
    Thread thread = AT_WORK.get();
    if (thread == null) {
      return;
    }
    try {
      thread.join(LIMIT_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    AT_WORK.compareAndSet(thread, null);
  }

  private static void begin(boolean isNative) {
    Thread thread = Daemons.of("sparsescope-warm-up", () -> work(isNative));
    if (AT_WORK.compareAndSet(null, thread)) {
      thread.start();
    }
  }

  @SuppressWarnings("EmptyCatch") // Whatever it is, it shows again where it matters.
  private static void work(boolean isNative) {
    try {
      // In the order in which they are needed.
      Rehearsal.transform();
      Path file = Files.createTempFile("sparsescope-", ".onnx");
      try {
        Files.write(file, model());
        rewrite(file, isNative);
        for (int i = 1; i < TIMES && !wanted; i++) {
          rewrite(file, isNative);
        }
      } finally {
        Files.delete(file);
      }
    } catch (Throwable t) {
      // The first session loads what is missing.
    }
  }

  /**
   * Does what is done with a model of the application's; hands back how many taps it has.
   *
   * @param isNative whether native operators are to count
   */
  static int rewrite(Path file, boolean isNative) {
    SessionModels models =
        new SessionModels(
            "*", new Rules(List.of(), List.of(), List.of("op:Relu"), Map.of()), model -> isNative);
    try (PreparedModel model = models.file(file.toString(), "")) {
      model.appendix();
      model.edit().toDirectBuffer();
      new ProfiledModels().recorder(model);
      return model.taps().taps().size();
    }
  }

  /**
   * A residual net with what such nets are made of, so that most of what a session's model needs is
   * met: tensors behind Conv, behind Add and behind MatMul are counted in different ways.
   */
  static byte[] model() {
    GraphProto.Builder graph =
        GraphProto.newBuilder().setName("warm-up").addInput(value("x", 1, 1, 8, 8));
    graph.addInitializer(weights("w", 1, 1, 1, 1));
    graph.addInitializer(weights("b", 1));
    graph.addInitializer(weights("v", 1, 1));
    graph.addNode(node("Conv", "c", "x", "w", "b").addAttribute(kernel()));
    graph.addNode(node("BatchNormalization", "n", "c", "b", "b", "b", "b"));
    graph.addNode(node("Relu", "r", "n"));
    graph.addNode(node("MaxPool", "p", "r").addAttribute(kernel()));
    String last = "p";
    for (int i = 0; i < BLOCKS; i++) {
      graph.addNode(node("Conv", "c" + i, last, "w", "b").addAttribute(kernel()));
      graph.addNode(node("Relu", "r" + i, "c" + i));
      graph.addNode(node("Conv", "d" + i, "r" + i, "w").addAttribute(kernel()));
      graph.addNode(node("Add", "a" + i, "d" + i, last));
      last = "s" + i;
      graph.addNode(node("Relu", last, "a" + i));
    }
    graph.addNode(node("GlobalAveragePool", "g", last));
    graph.addNode(node("Flatten", "f", "g"));
    graph.addNode(node("Gemm", "h", "f", "v", "b"));
    graph.addNode(node("Relu", "i", "h"));
    graph.addNode(node("MatMul", "m", "i", "v"));
    graph.addNode(node("Relu", "y", "m"));
    graph.addOutput(value("y", 1, 1));
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(13))
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  private static AttributeProto kernel() {
    return AttributeProto.newBuilder()
        .setName("kernel_shape")
        .setType(AttributeProto.AttributeType.INTS)
        .addInts(1)
        .addInts(1)
        .build();
  }

  private static NodeProto.Builder node(String op, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setName(op + output)
        .setOpType(op)
        .addAllInput(List.of(inputs))
        .addOutput(output);
  }

  private static TensorProto weights(String name, int... dims) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(FLOAT);
    int elements = 1;
    for (int dim : dims) {
      tensor.addDims(dim);
      elements *= dim;
    }
    for (int i = 0; i < elements; i++) {
      tensor.addFloatData(1);
    }
    return tensor.build();
  }

  private static ValueInfoProto value(String name, int... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (int dim : dims) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(dim));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(FLOAT).setShape(shape)))
        .build();
  }

  /** Changes nothing, and is gone once it has seen a class of ONNX Runtime's. */
  private static final class Trigger implements ClassFileTransformer {
    private final Instrumentation instrumentation;
    private final boolean isNative;

    Trigger(Instrumentation instrumentation, boolean isNative) {
      this.instrumentation = instrumentation;
      this.isNative = isNative;
    }

    @Override
    public byte[] transform(
        Module module,
        ClassLoader loader,
        String className,
        Class<?> redefined,
        ProtectionDomain domain,
        byte[] bytes) {
      if (className != null && className.startsWith(ONNX_RUNTIME)) {
        if (instrumentation.removeTransformer(this)) {
          begin(isNative);
        }
      }
      return null;
    }
  }
}
