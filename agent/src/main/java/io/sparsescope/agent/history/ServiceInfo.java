package io.sparsescope.agent.history;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * The JVM that is looked at.
 *
 * @param pid its process id
 * @param main its main class, or the name of its jar, without arguments; "" if unknown
 * @param uptimeMillis time since it was started
 * @param reference whether it is compared with a reference profile
 */
public record ServiceInfo(long pid, String main, long uptimeMillis, boolean reference) {
  private static final int MAX_LENGTH = 200;

  /**
   * This JVM.
   *
   * @param reference whether it is compared with a reference profile
   */
  public static ServiceInfo current(boolean reference) {
    return new ServiceInfo(
        ProcessHandle.current().pid(),
        mainOf(System.getProperty("sun.java.command", "")),
        ManagementFactory.getRuntimeMXBean().getUptime(),
        reference);
  }

  /** Arguments may be secret, and the folder of a jar is nobody's business. */
  static String mainOf(String command) {
    String first = command.strip().split("\\s", 2)[0];
    if (first.endsWith(".jar")) {
      first = fileName(first);
    }
    return first.length() <= MAX_LENGTH ? first : first.substring(0, MAX_LENGTH);
  }

  private static String fileName(String path) {
    try {
      Path name = Path.of(path).getFileName();
      return name == null ? path : name.toString();
    } catch (InvalidPathException e) {
      return "";
    }
  }

  void write(JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("service");
    json.writeNumberField("pid", pid);
    json.writeStringField("main", main);
    json.writeNumberField("uptimeMillis", uptimeMillis);
    json.writeBooleanField("reference", reference);
    json.writeEndObject();
  }
}
