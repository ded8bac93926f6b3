package io.sparsescope.agent.bootstrap;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.Collections;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Loads the agent's implementation and the libraries it uses from a folder of the agent's jar, out
 * of sight of every other loader: class files lie there under another suffix. Sees the JDK and the
 * boot class path, nothing of the application. Lives as long as the JVM, so it is never closed.
 */
final class AgentClassLoader extends ClassLoader {
  /** Folder of the jar that holds the implementation. */
  static final String FOLDER = "inst/";

  /** What class files are called there instead of {@code .class}. */
  static final String SUFFIX = ".classdata";

  static {
    registerAsParallelCapable();
  }

  private final JarFile jar;
  private final URL jarUrl;
  private final ProtectionDomain domain;

  AgentClassLoader(File jarFile) throws IOException {
    super("sparsescope", ClassLoader.getPlatformClassLoader());
    jar = new JarFile(jarFile);
    jarUrl = jarFile.toURI().toURL();
    domain = new ProtectionDomain(new CodeSource(jarUrl, (Certificate[]) null), null);
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    JarEntry entry = jar.getJarEntry(FOLDER + name.replace('.', '/') + SUFFIX);
    if (entry == null) {
      throw new ClassNotFoundException(name);
    }
    try (InputStream in = jar.getInputStream(entry)) {
      byte[] bytes = in.readAllBytes();
      return defineClass(name, bytes, 0, bytes.length, domain);
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }

  @Override
  protected URL findResource(String name) {
    if (jar.getJarEntry(FOLDER + name) == null) {
      return null;
    }
    try {
      return new URL("jar:" + jarUrl + "!/" + FOLDER + name);
    } catch (MalformedURLException e) {
      return null;
    }
  }

  @Override
  protected Enumeration<URL> findResources(String name) {
    URL url = findResource(name);
    return url == null
        ? Collections.emptyEnumeration()
        : Collections.enumeration(Collections.singleton(url));
  }
}
