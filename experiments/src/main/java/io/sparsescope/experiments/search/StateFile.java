package io.sparsescope.experiments.search;

import io.sparsescope.experiments.ExperimentException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Keeps what a search has found so far, so that it can go on behind an interruption. */
final class StateFile {
  private final Optional<Path> file;
  private final String key;
  private final List<UnitResult> units = new ArrayList<>();

  private StateFile(Optional<Path> file, String key) {
    this.file = file;
    this.key = key;
  }

  /**
   * Opens the state of a search.
   *
   * @param file where it lies; empty to keep none
   * @param resume whether to go on with what is there
   * @param parts what the answer depends on
   * @throws ExperimentException if there is a state that must not be lost, or one of another search
   */
  static StateFile open(Optional<Path> file, boolean resume, String... parts) {
    StateFile state = new StateFile(file, digest(parts));
    if (file.isPresent() && Files.exists(file.get())) {
      SearchState found = SearchState.FILE.read(file.get(), SearchState.class);
      if (!resume) {
        throw new ExperimentException(
            file.get()
                + ": holds an unfinished search of "
                + found.units().size()
                + " layers or blocks; add --resume to go on with it, or delete it");
      }
      if (!found.key().equals(state.key)) {
        throw new ExperimentException(
            file.get()
                + ": belongs to a search with another model, other data or other options; give the"
                + " same ones, or delete it");
      }
      state.units.addAll(found.units());
    }
    return state;
  }

  /** What was found for the next unit before the search was interrupted, if anything. */
  Optional<UnitResult> known(int index, SearchUnit unit) {
    return units.stream()
        .skip(index)
        .findFirst()
        .filter(result -> result.unit().equals(unit.name()));
  }

  /** Takes note of what was found for the next unit, and writes it down. */
  void add(UnitResult result) {
    units.add(result);
    file.ifPresent(path -> SearchState.FILE.write(new SearchState(key, units), path));
  }

  /** Deletes the state in a file, once its search is done. */
  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new ExperimentException(
          file + ": cannot be deleted (" + e.getMessage() + "); delete it by hand", e);
    }
  }

  private static String digest(String... parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String part : parts) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
        digest.update(bytes);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
