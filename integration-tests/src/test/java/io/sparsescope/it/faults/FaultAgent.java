package io.sparsescope.it.faults;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.Set;
import java.util.jar.JarFile;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * A second Java agent, of the test alone, that puts a {@link FaultSwitch} at the entry of every
 * method of Sparsescope's agent. So nothing of the kind is in the product.
 */
public final class FaultAgent {
  /** The last lines of defence: nobody is left behind who could catch what they throw. */
  private static final Set<String> LAST =
      Set.of("io/sparsescope/agent/session/Border", "io/sparsescope/agent/runtime/AgentLog");

  private FaultAgent() {}

  /**
   * @param switchJar a jar with {@link FaultSwitch} alone
   */
  public static void premain(String switchJar, Instrumentation instrumentation) throws Exception {
    try (JarFile jar = new JarFile(switchJar)) {
      instrumentation.appendToBootstrapClassLoaderSearch(jar);
    }
    instrumentation.addTransformer(new Transformer());
  }

  private static final class Transformer implements ClassFileTransformer {
    @Override
    public byte[] transform(
        ClassLoader loader, String name, Class<?> redefined, ProtectionDomain domain, byte[] in) {
      if (loader == null || !"sparsescope".equals(loader.getName()) || !isOurs(name)) {
        return null;
      }
      try {
        return withSwitches(name, in);
      } catch (Throwable t) {
        t.printStackTrace();
        return null;
      }
    }

    private static boolean isOurs(String name) {
      return name.startsWith("io/sparsescope/")
          && !name.contains("/shaded/")
          && !LAST.contains(name);
    }

    private static byte[] withSwitches(String className, byte[] in) {
      ClassReader reader = new ClassReader(in);
      ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
      reader.accept(
          new ClassVisitor(Opcodes.ASM9, writer) {
            @Override
            public MethodVisitor visitMethod(
                int access, String name, String descriptor, String signature, String[] thrown) {
              MethodVisitor next = super.visitMethod(access, name, descriptor, signature, thrown);
              boolean hasBody = (access & (Opcodes.ACC_ABSTRACT | Opcodes.ACC_NATIVE)) == 0;
              if (!hasBody || name.startsWith("<")) {
                return next;
              }
              return new MethodVisitor(Opcodes.ASM9, next) {
                @Override
                public void visitCode() {
                  super.visitCode();
                  visitLdcInsn(className + "." + name + descriptor);
                  visitMethodInsn(
                      Opcodes.INVOKESTATIC,
                      "io/sparsescope/it/faults/FaultSwitch",
                      "at",
                      "(Ljava/lang/String;)V",
                      false);
                }
              };
            }
          },
          0);
      return writer.toByteArray();
    }
  }
}
