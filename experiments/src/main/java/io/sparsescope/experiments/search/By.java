package io.sparsescope.experiments.search;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What has a threshold of its own. */
public enum By {
  /** Every layer. */
  LAYER,
  /** Every block, and every layer that belongs to none. */
  BLOCK;

  /** As options and files have it. */
  @JsonValue
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
