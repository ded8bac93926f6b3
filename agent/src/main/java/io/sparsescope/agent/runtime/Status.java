package io.sparsescope.agent.runtime;

import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.RunCost;

/**
 * How the agent is doing; counts are those since the start or the last reset.
 *
 * @param version the agent's version, "" if unknown
 * @param onnxruntime ONNX Runtime's version, "" as long as it is unknown
 * @param running whether models are instrumented
 * @param failures how often something of ours failed, and the application went on without it
 * @param models models seen
 * @param runs runs of all models, counted or not
 * @param sampledRuns runs that were counted
 * @param cost what counting has cost, of all models together
 * @param metricsAddress HOST:PORT where metrics are served, "" for nowhere
 */
public record Status(
    String version,
    String onnxruntime,
    boolean running,
    long failures,
    int models,
    long runs,
    long sampledRuns,
    RunCost cost,
    String metricsAddress) {

  static Status of(Profile profile, boolean running, String metricsAddress) {
    long runs = 0;
    long sampledRuns = 0;
    RunCost cost = RunCost.NONE;
    for (ModelProfile model : profile.models()) {
      runs += model.runs();
      sampledRuns += model.sampledRuns();
      cost = cost.plus(model.cost());
    }
    return new Status(
        profile.agent().version(),
        profile.agent().onnxruntime(),
        running,
        profile.agent().failures(),
        profile.models().size(),
        runs,
        sampledRuns,
        cost,
        metricsAddress);
  }
}
