package io.sparsescope.agent.session;

import io.sparsescope.agent.nativecount.NativePipe;
import io.sparsescope.agent.threads.Daemons;
import io.sparsescope.onnx.ModelEdit;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A rewritten model that ONNX Runtime reads from a pipe while another thread puts it there, so that
 * it is nowhere copied as a whole: the system hands over pages of the original file. Whatever goes
 * wrong can be seen afterwards, and nobody waits for anybody who is gone.
 */
final class ModelPipe implements AutoCloseable {
  /** Smaller models are written to a file sooner than a thread is started. */
  private static final long LARGE = 1 << 20;

  private static final long LIMIT_MILLIS = 5000;

  /** Set once ONNX Runtime has read from a file what it would not read from a pipe. */
  private static final AtomicBoolean REFUSED = new AtomicBoolean();

  private final NativePipe pipe;
  private final ModelEdit edit;
  private final Thread writer;
  private volatile boolean complete;
  private volatile Throwable failure;

  private ModelPipe(ModelEdit edit) throws IOException {
    this.edit = edit;
    writer = Daemons.of("sparsescope-pipe", this::write);
    pipe = NativePipe.open();
    try {
      writer.start();
    } catch (Throwable t) {
      pipe.close();
      throw t;
    }
  }

  /** Whether the model can go through a pipe, and gains by it. */
  static boolean suits(PreparedModel model, long api) {
    return model.file().size() >= LARGE
        && !REFUSED.get()
        && !model.hasExternalData()
        && NativePipe.isPossible(api);
  }

  /** Begins to write a model, which must stay open until the pipe is closed. */
  static ModelPipe of(ModelEdit edit) throws IOException {
    return new ModelPipe(edit);
  }

  /** From now on no model suits: what could not be read from a pipe was read from a file. */
  static void refused() {
    REFUSED.set(true);
  }

  String path() {
    return pipe.path();
  }

  /**
   * To be asked once ONNX Runtime has created a session.
   *
   * @throws IOException if it cannot have read the whole model
   */
  void requireComplete() throws IOException {
    // Set before the reader is told that this was all.
    if (!complete) {
      throw new IOException("the model was not read to its end", failure);
    }
  }

  private void write() {
    try (var out = pipe.writing()) {
      edit.streamTo(out);
      complete = true;
    } catch (Throwable t) {
      failure = t;
    }
  }

  /**
   * Returns once nobody reads the model any more, which is at once, or, should somebody have kept
   * the reading end, after {@value #LIMIT_MILLIS} ms: closing the model ends the writer then.
   */
  @Override
  public void close() throws IOException {
    try {
      pipe.close();
    } finally {
      long end = System.nanoTime() + LIMIT_MILLIS * 1_000_000;
      boolean interrupted = false;
      while (writer.isAlive() && System.nanoTime() < end) {
        try {
          writer.join(LIMIT_MILLIS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
