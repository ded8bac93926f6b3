package io.sparsescope.experiments.search;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What thresholds are looked for. */
public enum On {
  /** The values that layers multiply with (eq. 3 to 5). */
  WEIGHTS,
  /** What layers produce: the tensor behind the non-linearity. */
  ACTIVATIONS;

  /** As options and files have it. */
  @JsonValue
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
