package io.sparsescope.agent.it;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;
import java.util.Base64;

/**
 * An agent of another maker's: tells what a class looks like behind all agents that were loaded
 * before.
 */
public final class Witness {
  private static Instrumentation instrumentation;

  private Witness() {}

  public static void agentmain(String options, Instrumentation given) {
    instrumentation = given;
  }

  /** A loaded class's bytes as they are in force, in base 64. */
  static String bytes(Class<?> type) throws Exception {
    byte[][] seen = new byte[1][];
    String name = type.getName().replace('.', '/');
    ClassFileTransformer last =
        new ClassFileTransformer() {
          @Override
          public byte[] transform(
              ClassLoader loader,
              String className,
              Class<?> redefined,
              ProtectionDomain domain,
              byte[] bytes) {
            if (name.equals(className)) {
              seen[0] = bytes.clone();
            }
            return null;
          }
        };
    instrumentation.addTransformer(last, true);
    try {
      instrumentation.retransformClasses(type);
    } finally {
      instrumentation.removeTransformer(last);
    }
    return Base64.getEncoder().encodeToString(seen[0]);
  }
}
