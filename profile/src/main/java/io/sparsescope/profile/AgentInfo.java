package io.sparsescope.profile;

import static java.util.Objects.requireNonNullElse;

import java.util.List;

/**
 * Who took a profile, and what went wrong on the way.
 *
 * @param version version of Sparsescope
 * @param onnxruntime version of ONNX Runtime, "" if unknown
 * @param failures how often something of ours failed, and the application went on without it
 * @param failureMessages the first few different messages of those failures
 * @param note anything a reader should know, "" if nothing
 */
public record AgentInfo(
    String version, String onnxruntime, long failures, List<String> failureMessages, String note) {

  /** Failure messages that are kept. */
  public static final int MAX_MESSAGES = 20;

  public AgentInfo {
    version = requireNonNullElse(version, "");
    onnxruntime = requireNonNullElse(onnxruntime, "");
    failureMessages =
        requireNonNullElse(failureMessages, List.<String>of()).stream()
            .limit(MAX_MESSAGES)
            .toList();
    note = requireNonNullElse(note, "");
    if (failures < 0) {
      throw new IllegalArgumentException(failures + " failures");
    }
  }

  /** With no failures and no note. */
  public static AgentInfo of(String version, String onnxruntime) {
    return new AgentInfo(version, onnxruntime, 0, List.of(), "");
  }
}
