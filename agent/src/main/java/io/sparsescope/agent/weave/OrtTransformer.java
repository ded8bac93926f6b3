package io.sparsescope.agent.weave;

import io.sparsescope.agent.bootstrap.Bridge;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.security.ProtectionDomain;
import java.util.Arrays;
import org.objectweb.asm.ClassReader;

/**
 * Transforms ONNX Runtime's session classes when they are loaded, or again if they were loaded
 * before. All other classes cost a few string comparisons. ONNX Runtime's classes are never
 * initialized from here.
 */
public final class OrtTransformer implements ClassFileTransformer {
  private final Instrumentation instrumentation;
  private final WeaveListener listener;

  private OrtTransformer(Instrumentation instrumentation, WeaveListener listener) {
    this.instrumentation = instrumentation;
    this.listener = listener;
  }

  /** Transforms from now on, and what was loaded already. */
  public static OrtTransformer install(Instrumentation instrumentation, WeaveListener listener)
      throws UnmodifiableClassException {
    OrtTransformer transformer = new OrtTransformer(instrumentation, listener);
    instrumentation.addTransformer(transformer, instrumentation.isRetransformClassesSupported());
    transformer.retransform();
    return transformer;
  }

  /** Whether a class that is to be transformed is loaded already. */
  public static boolean isLoaded(Instrumentation instrumentation) {
    return Arrays.stream(instrumentation.getAllLoadedClasses()).anyMatch(OrtTransformer::isOurs);
  }

  private static boolean isOurs(Class<?> loaded) {
    return Shape.of(loaded.getName().replace('.', '/')) != null;
  }

  /** Transforms no further class, and leaves those that were as they are. */
  public void remove() {
    instrumentation.removeTransformer(this);
  }

  /**
   * Transforms no further class, and gives those that were their own code back. Calls that are
   * being made end as they began.
   */
  public void undo() throws UnmodifiableClassException {
    remove();
    retransform();
  }

  private void retransform() throws UnmodifiableClassException {
    if (!instrumentation.isRetransformClassesSupported()) {
      return;
    }
    for (Class<?> loaded : instrumentation.getAllLoadedClasses()) {
      if (isOurs(loaded)) {
        instrumentation.retransformClasses(loaded);
      }
    }
  }

  @Override
  public byte[] transform(
      Module module,
      ClassLoader loader,
      String className,
      Class<?> redefined,
      ProtectionDomain domain,
      byte[] bytes) {
    Shape shape = Shape.of(className);
    if (shape == null) {
      return null;
    }
    try {
      return weave(shape, loader, bytes);
    } catch (Throwable t) {
      reject(className, t);
      return null;
    }
  }

  private byte[] weave(Shape shape, ClassLoader loader, byte[] bytes) {
    ClassReader reader = new ClassReader(bytes);
    requireBridge(loader);
    byte[] woven = Redirect.apply(reader, shape);
    listener.woven(shape.className().replace('/', '.'));
    return woven;
  }

  /** A loader that hides the boot class path would make every call of ONNX Runtime fail. */
  private static void requireBridge(ClassLoader loader) {
    try {
      if (Class.forName(Bridge.class.getName(), false, loader) == Bridge.class) {
        return;
      }
    } catch (ClassNotFoundException e) {
      // Answered below.
    }
    throw new UnknownShapeException("its class loader " + loader + " hides the boot class path");
  }

  private void reject(String className, Throwable cause) {
    try {
      String reason = cause instanceof UnknownShapeException ? cause.getMessage() : "" + cause;
      listener.rejected(className.replace('/', '.'), reason);
    } catch (Throwable t) {
      // Nobody is left to tell; the class stays as it is.
    }
  }
}
