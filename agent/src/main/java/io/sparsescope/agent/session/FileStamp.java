package io.sparsescope.agent.session;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Which file it is and when it was last changed, by the clock that no program can set back: two
 * equal stamps are of the same bytes, if the first was taken some time after the change.
 */
record FileStamp(Object device, Object inode, Object size, Object modified, FileTime changed) {
  private static final String ATTRIBUTES = "unix:dev,ino,size,lastModifiedTime,ctime";

  /** Empty where the system does not tell. */
  static Optional<FileStamp> of(Path file) {
    try {
      Map<String, Object> known = Files.readAttributes(file, ATTRIBUTES);
      return Optional.of(
          new FileStamp(
              known.get("dev"),
              known.get("ino"),
              known.get("size"),
              known.get("lastModifiedTime"),
              (FileTime) known.get("ctime")));
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  /**
   * Whether it is the same file, of the same size and time of its last change, which a program may
   * have set back.
   */
  boolean isSameContent(FileStamp other) {
    return Objects.equals(device, other.device)
        && Objects.equals(inode, other.inode)
        && Objects.equals(size, other.size)
        && Objects.equals(modified, other.modified);
  }

  // By hand: what a record has by itself the JVM makes at run time, in the first session.
  @Override
  public boolean equals(Object other) {
    return other instanceof FileStamp stamp
        && Objects.equals(device, stamp.device)
        && Objects.equals(inode, stamp.inode)
        && Objects.equals(size, stamp.size)
        && Objects.equals(modified, stamp.modified)
        && Objects.equals(changed, stamp.changed);
  }

  @Override
  public int hashCode() {
    return Objects.hash(device, inode, size, modified, changed);
  }
}
