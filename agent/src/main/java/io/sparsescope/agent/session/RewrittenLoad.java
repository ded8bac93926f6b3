package io.sparsescope.agent.session;

import io.sparsescope.agent.nativecount.LeasedFile;
import io.sparsescope.agent.nativecount.NativeCounting;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Has ONNX Runtime load a rewritten model the way the application has it load the original. Returns
 * the native session.
 */
final class RewrittenLoad {
  private RewrittenLoad() {}

  /** Smaller models are written to a file, larger ones (bytes) take longer than a lease may. */
  private static final long LEAST_MAPPED = 64 << 10;

  private static final long MOST_MAPPED = 1 << 30;

  /** Set once ONNX Runtime has read otherwise what it would not read from a mapping. */
  private static final AtomicBoolean NOT_MAPPED = new AtomicBoolean();

  /**
   * @param inMemory whether the model may be handed over in memory: where it came from shows in
   *     ONNX Runtime's own profile
   * @param fromBuffer creates a session of a model in memory; null if this ONNX Runtime does not
   */
  static long fromFile(
      PreparedModel model,
      long api,
      long environment,
      long options,
      boolean inMemory,
      MethodHandle original,
      MethodHandle fromBuffer,
      Journal journal)
      throws Throwable {
    if (!inMemory || fromBuffer == null || !canBeMapped(model)) {
      return fromFile(model, api, environment, options, original, fromBuffer, journal);
    }
    Throwable failure = null;
    long mapped = 0;
    Origin origin = model.origin().orElseThrow();
    try (LeasedFile file = LeasedFile.open(origin.path())) {
      if (!origin.isAt(file.path())) {
        throw new IOException("it has changed");
      }
      ByteBuffer all = file.map(origin.size(), model.appendix().orElseThrow());
      try {
        mapped = (long) fromBuffer.invokeExact(api, environment, all, 0, all.capacity(), options);
      } catch (Throwable t) {
        failure = t;
      }
    } catch (Throwable t) {
      // A session that was created is used, whatever became of the mapping.
      if (mapped == 0 && !(t instanceof IOException)) {
        throw t;
      }
      journal.debug(origin.path().getFileName() + " is not mapped: " + t.getMessage());
    }
    if (mapped != 0) {
      journal.debug(origin.path().getFileName() + " was read from a mapping");
      return mapped;
    }
    long session = fromFile(model, api, environment, options, original, fromBuffer, journal);
    if (failure != null) {
      NOT_MAPPED.set(true);
      journal.info("models are handed over in files, not in mappings: " + failure);
    }
    return session;
  }

  private static boolean canBeMapped(PreparedModel model) {
    if (NOT_MAPPED.get() || model.origin().isEmpty() || !LeasedFile.isPossible()) {
      return false;
    }
    long size = model.origin().orElseThrow().size();
    return size >= LEAST_MAPPED && size <= MOST_MAPPED && model.appendix().isPresent();
  }

  private static long fromFile(
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
