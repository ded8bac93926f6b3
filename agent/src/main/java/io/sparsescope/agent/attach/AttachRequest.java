package io.sparsescope.agent.attach;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;

/**
 * A command in a file, as Java properties in UTF-8; the answer is written to the file {@value
 * #REPLY} beside it, as a whole or not at all. The JDK has made sure already that whoever attaches
 * is the JVM's user or the machine's administrator; the folder must be theirs alone, so that nobody
 * else can put a link or a request there.
 */
public final class AttachRequest {
  /** Name of the file with the answer. */
  public static final String REPLY = "reply";

  /** The key of what to do. */
  public static final String COMMAND = "command";

  /** The key of the version of who asks, which must be the agent's own. */
  public static final String VERSION = "version";

  /** The key of the agent's options, for a start. */
  public static final String OPTIONS = "options";

  /** The key of the file to write, for a dump. */
  public static final String FILE = "file";

  private static final long MAX_BYTES = 1 << 20;

  private static final Set<PosixFilePermission> OWNERS =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  private final Path folder;
  private final Properties values;

  private AttachRequest(Path folder, Properties values) {
    this.folder = folder;
    this.values = values;
  }

  /**
   * @throws IOException if the file cannot be read, is a link or no regular file, or others can
   *     reach its folder
   */
  public static AttachRequest read(Path file) throws IOException {
    Path folder = file.getParent();
    if (!file.isAbsolute() || folder == null) {
      throw new IOException(file + " is no absolute path");
    }
    requirePrivate(folder);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > MAX_BYTES) {
      throw new IOException(file + " is no request");
    }
    Properties values = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      values.load(reader);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " is no request", e);
    }
    return new AttachRequest(folder, values);
  }

  /** Where the file system has no such permissions, temporary folders are the user's own. */
  private static void requirePrivate(Path folder) throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(folder + " is no folder");
    }
    PosixFileAttributeView view =
        Files.getFileAttributeView(folder, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (view != null && !OWNERS.containsAll(view.readAttributes().permissions())) {
      throw new IOException(folder + " can be reached by others than its owner");
    }
  }

  /** "" if the request has none. */
  public String get(String key) {
    return values.getProperty(key, "");
  }

  /**
   * Writes what {@code command} makes of this request.
   *
   * @throws IOException if the answer cannot be written
   */
  public void answer(Function<AttachRequest, AttachReply> command) throws IOException {
    AttachReply reply = command.apply(this);
    Properties answer = new Properties();
    answer.setProperty("done", Boolean.toString(reply.done()));
    answer.setProperty("text", reply.text());
    answer.setProperty("result", reply.result());
    Path temporary = folder.resolve(REPLY + ".tmp");
    try (Writer writer = Files.newBufferedWriter(temporary, StandardOpenOption.CREATE_NEW)) {
      answer.store(writer, null);
    }
    Files.move(temporary, folder.resolve(REPLY), StandardCopyOption.ATOMIC_MOVE);
  }
}
