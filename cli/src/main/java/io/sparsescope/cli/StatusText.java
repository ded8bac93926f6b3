package io.sparsescope.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.stream.Collectors;

/** The agent's status for people. */
final class StatusText {
  private StatusText() {}

  static void print(PrintWriter out, JsonNode status) {
    out.printf(
        "%s (version %s, ONNX Runtime %s)%n",
        status.path("running").asBoolean() ? "running" : "not running",
        known(status, "version"),
        known(status, "onnxruntime"));
    line(
        out,
        "options",
        status.path("options").properties().stream()
            .map(option -> option.getKey() + "=" + option.getValue().asText())
            .collect(Collectors.joining(",")));
    line(out, "profile", status.path("profile").asText());
    line(out, "metrics", status.path("metrics").asText());
    line(
        out,
        "sessions",
        "%d instrumented, %d older than the agent of which inputs and outputs are counted"
            .formatted(
                status.path("hidingSessions").asInt(), status.path("observedSessions").asInt()));
    line(out, "note", status.path("note").asText());
    if (status.path("failures").asLong() > 0) {
      line(out, "failures", status.path("failures").asText());
      status.path("failureMessages").forEach(message -> out.println("  " + message.asText()));
    }
    models(out, status.path("models"));
  }

  private static void models(PrintWriter out, JsonNode models) {
    if (models.isEmpty()) {
      return;
    }
    Table table = new Table("model", "sessions", "runs", "counted", "tensors", "not counted");
    for (JsonNode model : models) {
      String arm = model.path("arm").asText();
      table.row(
          model.path("name").asText() + (arm.isEmpty() ? "" : " (" + arm + ")"),
          model.path("sessions").asText(),
          model.path("runs").asText(),
          model.path("sampledRuns").asText(),
          model.path("tensors").asText(),
          model.path("notCounted").asText());
    }
    out.println();
    table.print(out);
  }

  private static void line(PrintWriter out, String title, String text) {
    if (!text.isEmpty()) {
      out.printf("%-9s %s%n", title, text.replace("\n", " "));
    }
  }

  private static String known(JsonNode status, String key) {
    String value = status.path(key).asText();
    return value.isEmpty() ? "unknown" : value;
  }
}
