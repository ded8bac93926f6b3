package io.sparsescope.agent.session;

import io.sparsescope.agent.sampling.Measure;
import io.sparsescope.agent.sampling.Samplers;
import io.sparsescope.profile.ModelInfo;
import io.sparsescope.profile.ProfileRecorder;
import io.sparsescope.profile.SkippedTap;
import io.sparsescope.profile.TapInfo;
import io.sparsescope.profile.TapKind;
import io.sparsescope.profile.ZeroCounter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The sessions that were there before the agent was attached. Their models cannot be rewritten any
 * more, so their inputs and outputs are counted. What such a session is, is asked of itself at its
 * first run. Never throws; safe for use by many threads.
 */
final class ObservedSessions {
  /** The operator that the profile shows for an input. */
  static final String INPUT = "input";

  /** The operator that the profile shows for an output. */
  static final String OUTPUT = "output";

  /** What the profile says of such a session. */
  static final String REASON =
      "session existed before the agent was attached: only its inputs and outputs are counted";

  /** What the profile says of a session that is younger, but of which we know as little. */
  static final String OLDER_OPTIONS =
      "session options existed before the agent was attached and may have ONNX Runtime save or"
          + " profile, which without the agent's native library cannot be kept out of a session of"
          + " ours: only inputs and outputs are counted";

  private final ModelMatcher matcher;
  private final ProfiledModels profiled;
  private final OrtTensors tensors;
  private final OrtVersion version;
  private final Samplers samplers;
  private final Journal journal;

  /** By native handle; {@link ObservedSession#NONE} for those that are left alone. */
  private final Map<Long, ObservedSession> byHandle = new ConcurrentHashMap<>();

  /** Handles of sessions that are younger than the agent, of options that are older. */
  private final Set<Long> byOlderOptions = ConcurrentHashMap.newKeySet();

  private volatile boolean active;

  /**
   * @param matcher which models, by the graph's name
   */
  ObservedSessions(
      ModelMatcher matcher,
      ProfiledModels profiled,
      OrtTensors tensors,
      OrtVersion version,
      Samplers samplers,
      Journal journal) {
    this.matcher = matcher;
    this.profiled = profiled;
    this.tensors = tensors;
    this.version = version;
    this.samplers = samplers;
    this.journal = journal;
  }

  /** There may be sessions that are older than the agent. */
  void begin() {
    active = true;
  }

  /** Counts nothing any more. */
  void stop() {
    active = false;
    byHandle.clear();
    byOlderOptions.clear();
  }

  /** Sessions that something is counted of. */
  int count() {
    return (int) byHandle.values().stream().filter(s -> s != ObservedSession.NONE).count();
  }

  /** The session is not older than the agent. */
  void created(long handle) {
    if (active) {
      byHandle.put(handle, ObservedSession.NONE);
    }
  }

  /** The session is counted as if it were older than the agent. */
  void createdByOlderOptions(long handle) {
    if (active) {
      byOlderOptions.add(handle);
    }
  }

  void closed(long handle) {
    if (active) {
      byHandle.remove(handle);
      byOlderOptions.remove(handle);
    }
  }

  /**
   * A session that the agent has not created is about to run.
   *
   * @param session the {@code OrtSession}
   * @param inputs its inputs, a {@code Map<String, OnnxTensorLike>}
   * @return null if nothing is counted of it
   */
  ObservedSession.Run begin(Object session, long handle, Object inputs) {
    if (!active) {
      return null;
    }
    try {
      ObservedSession known = byHandle.get(handle);
      if (known == null) {
        known = byHandle.computeIfAbsent(handle, any -> describe(session, reason(handle)));
      }
      return known == ObservedSession.NONE ? null : known.begin((Map<?, ?>) inputs);
    } catch (Throwable t) {
      journal.failed("counting inputs", t);
      return null;
    }
  }

  /**
   * The run has given {@code values}.
   *
   * @param run may be null
   */
  void succeeded(ObservedSession.Run run, String[] names, Object[] values) {
    try {
      if (run != null) {
        run.succeeded(names, values);
      }
    } catch (Throwable t) {
      journal.failed("counting outputs", t);
    }
  }

  /**
   * The run has failed, as it would have without us.
   *
   * @param run may be null
   */
  void failed(ObservedSession.Run run) {
    try {
      if (run != null) {
        run.failed();
      }
    } catch (Throwable t) {
      journal.failed("counting a run", t);
    }
  }

  private String reason(long handle) {
    return byOlderOptions.contains(handle) ? OLDER_OPTIONS : REASON;
  }

  private ObservedSession describe(Object session, String reason) {
    try {
      version.learnFrom(session);
    } catch (Throwable t) {
      journal.failed("asking for ONNX Runtime's version", t);
    }
    try {
      Object metadata = call(session, "getMetadata");
      String graph = (String) call(metadata, "getGraphName");
      if (!matcher.matches(null, graph) || profiled.isFull()) {
        return ObservedSession.NONE;
      }
      List<TapInfo> taps = new ArrayList<>();
      List<SkippedTap> skipped = new ArrayList<>();
      skipped.add(new SkippedTap("", "", reason));
      add(INPUT, (Map<?, ?>) call(session, "getInputInfo"), taps, skipped);
      add(OUTPUT, (Map<?, ?>) call(session, "getOutputInfo"), taps, skipped);
      String name = graph.isEmpty() ? SessionModels.UNNAMED : graph;
      ProfileRecorder recorder =
          profiled.observed(new ModelInfo(name, "", graph, 0), taps, skipped);
      // Another session of the model may have another reason.
      profiled.note(recorder, reason);
      recorder.session();
      journal.info(name + ": " + reason);
      return new ObservedSession(recorder, samplers.session(Measure.OWN_WORK), tensors);
    } catch (Throwable t) {
      journal.failed("looking at a session that is older than the agent", t);
      return ObservedSession.NONE;
    }
  }

  /**
   * @param infos ONNX Runtime's {@code Map<String, NodeInfo>}
   */
  private static void add(
      String kind, Map<?, ?> infos, List<TapInfo> taps, List<SkippedTap> skipped)
      throws ReflectiveOperationException {
    for (Map.Entry<?, ?> entry : infos.entrySet()) {
      String name = (String) entry.getKey();
      String type = OrtTensors.typeOf(call(entry.getValue(), "getInfo")).label();
      if (ZeroCounter.canCount(type)) {
        taps.add(new TapInfo("", kind, name, "", "", TapKind.ACTIVATION, type));
      } else {
        skipped.add(new SkippedTap("", name, "an " + kind + " of a type that is not counted"));
      }
    }
  }

  private static Object call(Object target, String method) throws ReflectiveOperationException {
    return target.getClass().getMethod(method).invoke(target);
  }
}
