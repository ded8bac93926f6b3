package io.sparsescope.agent.session;

import io.sparsescope.agent.config.CountingWay;
import io.sparsescope.agent.nativecount.NativeCounting;
import io.sparsescope.onnx.ModelFile;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Creates sessions of rewritten models: of those planned with native operators, or, where these do
 * not work, with standard ones.
 */
final class CountingLoad {
  /** As many models, at most, are remembered not to be counted natively. */
  private static final int MOST = 1000;

  private final CountingWay way;
  private final Detail detail;
  private final Journal journal;
  private final Set<String> refused = ConcurrentHashMap.newKeySet();
  private NativeCounting counting;

  CountingLoad(CountingWay way, Journal journal) {
    this(way, Detail.NONE, journal);
  }

  /**
   * @param detail what else is counted, which native operators do not
   */
  CountingLoad(CountingWay way, Detail detail, Journal journal) {
    this.way = way;
    this.detail = detail;
    this.journal = journal;
  }

  /** Whether a model should be planned with native operators; loads them the first time. */
  boolean plansNative(ModelFile model) {
    return counting().isLoaded() && !refused.contains(key(model));
  }

  /** Whether native operators may count, as far as can be told without loading them. */
  boolean mayBeNative() {
    return way != CountingWay.ONNX && detail.withoutNative().isEmpty() && NativeCounting.mayLoad();
  }

  /** Whether sessions can be created that neither save nor profile, whatever options ask for. */
  boolean loadsApart() {
    return counting().isLoaded();
  }

  /** Like {@link #load}, of a session that neither saves nor profiles. */
  long loadApart(PreparedModel model, long api, long options, NativeCounting.Creation creation)
      throws Throwable {
    return counting().createApart(api, options, copy -> load(model, api, copy, creation));
  }

  /** Cheap to make, unlike a digest; models that share it share a fate that costs little. */
  private static String key(ModelFile model) {
    return model.graph().name() + "/" + model.size();
  }

  private synchronized NativeCounting counting() {
    if (counting == null) {
      counting = find();
      if (!counting.isLoaded() && way == CountingWay.NATIVE) {
        journal.warn(
            "counting=native is not possible, ONNX's operators count: " + counting.reason());
      }
    }
    return counting;
  }

  private NativeCounting find() {
    if (way == CountingWay.ONNX) {
      return NativeCounting.none("standard operators were asked for");
    }
    String reason = detail.withoutNative();
    return reason.isEmpty() ? NativeCounting.load() : NativeCounting.none(reason);
  }

  /**
   * @param options the application's session options
   * @param creation loads the rewritten model
   * @return the session's handle
   */
  long load(PreparedModel model, long api, long options, NativeCounting.Creation creation)
      throws Throwable {
    if (model.isNative()) {
      try {
        return counting().create(api, options, model.rewrite().blockedLayout(), creation);
      } catch (Throwable t) {
        if (refused.size() < MOST) {
          refused.add(key(model.file()));
        }
        String what = "ONNX's operators count in " + model.file().name();
        if (t instanceof NativeCounting.NotCountingException || Border.isNative(t)) {
          journal.info(what + ": " + t.getMessage());
        } else {
          journal.failed(what, t);
        }
        model.withoutNative();
      }
    }
    return creation.create(options);
  }
}
