package io.sparsescope.rewriter.transform;

import java.util.List;

/**
 * Offers a kind of transform by name; found by {@link java.util.ServiceLoader}. A name that is one
 * of Sparsescope's own is never asked for.
 */
public interface TransformProvider {
  /** The word that rules begin with, without commas: {@code nearest} in {@code nearest,16,8}. */
  String name();

  /**
   * Understands what stands behind the name.
   *
   * @param arguments what the commas separate, without spaces around it
   * @throws IllegalArgumentException with one line that says what is wrong and what to write
   */
  Transform parse(List<String> arguments);
}
