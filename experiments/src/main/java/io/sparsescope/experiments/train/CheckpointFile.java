package io.sparsescope.experiments.train;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.TextFile;
import io.sparsescope.rewriter.gradient.update.StateSlot;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * Where a training's state is kept, so that it can go on behind an interruption: a line that names
 * the format, the header as JSON behind its length, the values, a checksum of all of it. A new one
 * is written beside the old one, forced to disk and then moved into place; the old one stays as
 * {@code FILE.previous}. So whenever the process or the machine stops, a whole one is there.
 */
final class CheckpointFile {
  private static final byte[] MAGIC =
      "sparsescope-checkpoint 1\n".getBytes(StandardCharsets.US_ASCII);

  private static final int PIECE = 16 << 20;
  private static final ObjectMapper MAPPER =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private final Path file;
  private final Path previous;
  private final Path next;
  private final Opener opener;

  /** Opens a file that does not count before it is moved into place. */
  interface Opener {
    Target open(Path file) throws IOException;
  }

  /** A file that is written. */
  interface Target extends WritableByteChannel {
    /** Has the disk hold all that was written. */
    void force() throws IOException;
  }

  /** A file on disk. */
  record DiskFile(FileChannel channel) implements Target {
    static DiskFile open(Path file) throws IOException {
      return new DiskFile(
          FileChannel.open(
              file,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE));
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      return channel.write(bytes);
    }

    @Override
    public void force() throws IOException {
      channel.force(true);
    }

    @Override
    public boolean isOpen() {
      return channel.isOpen();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /**
   * A checkpoint that was read.
   *
   * @param notice why it is not the last one, if it is not
   */
  record Found(CheckpointHeader header, Optional<String> notice) {}

  CheckpointFile(Path file) {
    this(file, DiskFile::open);
  }

  CheckpointFile(Path file, Opener opener) {
    this.file = file;
    this.opener = opener;
    previous = file.resolveSibling(file.getFileName() + ".previous");
    next = file.resolveSibling(file.getFileName() + ".next");
  }

  /** Whether there is one, whole or not. */
  boolean exists() {
    return Files.exists(file) || Files.exists(previous);
  }

  /**
   * Writes a checkpoint.
   *
   * @param state gives the values
   * @throws ExperimentException if it cannot be written; the last one is still there
   */
  void write(CheckpointHeader header, StepState state) {
    try {
      try (Target target = opener.open(next)) {
        write(header, state, target);
        target.force();
      }
      if (Files.exists(file)) {
        Files.move(file, previous, StandardCopyOption.ATOMIC_MOVE);
      }
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      forceFolder();
    } catch (IOException e) {
      discard();
      throw new ExperimentException(
          file
              + ": the checkpoint cannot be written ("
              + TextFile.reason(e)
              + "); make room there, then go on from the last one with --resume",
          e);
    }
  }

  private static void write(CheckpointHeader header, StepState state, WritableByteChannel out)
      throws IOException {
    CRC32C crc = new CRC32C();
    byte[] json = MAPPER.writeValueAsBytes(header);
    put(out, crc, ByteBuffer.wrap(MAGIC));
    put(out, crc, ByteBuffer.allocate(Integer.BYTES).putInt(0, json.length));
    put(out, crc, ByteBuffer.wrap(json));
    for (StateSlot slot : header.state()) {
      put(out, crc, state.value(slot.input()));
    }
    ByteBuffer sum = ByteBuffer.allocate(Long.BYTES).putLong(0, crc.getValue());
    put(out, new CRC32C(), sum);
  }

  private static void put(WritableByteChannel out, CRC32C crc, ByteBuffer bytes)
      throws IOException {
    crc.update(bytes.duplicate());
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  /** The renames are to survive a power failure, too, where the system knows how. */
  private void forceFolder() {
    try (FileChannel folder =
        FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    } catch (IOException e) {
      // Windows opens no folders; its renames are journalled.
    }
  }

  private void discard() {
    try {
      Files.deleteIfExists(next);
    } catch (IOException e) {
      // The failure that led here is the one to report.
    }
  }

  /**
   * Reads the newest whole checkpoint into a state.
   *
   * @throws ExperimentException if there is none, or it is of another training
   */
  Found read(StepState state, Map<String, String> identity) {
    List<String> damage = new ArrayList<>();
    for (Path candidate : List.of(file, previous)) {
      if (!Files.exists(candidate)) {
        damage.add(candidate.getFileName() + " is missing");
        continue;
      }
      try (FileChannel channel = FileChannel.open(candidate)) {
        CheckpointHeader header = read(channel, state, identity);
        Optional<String> notice =
            damage.isEmpty()
                ? Optional.empty()
                : Optional.of(
                    damage.get(0) + "; going on from the checkpoint before it, " + candidate);
        return new Found(header, notice);
      } catch (IOException e) {
        damage.add(candidate.getFileName() + " is damaged (" + TextFile.reason(e) + ")");
      }
    }
    throw new ExperimentException(
        file
            + ": no whole checkpoint: "
            + String.join(", ", damage)
            + "; delete what is there and start anew without --resume");
  }

  private CheckpointHeader read(FileChannel in, StepState state, Map<String, String> identity)
      throws IOException {
    CRC32C crc = new CRC32C();
    if (!ByteBuffer.wrap(MAGIC).equals(get(in, crc, MAGIC.length))) {
      throw new IOException("it does not begin as one");
    }
    int length = get(in, crc, Integer.BYTES).getInt();
    if (length < 0 || length > in.size()) {
      throw new IOException("cut off");
    }
    byte[] json = get(in, crc, length).array();
    List<ByteBuffer> values = new ArrayList<>();
    long left = in.size() - in.position() - Long.BYTES;
    while (left > 0) {
      values.add(get(in, crc, (int) Math.min(left, PIECE)));
      left -= PIECE;
    }
    requireSum(in, crc);
    // Nothing of it is believed before the checksum is known to be right.
    CheckpointHeader header = MAPPER.readValue(json, CheckpointHeader.class);
    requireSame(header, state, identity);
    load(values, state);
    return header;
  }

  private static void load(List<ByteBuffer> pieces, StepState state) {
    Iterator<ByteBuffer> rest = pieces.iterator();
    ByteBuffer piece = ByteBuffer.allocate(0);
    for (StateSlot slot : state.slots()) {
      ByteBuffer to = state.value(slot.input());
      while (to.hasRemaining()) {
        piece = piece.hasRemaining() ? piece : rest.next();
        int bytes = Math.min(piece.remaining(), to.remaining());
        to.put(piece.slice(piece.position(), bytes));
        piece.position(piece.position() + bytes);
      }
    }
  }

  private static void requireSum(FileChannel in, CRC32C crc) throws IOException {
    if (get(in, new CRC32C(), Long.BYTES).getLong() != crc.getValue()) {
      throw new IOException("its checksum is wrong");
    }
  }

  /** Tells the first option that differs. */
  private void requireSame(CheckpointHeader header, StepState state, Map<String, String> identity) {
    Set<String> keys = new LinkedHashSet<>(identity.keySet());
    keys.addAll(header.identity().keySet());
    for (String key : keys) {
      String then = header.identity().getOrDefault(key, "not given");
      String now = identity.getOrDefault(key, "not given");
      if (!then.equals(now)) {
        throw new ExperimentException(
            file
                + ": is of a training with another "
                + key
                + " ("
                + then
                + ", now "
                + now
                + "); give the same, or name another --checkpoint");
      }
    }
    if (!header.state().equals(state.slots())) {
      throw new ExperimentException(
          file + ": is of a training of other parameters; name another --checkpoint");
    }
  }

  private static ByteBuffer get(ReadableByteChannel in, CRC32C crc, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    fill(in, buffer);
    crc.update(buffer.duplicate());
    return buffer;
  }

  private static void fill(ReadableByteChannel in, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (in.read(buffer) < 0) {
        throw new EOFException("cut off");
      }
    }
    buffer.flip();
  }
}
