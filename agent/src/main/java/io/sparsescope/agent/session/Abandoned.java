package io.sparsescope.agent.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Native sessions of ours that are to be closed as soon as there is a way to: closing takes an
 * object of ONNX Runtime's, which the application has only once it has created a session.
 */
final class Abandoned {
  /** By ONNX Runtime's functions, of which there is a set for each copy of its library. */
  private final Map<Long, List<Long>> handles = new ConcurrentHashMap<>();

  void add(long api, long handle) {
    if (handle != 0) {
      handles.merge(api, List.of(handle), Abandoned::both);
    }
  }

  private static List<Long> both(List<Long> some, List<Long> more) {
    List<Long> all = new ArrayList<>(some);
    all.addAll(more);
    return all;
  }

  /** All of them; they are the caller's now. */
  long[] take(long api) {
    List<Long> taken = handles.isEmpty() ? null : handles.remove(api);
    return taken == null ? new long[0] : taken.stream().mapToLong(Long::longValue).toArray();
  }

  /** ONNX Runtimes that have some. */
  List<Long> runtimes() {
    return List.copyOf(handles.keySet());
  }
}
