package io.sparsescope.agent.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The agent's own version, as the build wrote it into a resource. */
final class Version {
  private Version() {}

  /** "" if the resource is missing. */
  static String get() {
    try (InputStream in = Version.class.getResourceAsStream("version.txt")) {
      return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
