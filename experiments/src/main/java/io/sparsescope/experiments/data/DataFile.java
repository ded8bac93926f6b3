package io.sparsescope.experiments.data;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.XZInputStream;

/** A file of a data set, read from its beginning; gz and xz files are decompressed on the way. */
final class DataFile implements Closeable {
  private final Path path;
  private final InputStream in;

  private DataFile(Path path, InputStream in) {
    this.path = path;
    this.in = in;
  }

  static DataFile open(Path path) {
    InputStream raw = null;
    try {
      raw = Files.newInputStream(path);
      return new DataFile(path, new BufferedInputStream(decompress(path, raw), 1 << 16));
    } catch (IOException e) {
      closeQuietly(raw);
      throw unreadable(path, e);
    }
  }

  private static InputStream decompress(Path path, InputStream raw) throws IOException {
    String name = path.getFileName().toString();
    if (name.endsWith(".gz")) {
      return new GZIPInputStream(raw, 1 << 16);
    }
    return name.endsWith(".xz") ? new XZInputStream(raw) : raw;
  }

  /** A file's name without what says how it is compressed. */
  static String plainName(Path path) {
    return path.getFileName().toString().replaceFirst("\\.(gz|xz)$", "");
  }

  static boolean isCompressed(Path path) {
    return !plainName(path).equals(path.getFileName().toString());
  }

  /** Files of a folder, sorted by name; a path that is a file stands for itself. */
  static List<Path> list(Path folder) {
    if (Files.isRegularFile(folder)) {
      return List.of(folder);
    }
    if (!Files.isDirectory(folder)) {
      throw new DataException(folder + ": no such folder; name the folder of the data set");
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }

  Path path() {
    return path;
  }

  /** Reads up to {@code length} bytes; fewer only at the end of the file. */
  int read(byte[] to, int length) {
    try {
      return in.readNBytes(to, 0, length);
    } catch (EOFException e) {
      throw new DataException(path + ": is cut off; get the file again", e);
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  @Override
  public void close() {
    closeQuietly(in);
  }

  private static void closeQuietly(InputStream in) {
    try {
      if (in != null) {
        in.close();
      }
    } catch (IOException e) {
      // Nothing was written, so nothing is lost.
    }
  }

  private static DataException unreadable(Path path, IOException e) {
    if (e instanceof NoSuchFileException) {
      return new DataException(path + ": no such file; name one that exists", e);
    }
    String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    return new DataException(
        path
            + ": cannot be read ("
            + (reason == null ? e.getClass().getSimpleName() : reason)
            + "); check that the file is whole and may be read",
        e);
  }
}
