package io.sparsescope.agent.session;

import java.lang.invoke.MethodHandle;

/**
 * ONNX Runtime's native method run, with those arguments that are the same for all sessions of one
 * class.
 *
 * @param self any {@code OrtSession} of that class
 * @param api ONNX Runtime's functions
 * @param allocator for the outputs
 * @param returns whether the method returns the outputs, as before 1.17, or fills an array
 * @param original the method
 */
record NativeRun(Object self, long api, long allocator, boolean returns, MethodHandle original) {

  /**
   * Runs a session; {@code outputs} holds the values then.
   *
   * @return for each output whether the call has allocated it; null from versions that always do
   */
  boolean[] call(
      long session, String[] inputNames, long[] inputs, long runOptions, TapRequest outputs)
      throws Throwable {
    if (returns) {
      outputs.returned(
          (Object[])
              original.invoke(
                  self,
                  api,
                  session,
                  allocator,
                  inputNames,
                  inputs,
                  (long) inputNames.length,
                  outputs.names(),
                  (long) outputs.names().length,
                  runOptions));
      return null;
    }
    return (boolean[])
        original.invoke(
            self,
            api,
            session,
            allocator,
            inputNames,
            inputs,
            (long) inputNames.length,
            outputs.names(),
            (long) outputs.names().length,
            outputs.values(),
            outputs.handles(),
            runOptions);
  }
}
