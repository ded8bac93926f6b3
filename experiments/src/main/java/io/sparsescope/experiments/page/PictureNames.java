package io.sparsescope.experiments.page;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Names files after what pictures show: letters, digits and dashes, none twice, not even for a file
 * system that takes capitals for small letters.
 */
final class PictureNames {
  private static final int LONGEST = 60;

  private PictureNames() {}

  /** A name for each picture, without an ending; with what it is of where others are of a kind. */
  static List<String> of(List<Picture> pictures) {
    Map<String, Long> kinds = pictures.stream().collect(groupingBy(Picture::kind, counting()));
    Set<String> taken = new HashSet<>();
    List<String> names = new ArrayList<>();
    for (Picture picture : pictures) {
      boolean alone = kinds.get(picture.kind()) == 1;
      String name = plain(alone ? picture.kind() : picture.kind() + " " + picture.of());
      names.add(free(name, taken));
    }
    return names;
  }

  private static String free(String name, Set<String> taken) {
    String free = name;
    for (int i = 2; !taken.add(free.toLowerCase(Locale.ROOT)); i++) {
      free = name + "-" + i;
    }
    return free;
  }

  private static String plain(String text) {
    String plain = text.replaceAll("[^A-Za-z0-9]+", "-");
    return plain.substring(0, Math.min(LONGEST, plain.length())).replaceAll("^-|-$", "");
  }
}
