package io.sparsescope.agent.weave;

import java.util.Set;

/**
 * Instance methods of a class of which the bridge is only told that they are called: it gets the
 * native address that the object stands for.
 *
 * @param bridgeMethod takes the address, a long, and returns nothing
 * @param prefix what their names begin with
 * @param others methods whose names do, too, that are not meant
 */
record Notice(String bridgeMethod, String prefix, Set<String> others) {
  /** Field of the class with the address. */
  static final String HANDLE = "nativeHandle";

  boolean covers(String method) {
    return method.startsWith(prefix) && !others.contains(method);
  }
}
