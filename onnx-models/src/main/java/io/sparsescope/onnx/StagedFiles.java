package io.sparsescope.onnx;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Files written beside their targets and moved into place together at the end. Whatever was not
 * committed is deleted.
 */
final class StagedFiles implements AutoCloseable {

  private record Staged(Path temporary, Path target) {}

  /** Writes one file's content. */
  interface Content {
    void write(FileChannel out) throws IOException;
  }

  private final List<Staged> staged = new ArrayList<>();

  /** Writes what shall become {@code target}. */
  void stage(Path target, Content content) throws IOException {
    // A short name of its own: the target's may already be as long as names can be.
    Path temporary = target.resolveSibling(".sparsescope-" + UUID.randomUUID() + ".tmp");
    // Listed only once it is ours to delete.
    try (FileChannel out =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      staged.add(new Staged(temporary, target));
      content.write(out);
    }
  }

  /** Moves all files into place, in the order in which they were staged. */
  void commit() throws IOException {
    List<Path> created = new ArrayList<>();
    try {
      for (Staged file : staged) {
        boolean isNew = !Files.exists(file.target());
        move(file);
        if (isNew) {
          created.add(file.target());
        }
      }
      staged.clear();
    } catch (IOException e) {
      for (Path file : created) {
        Files.deleteIfExists(file);
      }
      throw e;
    }
  }

  private static void move(Staged file) throws IOException {
    try {
      Files.move(file.temporary(), file.target(), StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(file.temporary(), file.target(), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  @Override
  public void close() throws IOException {
    for (Staged file : staged) {
      Files.deleteIfExists(file.temporary());
    }
  }
}
