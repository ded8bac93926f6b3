package io.sparsescope.agent.it;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs {@link OrtProgram} in a class loader that sees the JDK and the path {@code -Dprogram}. */
public final class IsolatedProgram {
  private IsolatedProgram() {}

  public static void main(String[] arguments) throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("program").split(File.pathSeparator)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    try (URLClassLoader loader =
        new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader())) {
      loader
          .loadClass("io.sparsescope.agent.it.OrtProgram")
          .getMethod("main", String[].class)
          .invoke(null, (Object) arguments);
    }
  }
}
