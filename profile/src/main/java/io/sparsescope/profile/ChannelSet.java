package io.sparsescope.profile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Which channels of a tensor (indices along axis 1) held anything but zeros. Immutable; takes a bit
 * a channel.
 */
public final class ChannelSet {
  private final int channels;
  private final long[] alive;

  private ChannelSet(int channels, long[] alive) {
    this.channels = channels;
    this.alive = alive;
  }

  /**
   * @param channels how many the tensor has, at least 1
   * @param isAlive whether a channel, from 0 on, held anything but zeros
   */
  public static ChannelSet of(int channels, IntPredicate isAlive) {
    if (channels < 1) {
      throw new IllegalArgumentException(channels + " channels");
    }
    long[] bits = new long[(channels + 63) / 64];
    for (int c = 0; c < channels; c++) {
      if (isAlive.test(c)) {
        bits[c / 64] |= 1L << c;
      }
    }
    return new ChannelSet(channels, bits);
  }

  /**
   * @param dead those that held zeros only, sorted
   */
  static ChannelSet withDead(int channels, List<Integer> dead) {
    boolean[] isDead = new boolean[channels];
    dead.forEach(c -> isDead[c] = true);
    return of(channels, c -> !isDead[c]);
  }

  int channels() {
    return channels;
  }

  /** Those that held zeros only, sorted. */
  List<Integer> dead() {
    List<Integer> dead = new ArrayList<>();
    for (int word = 0; word < alive.length; word++) {
      int size = Math.min(64, channels - 64 * word);
      for (long left = ~alive[word] & (-1L >>> (64 - size)); left != 0; left &= left - 1) {
        dead.add(64 * word + Long.numberOfTrailingZeros(left));
      }
    }
    return dead;
  }

  /** Those that are in either; null if the two are not of equally many channels. */
  ChannelSet or(ChannelSet other) {
    if (channels != other.channels) {
      return null;
    }
    // Nearly always: what is alive shows in the first runs.
    int word = 0;
    while (word < alive.length && (other.alive[word] & ~alive[word]) == 0) {
      word++;
    }
    if (word == alive.length) {
      return this;
    }
    long[] both = alive.clone();
    for (; word < both.length; word++) {
      both[word] |= other.alive[word];
    }
    return new ChannelSet(channels, both);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ChannelSet set
        && channels == set.channels
        && Arrays.equals(alive, set.alive);
  }

  @Override
  public int hashCode() {
    return 31 * channels + Arrays.hashCode(alive);
  }

  @Override
  public String toString() {
    return channels + " channels, dead " + dead();
  }
}
