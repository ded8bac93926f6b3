package io.sparsescope.agent.weave;

import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** Transforms a class of our own making, so that what transforms ONNX Runtime's is loaded then. */
public final class Rehearsal {
  private Rehearsal() {}

  /** Hands back the transformed class, which nobody needs. */
  public static byte[] transform() {
    ClassReader reader = new ClassReader(session());
    return Redirect.apply(reader, Shape.SESSION);
  }

  /** A class of a session's shape: the native methods, and a method that calls each of them. */
  private static byte[] session() {
    List<NativeCall> calls = new ArrayList<>(Shape.SESSION.required());
    calls.addAll(Shape.SESSION.optional());
    calls.add(Shape.RUN);
    String name = Shape.SESSION.className();
    ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
    writer.visit(Opcodes.V1_8, Opcodes.ACC_PUBLIC, name, null, "java/lang/Object", null);
    for (NativeCall call : calls) {
      int access = Opcodes.ACC_NATIVE | (call.isStatic() ? Opcodes.ACC_STATIC : 0);
      writer.visitMethod(access, call.name(), call.descriptor(), null, null).visitEnd();
    }
    MethodVisitor code = writer.visitMethod(0, "use", "(Ljava/util/Map;)V", null, null);
    code.visitCode();
    for (NativeCall call : calls) {
      call(code, name, call);
    }
    code.visitInsn(Opcodes.RETURN);
    code.visitMaxs(0, 0);
    code.visitEnd();
    writer.visitEnd();
    return writer.toByteArray();
  }

  private static void call(MethodVisitor code, String owner, NativeCall call) {
    if (!call.isStatic()) {
      code.visitVarInsn(Opcodes.ALOAD, 0);
    }
    for (Type argument : Type.getArgumentTypes(call.descriptor())) {
      switch (argument.getSort()) {
        case Type.LONG -> code.visitInsn(Opcodes.LCONST_0);
        case Type.INT -> code.visitInsn(Opcodes.ICONST_0);
        default -> code.visitInsn(Opcodes.ACONST_NULL);
      }
    }
    int opcode = call.isStatic() ? Opcodes.INVOKESTATIC : Opcodes.INVOKESPECIAL;
    code.visitMethodInsn(opcode, owner, call.name(), call.descriptor(), false);
    Type result = Type.getReturnType(call.descriptor());
    if (result.getSize() > 0) {
      code.visitInsn(result.getSize() == 2 ? Opcodes.POP2 : Opcodes.POP);
    }
  }
}
