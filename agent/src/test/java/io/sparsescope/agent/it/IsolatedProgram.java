package io.sparsescope.agent.it;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs {@link OrtProgram} in a class loader with the path {@code -Dprogram}. {@code -Dloader} says
 * which: {@code platform} sees the JDK besides, {@code boot} its base only, {@code child-first}
 * sees this program's class path, too, but prefers its own.
 */
public final class IsolatedProgram {
  private IsolatedProgram() {}

  public static void main(String[] arguments) throws Exception {
    try (URLClassLoader loader = loader(System.getProperty("loader"))) {
      Thread.currentThread().setContextClassLoader(loader);
      Class<?> program = loader.loadClass("io.sparsescope.agent.it.OrtProgram");
      if (program.getClassLoader() != loader) {
        throw new IllegalStateException("loaded by " + program.getClassLoader());
      }
      program.getMethod("main", String[].class).invoke(null, (Object) arguments);
    }
  }

  /** A loader of the given kind for the path {@code -Dprogram}. */
  static URLClassLoader loader(String kind) throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("program").split(File.pathSeparator, -1)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    URL[] path = urls.toArray(new URL[0]);
    return switch (kind) {
      case "platform" -> new URLClassLoader(path, ClassLoader.getPlatformClassLoader());
      case "boot" -> new URLClassLoader(path, null);
      case "child-first" -> new ChildFirst(path);
      default -> throw new IllegalArgumentException(kind);
    };
  }

  /** As servlet containers do it: what the JDK has not and the path has comes from the path. */
  private static final class ChildFirst extends URLClassLoader {
    ChildFirst(URL[] urls) {
      super(urls, IsolatedProgram.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        Class<?> found = findLoadedClass(name);
        if (found == null && !name.startsWith("java.")) {
          try {
            found = findClass(name);
          } catch (ClassNotFoundException e) {
            // The parent may have it.
          }
        }
        return found == null ? super.loadClass(name, resolve) : found;
      }
    }

    @Override
    public URL getResource(String name) {
      URL own = findResource(name);
      return own == null ? super.getResource(name) : own;
    }
  }
}
