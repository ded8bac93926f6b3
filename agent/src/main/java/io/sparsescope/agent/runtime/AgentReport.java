package io.sparsescope.agent.runtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.SkippedTap;
import java.util.List;
import java.util.Map;

/**
 * What the agent tells an operator of itself.
 *
 * @param running whether models are instrumented
 * @param version the agent's version
 * @param onnxruntime ONNX Runtime's version, "" as long as it is unknown
 * @param options the options that were given, wherever; the others have their defaults
 * @param profile the profile file, "" for none
 * @param metrics HOST:PORT where metrics are served, "" for nowhere
 * @param openSessions sessions that are open and were created while the agent ran
 * @param hidingSessions those of them that have something of ours: outputs, or a session beside
 *     them
 * @param observedSessions sessions that are older than the agent, of those that have run: only
 *     their inputs and outputs are counted
 * @param failures how often something of ours failed, and the application went on without it
 * @param failureMessages the first few different messages of those
 * @param note anything else to know, "" if nothing
 * @param models models seen
 */
record AgentReport(
    boolean running,
    String version,
    String onnxruntime,
    Map<String, String> options,
    String profile,
    String metrics,
    int openSessions,
    int hidingSessions,
    int observedSessions,
    long failures,
    List<String> failureMessages,
    String note,
    List<Model> models) {

  /**
   * @param name the model's file name, or its graph's
   * @param arm the arm of an experiment, "" for none
   * @param sessions sessions that were created with it, closed ones included
   * @param runs their runs, counted or not
   * @param sampledRuns their runs that were counted
   * @param tensors tensors that are counted
   * @param notCounted why some are not, "" if nothing is missing
   */
  record Model(
      String name,
      String arm,
      long sessions,
      long runs,
      long sampledRuns,
      int tensors,
      String notCounted) {

    static Model of(ModelProfile model) {
      return new Model(
          model.name(),
          model.arm(),
          model.sessions(),
          model.runs(),
          model.sampledRuns(),
          model.runTaps().size(),
          model.skipped().stream().map(SkippedTap::reason).findFirst().orElse(""));
    }
  }

  static AgentReport of(
      Profile profile,
      Status status,
      Map<String, String> options,
      String file,
      int openSessions,
      int hidingSessions,
      int observedSessions) {
    return new AgentReport(
        status.running(),
        status.version(),
        status.onnxruntime(),
        options,
        file,
        status.metricsAddress(),
        openSessions,
        hidingSessions,
        observedSessions,
        profile.agent().failures(),
        profile.agent().failureMessages(),
        profile.agent().note(),
        profile.models().stream().map(Model::of).toList());
  }

  String toJson() throws JsonProcessingException {
    return new JsonMapper().writeValueAsString(this);
  }
}
