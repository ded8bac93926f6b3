package io.sparsescope.agent.weave;

import java.util.List;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Replaces calls of native methods by calls of the bridge: the arguments stay on the stack, a
 * method handle of the native method follows them. Methods, fields and frames stay as they are, so
 * a class can be transformed after it was loaded, too.
 */
final class Redirect extends ClassVisitor {
  /** Where a method that runs a session has its map of inputs: behind {@code this}. */
  static final int INPUTS = 1;

  private final String self;
  private final List<NativeCall> calls;
  private final boolean hasBufferForm;
  private final List<Notice> noticed;

  private Redirect(ClassVisitor next, String self, List<NativeCall> calls, List<Notice> noticed) {
    super(Opcodes.ASM9, next);
    this.self = self;
    this.calls = calls;
    this.noticed = noticed;
    // Without equals of the record, which takes the JVM 30 ms when it is called first.
    NativeCall form = Shape.CREATE_FROM_BUFFER;
    this.hasBufferForm = calls.stream().anyMatch(call -> call.is(form.name(), form.descriptor()));
  }

  /**
   * @throws UnknownShapeException if the class is not of this shape
   */
  static byte[] apply(ClassReader reader, Shape shape) {
    List<NativeCall> calls = shape.match(reader);
    ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
    reader.accept(new Redirect(writer, reader.getClassName(), calls, shape.noticed()), 0);
    return writer.toByteArray();
  }

  @Override
  public MethodVisitor visitMethod(
      int access, String name, String descriptor, String signature, String[] exceptions) {
    MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
    return new MethodVisitor(Opcodes.ASM9, next) {
      @Override
      public void visitMethodInsn(
          int opcode, String owner, String called, String calledDescriptor, boolean isInterface) {
        if (owner.equals(self)) {
          for (NativeCall call : calls) {
            if (call.is(called, calledDescriptor)) {
              callBridge(mv, call);
              return;
            }
          }
          // In a static method there is no telling which object is meant.
          if (opcode != Opcodes.INVOKESTATIC && (access & Opcodes.ACC_STATIC) == 0) {
            for (Notice notice : noticed) {
              if (notice.covers(called)) {
                tellBridge(mv, notice);
              }
            }
          }
        }
        super.visitMethodInsn(opcode, owner, called, calledDescriptor, isInterface);
      }
    };
  }

  private void tellBridge(MethodVisitor code, Notice notice) {
    code.visitVarInsn(Opcodes.ALOAD, 0);
    code.visitFieldInsn(Opcodes.GETFIELD, self, Notice.HANDLE, "J");
    code.visitMethodInsn(
        Opcodes.INVOKESTATIC, NativeCall.BRIDGE, notice.bridgeMethod(), "(J)V", false);
  }

  private void callBridge(MethodVisitor code, NativeCall call) {
    if (call.offersInputs()) {
      code.visitVarInsn(Opcodes.ALOAD, INPUTS);
    }
    code.visitLdcInsn(handle(call));
    if (call.offersBuffer()) {
      if (hasBufferForm) {
        code.visitLdcInsn(handle(Shape.CREATE_FROM_BUFFER));
      } else {
        code.visitInsn(Opcodes.ACONST_NULL);
      }
    }
    code.visitMethodInsn(
        Opcodes.INVOKESTATIC, NativeCall.BRIDGE, call.bridgeName(), call.bridgeDescriptor(), false);
    if (call.returnsErased()) {
      code.visitTypeInsn(
          Opcodes.CHECKCAST, Type.getReturnType(call.descriptor()).getInternalName());
    }
  }

  private Handle handle(NativeCall call) {
    int tag = call.isStatic() ? Opcodes.H_INVOKESTATIC : Opcodes.H_INVOKESPECIAL;
    return new Handle(tag, self, call.name(), call.descriptor(), false);
  }
}
