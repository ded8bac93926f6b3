package io.sparsescope.agent.runtime;

import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingInt;

import io.sparsescope.profile.Profile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Files beside the profile that hold the counts of one interval each, named after its start in UTC:
 * {@code NAME-20260131T235900Z.json} beside {@code NAME.json}; a second one of the same second ends
 * in {@code Z-1.json}. The newest ones are kept, those of an earlier process of the same name among
 * them. Nothing is deleted but regular files of such names.
 */
final class IntervalFiles {
  private static final String SUFFIX = ".json";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final Path folder;
  private final String name;
  private final Pattern pattern;
  private final int retain;

  /**
   * @param profile the file that they lie beside
   * @param retain how many are kept, 1 at least
   */
  IntervalFiles(Path profile, int retain) {
    folder = profile.toAbsolutePath().getParent();
    String file = profile.getFileName().toString();
    name = file.endsWith(SUFFIX) ? file.substring(0, file.length() - SUFFIX.length()) : file;
    pattern =
        Pattern.compile(Pattern.quote(name) + "-(\\d{8}T\\d{6}Z)(?:-([1-9]\\d{0,8}))?\\.json");
    this.retain = retain;
  }

  /**
   * Writes an interval's file.
   *
   * @return the file written
   * @throws io.sparsescope.profile.ProfileException if it cannot be written
   */
  Path write(Profile interval, Instant start) {
    String stem = name + "-" + TIME.format(start);
    Path file = folder.resolve(stem + SUFFIX);
    for (int i = 1; Files.exists(file, LinkOption.NOFOLLOW_LINKS); i++) {
      file = folder.resolve(stem + "-" + i + SUFFIX);
    }
    interval.writeTo(file);
    return file;
  }

  /**
   * Deletes the oldest ones beyond those to keep.
   *
   * @throws IOException if they cannot be listed or deleted
   */
  void deleteOldest() throws IOException {
    List<Kept> kept = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      files.forEach(file -> kept(file).ifPresent(kept::add));
    }
    kept.sort(comparing(Kept::start).thenComparing(comparingInt(Kept::number)));
    for (Kept old : kept.subList(0, Math.max(0, kept.size() - retain))) {
      Files.deleteIfExists(old.file());
    }
  }

  private Optional<Kept> kept(Path file) {
    Matcher matcher = pattern.matcher(file.getFileName().toString());
    if (!matcher.matches() || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    int number = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
    return Optional.of(new Kept(file, matcher.group(1), number));
  }

  private record Kept(Path file, String start, int number) {}
}
