package io.sparsescope.profile;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What a counted tensor is to its model. */
public enum TapKind {
  /** Counted at every sampled run. */
  ACTIVATION,
  /** Counted once, it does not change from run to run. */
  WEIGHT,
  /** Counted at every sampled training step. */
  GRADIENT;

  /** The name that profiles use: {@code activation}, {@code weight}, {@code gradient}. */
  @JsonValue
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The kind that profiles call {@code label}.
   *
   * @throws IllegalArgumentException if there is none
   */
  @JsonCreator
  public static TapKind of(String label) {
    for (TapKind kind : values()) {
      if (kind.label().equals(label)) {
        return kind;
      }
    }
    throw new IllegalArgumentException("unknown kind of tap: " + label);
  }
}
