package io.sparsescope.experiments.search;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What is done where all thresholds at once lose more than the tolerance. */
public enum JointMode {
  /** Nothing: it is reported. */
  REPORT,
  /** Thresholds are given back until it holds ({@link JointRepair}). */
  REPAIR;

  /** As options and files have it. */
  @JsonValue
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
