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
import java.security.ProtectionDomain;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Loads the classes that the first session needs while ONNX Runtime unpacks its native library,
 * which takes longer: rewrites a model of its own on another thread, as soon as the application
 * loads a class of ONNX Runtime's. A JVM that never does pays nothing. Once in a JVM's life, as
 * classes are loaded once.
 *
 * <p>No application waits for it longer than {@value #LIMIT_MILLIS} ms, nor for anything but work
 * that it would have to do itself.
 */
public final class WarmUp {
  private static final String ONNX_RUNTIME = "ai/onnxruntime/";
  private static final long LIMIT_MILLIS = 5000;
  private static final int FLOAT = 1;

  private static final AtomicBoolean ASKED = new AtomicBoolean();

  /** The thread at work, null before and afterwards. */
  private static final AtomicReference<Thread> AT_WORK = new AtomicReference<>();

  private WarmUp() {}

  /**
   * Begins when the next class of ONNX Runtime's is loaded; a second call has no effect. Where
   * there is a single processor nothing would be gained, so nothing is done.
   */
  public static void whenOnnxRuntimeAppears(Instrumentation instrumentation) {
    if (Runtime.getRuntime().availableProcessors() > 1 && ASKED.compareAndSet(false, true)) {
      instrumentation.addTransformer(new Trigger(instrumentation), false);
    }
  }

  /** Lets a warm-up at work come to its end. */
  static void await() {
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

  private static void begin() {
    Thread thread = Daemons.of("sparsescope-warm-up", WarmUp::work);
    if (AT_WORK.compareAndSet(null, thread)) {
      thread.start();
    }
  }

  @SuppressWarnings("EmptyCatch") // Whatever it is, it shows again where it matters.
  private static void work() {
    try {
      // In the order in which they are needed.
      Rehearsal.transform();
      rewrite();
    } catch (Throwable t) {
      // The first session loads what is missing.
    }
  }

  /** Does what is done with a model of the application's; hands back how many taps it has. */
  static int rewrite() {
    SessionModels models =
        new SessionModels(
            "*", new Rules(List.of(), List.of(), List.of("op:Relu"), Map.of()), model -> false);
    try (PreparedModel model = models.bytes(model(), "")) {
      model.edit().toDirectBuffer();
      new ProfiledModels().recorder(model);
      return model.taps().taps().size();
    }
  }

  /** Two layers, since tensors are counted in different ways behind Conv and behind MatMul. */
  private static byte[] model() {
    AttributeProto kernel =
        AttributeProto.newBuilder()
            .setName("kernel_shape")
            .setType(AttributeProto.AttributeType.INTS)
            .addInts(1)
            .addInts(1)
            .build();
    GraphProto graph =
        GraphProto.newBuilder()
            .setName("warm-up")
            .addInput(value("x", 1, 1, 2, 2))
            .addInitializer(weights("w1", 1, 1, 1, 1))
            .addInitializer(weights("w2", 2, 2))
            .addNode(node("Conv", "c", "x", "w1").addAttribute(kernel))
            .addNode(node("Relu", "r", "c"))
            .addNode(node("MatMul", "m", "r", "w2"))
            .addNode(node("Relu", "y", "m"))
            .addOutput(value("y", 1, 1, 2, 2))
            .build();
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(13))
        .setGraph(graph)
        .build()
        .toByteArray();
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

    Trigger(Instrumentation instrumentation) {
      this.instrumentation = instrumentation;
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
          begin();
        }
      }
      return null;
    }
  }
}
