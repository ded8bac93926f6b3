package io.sparsescope.agent.export;

import io.opentelemetry.api.common.Attributes;

/** What tells this process from others, in OpenTelemetry's words. */
final class ProcessAttributes {
  private static final String SERVICE_NAME = "OTEL_SERVICE_NAME";

  private ProcessAttributes() {}

  /** Of this JVM. */
  static Attributes current() {
    return of(
        System.getenv(SERVICE_NAME),
        System.getProperty("sun.java.command"),
        ProcessHandle.current().pid());
  }

  /**
   * @param serviceName as the user has it, null or empty if not
   * @param command main class, MODULE/CLASS or jar, and arguments, null if unknown
   */
  static Attributes of(String serviceName, String command, long pid) {
    String name = serviceName == null || serviceName.isBlank() ? nameOf(command) : serviceName;
    return name.isEmpty()
        ? Attributes.builder().put("process.pid", pid).build()
        : Attributes.builder().put("service.name", name).put("process.pid", pid).build();
  }

  private static String nameOf(String command) {
    if (command == null || command.isBlank()) {
      return "";
    }
    String main = command.strip().split("\\s", 2)[0];
    String name = main.substring(Math.max(main.lastIndexOf('/'), main.lastIndexOf('\\')) + 1);
    return name.endsWith(".jar") ? name.substring(0, name.length() - ".jar".length()) : name;
  }
}
