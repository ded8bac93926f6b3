package io.sparsescope.agent.it;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.Constructor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.ProtectionDomain;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * A Java agent that stands in for ONNX Runtime's native library, which one class loader only could
 * load: behind our own agent, it gives every native method a body. Sessions are of the model {@link
 * TestModels#tiny()}; each run of a rewritten one counts {@link #ELEMENTS} elements a tap.
 *
 * <p>The hook that ONNX Runtime adds for the JVM's end is left out: it would keep each loader.
 */
public final class NativeStubs implements ClassFileTransformer {
  static final long ELEMENTS = 7;

  private static final String PACKAGE = "ai/onnxruntime/";
  private static final String COUNTS = "sparsescope/counts";
  private static final int TAPS = 2;
  private static final String SELF = Type.getInternalName(NativeStubs.class);
  private static final AtomicLong NEXT = new AtomicLong(1);

  /** Handles of sessions whose model has counts. */
  private static final Set<Long> REWRITTEN = ConcurrentHashMap.newKeySet();

  private NativeStubs() {}

  public static void premain(String options, Instrumentation instrumentation) {
    instrumentation.addTransformer(new NativeStubs(), true);
  }

  /** Sessions of rewritten models that are open. */
  static int rewrittenSessions() {
    return REWRITTEN.size();
  }

  /**
   * Answers a native method.
   *
   * @param type descriptor of what it returns
   * @param self null for a static one
   */
  public static Object call(String name, String type, Object self, Object[] arguments)
      throws ReflectiveOperationException {
    return switch (name) {
      case "createSession" -> create(arguments);
      case "closeSession" -> REWRITTEN.remove(arguments[1]);
      case "getNumInputs" -> 1L;
      case "getInputNames" -> new String[] {"x"};
      case "getNumOutputs" -> (long) outputs(arguments).length;
      case "getOutputNames" -> outputs(arguments);
      case "run" -> run(self, (String[]) arguments[6], (Object[]) arguments[8]);
      case "getBuffer" -> counts();
      case "initialiseVersion" -> "1.29.0";
      default -> anything(type);
    };
  }

  private static Object anything(String type) {
    return switch (type) {
      case "V" -> null;
      case "J" -> NEXT.getAndIncrement();
      case "I" -> 0;
      case "Z" -> false;
      case "[Ljava/lang/String;" -> new String[0];
      default -> throw new UnsupportedOperationException("a stub that returns " + type);
    };
  }

  private static long create(Object[] arguments) {
    ByteBuffer model =
        arguments[2] instanceof ByteBuffer buffer
            ? buffer.duplicate().position((int) arguments[3])
            : ByteBuffer.wrap((byte[]) arguments[2]);
    byte[] bytes = new byte[model.remaining()];
    model.get(bytes);
    long handle = NEXT.getAndIncrement();
    if (new String(bytes, StandardCharsets.ISO_8859_1).contains(COUNTS)) {
      REWRITTEN.add(handle);
    }
    return handle;
  }

  private static String[] outputs(Object[] arguments) {
    return REWRITTEN.contains((Long) arguments[1])
        ? new String[] {"y", "z", "sum", "q", "ksum", COUNTS}
        : new String[] {"y", "z", "sum", "q", "ksum"};
  }

  /** Makes the tensors with the classes of the session's own loader. */
  private static boolean[] run(Object session, String[] names, Object[] values)
      throws ReflectiveOperationException {
    ClassLoader loader = session.getClass().getClassLoader();
    boolean[] owned = new boolean[names.length];
    for (int i = 0; i < names.length; i++) {
      values[i] = tensor(loader);
      owned[i] = true;
    }
    return owned;
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static Object tensor(ClassLoader loader) throws ReflectiveOperationException {
    Class<?> info = loader.loadClass("ai.onnxruntime.TensorInfo");
    Class type = loader.loadClass("ai.onnxruntime.OnnxJavaType");
    Class onnxType = loader.loadClass("ai.onnxruntime.TensorInfo$OnnxTensorType");
    Constructor<?> newInfo = info.getDeclaredConstructor(long[].class, type, onnxType);
    newInfo.setAccessible(true);
    Object description =
        newInfo.newInstance(
            new long[] {TAPS, 3},
            Enum.valueOf(type, "INT64"),
            Enum.valueOf(onnxType, "ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64"));
    Constructor<?> newTensor =
        loader
            .loadClass("ai.onnxruntime.OnnxTensor")
            .getDeclaredConstructor(long.class, long.class, info);
    newTensor.setAccessible(true);
    return newTensor.newInstance(NEXT.getAndIncrement(), 0L, description);
  }

  /** A row for each tap: elements, zeros, NaNs. */
  private static ByteBuffer counts() {
    ByteBuffer table = ByteBuffer.allocateDirect(TAPS * 3 * 8).order(ByteOrder.nativeOrder());
    for (int i = 0; i < TAPS; i++) {
      table.putLong(24 * i, ELEMENTS).putLong(24 * i + 8, 2).putLong(24 * i + 16, 0);
    }
    return table;
  }

  @Override
  public byte[] transform(
      ClassLoader loader,
      String className,
      Class<?> redefined,
      ProtectionDomain domain,
      byte[] bytes) {
    if (className == null || !className.startsWith(PACKAGE)) {
      return null;
    }
    ClassReader reader = new ClassReader(bytes);
    ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
    reader.accept(new Stubbing(writer, className), 0);
    return writer.toByteArray();
  }

  private static final class Stubbing extends ClassVisitor {
    private final String className;

    Stubbing(ClassVisitor next, String className) {
      super(Opcodes.ASM9, next);
      this.className = className;
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String name, String descriptor, String signature, String[] thrown) {
      boolean isNative = (access & Opcodes.ACC_NATIVE) != 0;
      boolean loads =
          className.equals("ai/onnxruntime/OnnxRuntime")
              && (name.equals("load") || name.equals("extractProviderLibrary"));
      if (!isNative && !loads) {
        return new WithoutHook(super.visitMethod(access, name, descriptor, signature, thrown));
      }
      MethodVisitor code =
          super.visitMethod(access & ~Opcodes.ACC_NATIVE, name, descriptor, signature, thrown);
      body(code, (access & Opcodes.ACC_STATIC) != 0, name, descriptor);
      return null;
    }

    private static void body(MethodVisitor code, boolean isStatic, String name, String descriptor) {
      Type result = Type.getReturnType(descriptor);
      Type[] arguments = Type.getArgumentTypes(descriptor);
      code.visitCode();
      code.visitLdcInsn(name);
      code.visitLdcInsn(result.getDescriptor());
      if (isStatic) {
        code.visitInsn(Opcodes.ACONST_NULL);
      } else {
        code.visitVarInsn(Opcodes.ALOAD, 0);
      }
      code.visitIntInsn(Opcodes.BIPUSH, arguments.length);
      code.visitTypeInsn(Opcodes.ANEWARRAY, "java/lang/Object");
      int variable = isStatic ? 0 : 1;
      for (int i = 0; i < arguments.length; i++) {
        code.visitInsn(Opcodes.DUP);
        code.visitIntInsn(Opcodes.BIPUSH, i);
        code.visitVarInsn(arguments[i].getOpcode(Opcodes.ILOAD), variable);
        box(code, arguments[i]);
        code.visitInsn(Opcodes.AASTORE);
        variable += arguments[i].getSize();
      }
      code.visitMethodInsn(
          Opcodes.INVOKESTATIC,
          SELF,
          "call",
          "(Ljava/lang/String;Ljava/lang/String;Ljava/lang/Object;[Ljava/lang/Object;)Ljava/lang/Object;",
          false);
      unbox(code, result);
      code.visitInsn(result.getOpcode(Opcodes.IRETURN));
      code.visitMaxs(0, 0);
      code.visitEnd();
    }

    private static void box(MethodVisitor code, Type type) {
      String box = box(type);
      if (box != null) {
        code.visitMethodInsn(
            Opcodes.INVOKESTATIC,
            box,
            "valueOf",
            "(" + type.getDescriptor() + ")L" + box + ";",
            false);
      }
    }

    private static void unbox(MethodVisitor code, Type type) {
      String box = box(type);
      if (type.getSort() == Type.VOID) {
        code.visitInsn(Opcodes.POP);
      } else if (box == null) {
        code.visitTypeInsn(Opcodes.CHECKCAST, type.getInternalName());
      } else {
        code.visitTypeInsn(Opcodes.CHECKCAST, box);
        code.visitMethodInsn(
            Opcodes.INVOKEVIRTUAL,
            box,
            type.getClassName() + "Value",
            "()" + type.getDescriptor(),
            false);
      }
    }

    /** Null for what needs none. */
    private static String box(Type type) {
      return switch (type.getSort()) {
        case Type.BOOLEAN -> "java/lang/Boolean";
        case Type.BYTE -> "java/lang/Byte";
        case Type.SHORT -> "java/lang/Short";
        case Type.CHAR -> "java/lang/Character";
        case Type.INT -> "java/lang/Integer";
        case Type.LONG -> "java/lang/Long";
        case Type.FLOAT -> "java/lang/Float";
        case Type.DOUBLE -> "java/lang/Double";
        default -> null;
      };
    }
  }

  private static final class WithoutHook extends MethodVisitor {
    WithoutHook(MethodVisitor next) {
      super(Opcodes.ASM9, next);
    }

    @Override
    public void visitMethodInsn(
        int opcode, String owner, String name, String descriptor, boolean isInterface) {
      if (name.equals("addShutdownHook")) {
        super.visitInsn(Opcodes.POP2);
      } else {
        super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
      }
    }
  }
}
