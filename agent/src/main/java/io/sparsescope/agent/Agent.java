package io.sparsescope.agent;

import io.sparsescope.agent.bootstrap.Launcher;
import java.io.File;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.util.jar.JarFile;

/**
 * What the JVM calls. Sees to it that the agent's jar is on the boot class path and hands over.
 * Never throws: an agent must not keep the application from starting.
 */
public final class Agent {
  private static final String OWN_CLASS = "io/sparsescope/agent/Agent.class";
  private static final String BRIDGE = "io.sparsescope.agent.bootstrap.Bridge";

  private Agent() {}

  /** Called for {@code -javaagent}, before the application's main class is loaded. */
  public static void premain(String options, Instrumentation instrumentation) {
    launch(options, instrumentation, "the agent could not start, the application runs without: ");
  }

  /**
   * Called when the agent is attached to a JVM that runs already, once more each time.
   *
   * @param arguments options, or an operator's command
   */
  public static void agentmain(String arguments, Instrumentation instrumentation) {
    launch(arguments, instrumentation, "attaching had no effect, the application goes on: ");
  }

  @SuppressWarnings("SystemOut") // There is no log yet, and the application's is not ours to use.
  private static synchronized void launch(
      String arguments, Instrumentation instrumentation, String onFailure) {
    try {
      File jar = ownJar();
      if (!isOnBootClassPath()) {
        appendToBootClassPath(instrumentation, jar);
      }
      Launcher.launch(arguments, instrumentation, jar);
    } catch (Throwable t) {
      System.err.println("sparsescope: " + onFailure + t);
    }
  }

  private static File ownJar() throws IOException, URISyntaxException {
    URL url = ClassLoader.getSystemResource(OWN_CLASS);
    return new File(((JarURLConnection) url.openConnection()).getJarFileURL().toURI());
  }

  /**
   * The manifest's Boot-Class-Path brings the jar there without the JVM's warning about class data
   * sharing, as long as the jar has its own name; another copy of the agent may have come before.
   */
  private static boolean isOnBootClassPath() {
    try {
      Class.forName(BRIDGE, false, null);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static void appendToBootClassPath(Instrumentation instrumentation, File jar)
      throws IOException {
    try (JarFile file = new JarFile(jar)) {
      instrumentation.appendToBootstrapClassLoaderSearch(file);
    }
  }
}
