package io.sparsescope.agent.session;

import io.sparsescope.agent.threads.Daemons;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.profile.ModelInfo;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Which model it is. Telling takes the digest of all its bytes, which for a large model is made by
 * a thread of its own while ONNX Runtime loads the model.
 */
final class ModelIdentity {
  /** Digests of smaller models take less time than a thread. */
  private static final long LARGE = 4 << 20;

  private final FutureTask<ModelInfo> info;

  /** At work on the digest, null if nobody is. */
  private final Thread thread;

  private ModelIdentity(FutureTask<ModelInfo> info, Thread thread) {
    this.info = info;
    this.thread = thread;
  }

  /** Of a model whose bytes are not known. */
  static ModelIdentity of(ModelInfo known) {
    return new ModelIdentity(new FutureTask<>(() -> known), null);
  }

  /** Of a model that stays open until {@link #settle} has returned. */
  static ModelIdentity of(String name, ModelFile model) {
    return of(name, model, model::sha256);
  }

  /**
   * The same, of a file whose digest may be known.
   *
   * @param opened the file's stamp before it was opened
   */
  static ModelIdentity of(
      String name, ModelFile model, Optional<FileStamp> opened, KnownDigests known) {
    Path path = model.path().orElseThrow();
    // Unchanged since before it was opened, so it is the file that was opened.
    Optional<FileStamp> stamp =
        opened.filter(before -> known.isSettled(before) && isStill(path, before));
    String digest = stamp.map(known::get).orElse(null);
    if (digest != null) {
      return of(new ModelInfo(name, digest, model.graph().name(), model.opset("")));
    }
    return of(
        name,
        model,
        () -> {
          String made = model.sha256();
          stamp.filter(before -> isStill(path, before)).ifPresent(s -> known.put(s, made));
          return made;
        });
  }

  private static boolean isStill(Path path, FileStamp before) {
    return FileStamp.of(path).filter(before::equals).isPresent();
  }

  private static ModelIdentity of(String name, ModelFile model, Supplier<String> digest) {
    FutureTask<ModelInfo> info =
        new FutureTask<>(
            () -> new ModelInfo(name, digest.get(), model.graph().name(), model.opset("")));
    Thread thread = null;
    if (model.size() >= LARGE && Runtime.getRuntime().availableProcessors() > 1) {
      thread = Daemons.of("sparsescope-digest", info);
      thread.start();
    }
    return new ModelIdentity(info, thread);
  }

  /**
   * Waits for the digest, or makes it.
   *
   * @throws io.sparsescope.onnx.OnnxException if the model cannot be read
   */
  ModelInfo get() {
    if (thread == null) {
      info.run();
    }
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return info.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw rethrown(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Returns once nobody reads the model any more for the digest's sake. */
  void settle() {
    if (thread != null) {
      try {
        get();
      } catch (RuntimeException e) {
        // Whoever wanted to know has been told.
      }
    }
  }

  private static RuntimeException rethrown(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
  }
}
