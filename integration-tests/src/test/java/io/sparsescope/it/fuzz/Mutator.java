package io.sparsescope.it.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damages models as disks, networks and attackers do. Same seed, same damage. */
final class Mutator {
  private static final int MOST_MUTATIONS = 4;
  private static final int LARGEST = 4 << 20;

  private final Random random;
  private final List<byte[]> models;

  Mutator(long seed, List<byte[]> models) {
    this.random = new Random(seed);
    this.models = List.copyOf(models);
  }

  /** A model with one to four things wrong. */
  byte[] next() {
    byte[] bytes = any().clone();
    int mutations = random.nextInt(3) > 0 ? 1 : 1 + random.nextInt(MOST_MUTATIONS);
    for (int i = 0; i < mutations; i++) {
      byte[] changed = mutate(bytes);
      bytes = changed.length > LARGEST ? bytes : changed;
    }
    return bytes;
  }

  private byte[] mutate(byte[] bytes) {
    if (bytes.length == 0) {
      return bytes;
    }
    return switch (random.nextInt(9)) {
      case 0 -> flipBits(bytes);
      case 1 -> Arrays.copyOf(bytes, random.nextInt(bytes.length));
      case 2 -> splice(bytes, any());
      case 3 -> hugeVarint(bytes);
      case 4 -> duplicate(bytes);
      case 5 -> remove(bytes);
      case 6 -> nudge(bytes);
      case 7 -> copyWithin(bytes);
      default -> randomRun(bytes);
    };
  }

  private byte[] any() {
    return models.get(random.nextInt(models.size()));
  }

  private byte[] flipBits(byte[] bytes) {
    int flips = 1 + random.nextInt(8);
    for (int i = 0; i < flips; i++) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  /** The head of one model, the tail of another. */
  private byte[] splice(byte[] head, byte[] tail) {
    int cut = random.nextInt(head.length);
    int from = tail.length == 0 ? 0 : random.nextInt(tail.length);
    byte[] out = Arrays.copyOf(head, cut + tail.length - from);
    System.arraycopy(tail, from, out, cut, tail.length - from);
    return out;
  }

  /** A length, a dimension or a number becomes huge or negative. */
  private byte[] hugeVarint(byte[] bytes) {
    int length = 1 + random.nextInt(10);
    int at = random.nextInt(bytes.length);
    byte[] out = insert(bytes, at, length);
    for (int i = 0; i < length - 1; i++) {
      out[at + i] = (byte) (0x80 | random.nextInt(128));
    }
    out[at + length - 1] = (byte) random.nextInt(128);
    return out;
  }

  private byte[] duplicate(byte[] bytes) {
    int from = random.nextInt(bytes.length);
    int length = 1 + random.nextInt(bytes.length - from);
    int at = random.nextInt(bytes.length);
    byte[] chunk = Arrays.copyOfRange(bytes, from, from + length);
    byte[] out = insert(bytes, at, length);
    System.arraycopy(chunk, 0, out, at, length);
    return out;
  }

  private byte[] remove(byte[] bytes) {
    int from = random.nextInt(bytes.length);
    int to = from + 1 + random.nextInt(Math.min(64, bytes.length - from));
    to = Math.min(to, bytes.length);
    byte[] out = Arrays.copyOf(bytes, bytes.length - (to - from));
    System.arraycopy(bytes, to, out, from, bytes.length - to);
    return out;
  }

  /** One byte a little more or less: the next field number, length, type or dimension. */
  private byte[] nudge(byte[] bytes) {
    bytes[random.nextInt(bytes.length)] += (byte) (random.nextBoolean() ? 1 : -1);
    return bytes;
  }

  /** Names become other names: cycles, duplicates, dangling edges. */
  private byte[] copyWithin(byte[] bytes) {
    int length = 1 + random.nextInt(Math.min(16, bytes.length));
    int from = random.nextInt(bytes.length - length + 1);
    int to = random.nextInt(bytes.length - length + 1);
    System.arraycopy(bytes, from, bytes, to, length);
    return bytes;
  }

  private byte[] randomRun(byte[] bytes) {
    int at = random.nextInt(bytes.length);
    int length = 1 + random.nextInt(Math.min(32, bytes.length - at));
    for (int i = 0; i < length; i++) {
      bytes[at + i] = (byte) random.nextInt(256);
    }
    return bytes;
  }

  private static byte[] insert(byte[] bytes, int at, int length) {
    byte[] out = Arrays.copyOf(bytes, bytes.length + length);
    System.arraycopy(bytes, at, out, at + length, bytes.length - at);
    return out;
  }
}
