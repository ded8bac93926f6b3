package io.sparsescope.agent.weave;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * What a class of ONNX Runtime must look like to be transformed: which native methods it has, and
 * that it calls those we redirect. A class that looks otherwise is left alone.
 *
 * @param className internal name
 * @param required calls that every known version has
 * @param optional calls that some versions have
 * @param anyOf calls of which every known version has exactly one
 * @param harmless names of native methods that we know and leave alone; null if all others are
 * @param noticed methods of whose calls the bridge is told
 */
record Shape(
    String className,
    List<NativeCall> required,
    List<NativeCall> optional,
    List<NativeCall> anyOf,
    Set<String> harmless,
    List<Notice> noticed) {

  private static final String CREATE = "createSession";

  static final NativeCall CREATE_FROM_BUFFER =
      NativeCall.ofStatic(CREATE, "(JJLjava/nio/ByteBuffer;IIJ)J", false);

  /** Since 1.17: outputs are handed over, pinned ones among them. */
  static final NativeCall RUN =
      NativeCall.ofRun(
          "(JJJ[Ljava/lang/String;[JJ[Ljava/lang/String;J[Lai/onnxruntime/OnnxValue;[JJ)[Z");

  /** Before 1.17: outputs are returned. */
  static final NativeCall RUN_RETURNING =
      NativeCall.ofRun(
          "(JJJ[Ljava/lang/String;[JJ[Ljava/lang/String;JJ)[Lai/onnxruntime/OnnxValue;");

  static final Shape SESSION =
      new Shape(
          "ai/onnxruntime/OrtSession",
          List.of(
              NativeCall.ofStatic(CREATE, "(JJLjava/lang/String;J)J", true),
              NativeCall.ofStatic(CREATE, "(JJ[BJ)J", true),
              NativeCall.ofInstance("getNumOutputs", "(JJ)J"),
              NativeCall.ofInstance("getOutputNames", "(JJJ)[Ljava/lang/String;"),
              NativeCall.ofInstance("getOutputInfo", "(JJJ)[Lai/onnxruntime/NodeInfo;"),
              NativeCall.ofInstance("getInputInfo", "(JJJ)[Lai/onnxruntime/NodeInfo;"),
              NativeCall.ofInstance("constructMetadata", "(JJJ)Lai/onnxruntime/OnnxModelMetadata;"),
              NativeCall.ofInstance("getProfilingStartTimeInNs", "(JJ)J"),
              NativeCall.ofInstance("endProfiling", "(JJJ)Ljava/lang/String;"),
              NativeCall.ofInstance("closeSession", "(JJ)V")),
          List.of(CREATE_FROM_BUFFER),
          List.of(RUN, RUN_RETURNING),
          Set.of("getNumInputs", "getInputNames"),
          List.of());

  static final Shape OPTIONS =
      new Shape(
          "ai/onnxruntime/OrtSession$SessionOptions",
          List.of(
              NativeCall.ofInstance("createOptions", "(J)J"),
              NativeCall.ofInstance("setOptimizationModelFilePath", "(JJLjava/lang/String;)V"),
              NativeCall.ofInstance("enableProfiling", "(JJLjava/lang/String;)V"),
              NativeCall.ofInstance("disableProfiling", "(JJ)V"),
              NativeCall.ofInstance("closeOptions", "(JJ)V")),
          List.of(),
          List.of(),
          null,
          List.of(
              new Notice("addsInitializer", "addInitializer", Set.of()),
              new Notice("addsInitializer", "addExternalInitializers", Set.of()),
              new Notice(
                  "addsProvider",
                  "add",
                  Set.of(
                      "addCPU",
                      "addConfigEntry",
                      "addFreeDimensionOverrideByName",
                      "addInitializer",
                      "addExternalInitializers"))));

  /** Adapters, which exist since 1.20, change what a model computes. */
  static final Shape RUN_OPTIONS =
      new Shape(
          "ai/onnxruntime/OrtSession$RunOptions",
          List.of(NativeCall.ofStaticAs("closeRunOptions", "close", "(JJ)V")),
          List.of(NativeCall.ofInstance("addActiveLoraAdapter", "(JJJ)V")),
          List.of(),
          null,
          List.of());

  static final Shape ENVIRONMENT =
      new Shape(
          "ai/onnxruntime/OrtEnvironment",
          List.of(NativeCall.ofStaticAs("closeEnvironment", "close", "(JJ)V")),
          List.of(),
          List.of(),
          null,
          List.of());

  static final List<Shape> ALL = List.of(SESSION, OPTIONS, RUN_OPTIONS, ENVIRONMENT);

  /** The shape of a class, given by its internal name; null if it is none of these. */
  static Shape of(String className) {
    for (Shape shape : ALL) {
      if (shape.className.equals(className)) {
        return shape;
      }
    }
    return null;
  }

  /**
   * The calls to redirect in a class.
   *
   * @throws UnknownShapeException if the class is not of this shape
   */
  List<NativeCall> match(ClassReader reader) {
    Scan scan = new Scan();
    reader.accept(scan, ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
    List<NativeCall> found = new ArrayList<>();
    for (NativeCall call : required) {
      if (!scan.has(call)) {
        throw new UnknownShapeException(
            "its native method " + call.name() + call.descriptor() + " is missing");
      }
      found.add(call);
    }
    optional.stream().filter(scan::has).forEach(found::add);
    List<NativeCall> alternatives = anyOf.stream().filter(scan::has).toList();
    if (!anyOf.isEmpty() && alternatives.size() != 1) {
      throw new UnknownShapeException(
          "it has " + alternatives.size() + " known forms of the native method run, not one");
    }
    found.addAll(alternatives);
    rejectUnknown(scan, found);
    rejectUncalled(scan, found);
    if (!noticed.isEmpty() && !scan.hasHandle) {
      throw new UnknownShapeException("its field " + Notice.HANDLE + " is missing");
    }
    return found;
  }

  private void rejectUnknown(Scan scan, List<NativeCall> found) {
    for (String method : scan.natives) {
      String name = method.substring(0, method.indexOf('('));
      boolean known = found.stream().anyMatch(c -> method.equals(c.name() + c.descriptor()));
      boolean ours = found.stream().anyMatch(c -> c.name().equals(name));
      if (!known && (ours || (harmless != null && !harmless.contains(name)))) {
        throw new UnknownShapeException("its native method " + method + " is not known");
      }
    }
  }

  private static void rejectUncalled(Scan scan, List<NativeCall> found) {
    for (NativeCall call : found) {
      if (!scan.calls.contains(call.name() + call.descriptor())) {
        throw new UnknownShapeException(
            "nothing in it calls its native method " + call.name() + call.descriptor());
      }
      if (call.offersInputs() && scan.withoutInputs.contains(call.name() + call.descriptor())) {
        throw new UnknownShapeException(
            "its native method run is called where the map of inputs is not at hand");
      }
    }
  }

  /** Collects a class's native methods and the methods of its own that it calls. */
  private static final class Scan extends ClassVisitor {
    final Set<String> natives = new TreeSet<>();
    final Set<String> staticNatives = new TreeSet<>();
    final Set<String> calls = new TreeSet<>();

    /** Those that are called by a method whose first argument is no map, or is assigned to. */
    final Set<String> withoutInputs = new TreeSet<>();

    boolean hasHandle;

    private String self = "";

    Scan() {
      super(Opcodes.ASM9);
    }

    boolean has(NativeCall call) {
      String method = call.name() + call.descriptor();
      return natives.contains(method) && staticNatives.contains(method) == call.isStatic();
    }

    @Override
    public void visit(
        int version, int access, String name, String signature, String parent, String[] types) {
      self = name;
    }

    @Override
    public FieldVisitor visitField(
        int access, String name, String descriptor, String signature, Object value) {
      hasHandle |=
          name.equals(Notice.HANDLE)
              && descriptor.equals("J")
              && (access & Opcodes.ACC_STATIC) == 0;
      return null;
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String name, String descriptor, String signature, String[] exceptions) {
      if ((access & Opcodes.ACC_NATIVE) != 0) {
        natives.add(name + descriptor);
        if ((access & Opcodes.ACC_STATIC) != 0) {
          staticNatives.add(name + descriptor);
        }
        return null;
      }
      boolean isStatic = (access & Opcodes.ACC_STATIC) != 0;
      boolean takesMap = !isStatic && descriptor.startsWith("(Ljava/util/Map;");
      return new MethodVisitor(Opcodes.ASM9) {
        private final Set<String> called = new TreeSet<>();
        private boolean hasInputs = takesMap;

        @Override
        public void visitVarInsn(int opcode, int variable) {
          if (opcode == Opcodes.ASTORE && variable == Redirect.INPUTS) {
            hasInputs = false;
          }
        }

        @Override
        public void visitMethodInsn(
            int opcode, String owner, String name, String calledDescriptor, boolean isInterface) {
          if (owner.equals(self)) {
            called.add(name + calledDescriptor);
          }
        }

        @Override
        public void visitEnd() {
          calls.addAll(called);
          if (!hasInputs) {
            withoutInputs.addAll(called);
          }
        }
      };
    }
  }
}
