package io.sparsescope.agent.session;

import java.util.LinkedHashMap;
import java.util.Map;

/** Models that sessions were created of, as long as their files do not change. Keeps the latest. */
final class KnownModels {
  private static final int MOST = 64;

  /** Bytes; more are planned anew sooner than kept. */
  private static final int LARGEST = 256 << 10;

  private final Map<FileStamp, KnownModel> models =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<FileStamp, KnownModel> eldest) {
          return size() > MOST;
        }
      };

  /** Null if it is not known. */
  synchronized KnownModel get(FileStamp stamp) {
    return models.get(stamp);
  }

  synchronized void put(FileStamp stamp, KnownModel model) {
    if (model.appendix().length <= LARGEST) {
      models.put(stamp, model);
    }
  }
}
