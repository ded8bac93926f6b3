package io.sparsescope.agent.it;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * Opens, runs and closes a session in one class loader after another, each with classes of ONNX
 * Runtime of its own, and lets the loaders go. Prints how many outputs the runs had, how many
 * loaders were collected and how many sessions are left. Needs {@link NativeStubs}.
 *
 * <p>Arguments: a model, the number of loaders.
 */
public final class ManyLoadersProgram {
  private static final long PATIENCE_MILLIS = 20_000;

  private ManyLoadersProgram() {}

  public static void main(String[] arguments) throws Exception {
    byte[] model = Files.readAllBytes(Path.of(arguments[0]));
    int loaders = Integer.parseInt(arguments[1]);
    Map<String, byte[]> classes = new HashMap<>();
    ReferenceQueue<ClassLoader> collected = new ReferenceQueue<>();
    Set<WeakReference<ClassLoader>> alive = new HashSet<>();
    long outputs = 0;
    for (int i = 0; i < loaders; i++) {
      ClassLoader loader = new OwnRuntime(classes);
      alive.add(new WeakReference<>(loader, collected));
      outputs += use(loader, model);
      for (Object gone = collected.poll(); gone != null; gone = collected.poll()) {
        alive.remove(gone);
      }
    }
    for (int tries = 0; tries < 5 && !alive.isEmpty(); tries++) {
      System.gc();
      Object gone = collected.remove(PATIENCE_MILLIS);
      while (gone != null) {
        alive.remove(gone);
        gone = collected.poll();
      }
    }
    System.out.println(
        outputs
            + " outputs, "
            + (loaders - alive.size())
            + " loaders collected, "
            + NativeStubs.rewrittenSessions()
            + " sessions left");
  }

  @SuppressWarnings("unchecked")
  private static int use(ClassLoader loader, byte[] model) throws Exception {
    return ((Callable<Integer>)
            loader
                .loadClass(LoaderUse.class.getName())
                .getConstructor(byte[].class)
                .newInstance((Object) model))
        .call();
  }

  /** Has ONNX Runtime's classes and {@link LoaderUse} itself, all else from its parent. */
  private static final class OwnRuntime extends ClassLoader {
    private final Map<String, byte[]> classes;

    OwnRuntime(Map<String, byte[]> classes) {
      super(ManyLoadersProgram.class.getClassLoader());
      this.classes = classes;
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith("ai.onnxruntime.") && !name.equals(LoaderUse.class.getName())) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        if (loaded == null) {
          byte[] bytes = classes.computeIfAbsent(name, OwnRuntime::read);
          loaded = defineClass(name, bytes, 0, bytes.length);
        }
        return loaded;
      }
    }

    private static byte[] read(String name) {
      String file = name.replace('.', '/') + ".class";
      try (InputStream in = ManyLoadersProgram.class.getClassLoader().getResourceAsStream(file)) {
        return in.readAllBytes();
      } catch (IOException e) {
        throw new IllegalStateException(name, e);
      }
    }
  }
}
