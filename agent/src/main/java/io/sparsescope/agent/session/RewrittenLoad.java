package io.sparsescope.agent.session;

import io.sparsescope.agent.nativecount.NativeCounting;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;

/**
 * Has ONNX Runtime load a rewritten model the way the application has it load the original. Returns
 * the native session.
 */
final class RewrittenLoad {
  private RewrittenLoad() {}

  static long fromFile(
      PreparedModel model,
      long api,
      long environment,
      long options,
      MethodHandle original,
      MethodHandle fromBuffer,
      Journal journal)
      throws Throwable {
    if (!ModelPipe.suits(model, api)) {
      return fromCopy(model, api, environment, options, original, fromBuffer, journal);
    }
    Throwable failure;
    try {
      long session = fromPipe(model, api, environment, options, original);
      journal.debug(model.file().name() + " was read from a pipe");
      return session;
    } catch (Throwable t) {
      failure = t;
    }
    long session = fromCopy(model, api, environment, options, original, fromBuffer, journal);
    ModelPipe.refused();
    journal.info("models are handed over in files, not in pipes: " + failure);
    return session;
  }

  private static long fromPipe(
      PreparedModel model, long api, long environment, long options, MethodHandle original)
      throws Throwable {
    try (ModelPipe pipe = ModelPipe.of(model.edit())) {
      long session = (long) original.invokeExact(api, environment, pipe.path(), options);
      try {
        pipe.requireComplete();
      } catch (IOException e) {
        NativeCounting.closeSession(api, session);
        throw e;
      }
      return session;
    }
  }

  private static long fromCopy(
      PreparedModel model,
      long api,
      long environment,
      long options,
      MethodHandle original,
      MethodHandle fromBuffer,
      Journal journal)
      throws Throwable {
    ModelCopy copy;
    try {
      copy = model.copy();
    } catch (Exception e) {
      // No room, or a read-only file system.
      if (fromBuffer == null || model.hasExternalData()) {
        throw e;
      }
      journal.failed("writing a rewritten model to a file; it is handed over in memory instead", e);
      return fromBuffer(model, api, environment, options, fromBuffer);
    }
    try (copy) {
      return (long) original.invokeExact(api, environment, copy.file().toString(), options);
    }
  }

  static long fromBytes(
      PreparedModel model,
      long api,
      long environment,
      long options,
      MethodHandle original,
      MethodHandle fromBuffer)
      throws Throwable {
    // Off the heap if there is a way: the application has sized its heap without us.
    return fromBuffer == null
        ? (long) original.invokeExact(api, environment, model.edit().toBytes(), options)
        : fromBuffer(model, api, environment, options, fromBuffer);
  }

  static long fromBuffer(
      PreparedModel model, long api, long environment, long options, MethodHandle original)
      throws Throwable {
    ByteBuffer buffer = model.edit().toDirectBuffer();
    return (long)
        original.invokeExact(
            api, environment, buffer, buffer.position(), buffer.remaining(), options);
  }
}
