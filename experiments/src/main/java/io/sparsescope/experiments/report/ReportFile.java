package io.sparsescope.experiments.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.search.By;
import io.sparsescope.experiments.search.SearchResult;
import io.sparsescope.experiments.train.series.TrainingSeries;
import io.sparsescope.experiments.train.sweep.SweepResult;
import io.sparsescope.profile.Profile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A file that goes into a report: a profile, a search result, a training series or a sweep.
 *
 * @param net the net it is of; "" if the user did not name it
 * @param variant what tells it from other results of the net, such as L1; "" if not named
 * @param labelled whether the user named net or variant
 * @param file where it lies
 * @param content its text
 * @param format its {@code format}
 */
public record ReportFile(
    String net, String variant, boolean labelled, Path file, String content, String format) {

  private static final Map<String, String> FORMATS =
      Map.of(
          Profile.FORMAT, "profile",
          SearchResult.FORMAT, "search result",
          TrainingSeries.FORMAT, "training series",
          SweepResult.FORMAT, "sweep");

  /**
   * Reads a file named as {@code FILE}, {@code VARIANT=FILE} or {@code NET/VARIANT=FILE}. What it
   * holds is read by {@link Report#of}.
   *
   * @throws ExperimentException if it cannot be read, or is none of these files
   */
  public static ReportFile read(String argument) {
    int equals = argument.indexOf('=');
    if (equals < 0 || Files.exists(Path.of(argument))) {
      return read("", "", false, Path.of(argument));
    }
    String label = argument.substring(0, equals);
    int slash = label.lastIndexOf('/');
    return read(
        label.substring(0, Math.max(0, slash)),
        label.substring(slash + 1),
        true,
        Path.of(argument.substring(equals + 1)));
  }

  private static ReportFile read(String net, String variant, boolean labelled, Path file) {
    String content;
    try {
      content = Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new ExperimentException(
          file + ": no such file; name a profile, search result or series that exists", e);
    } catch (IOException e) {
      throw new ExperimentException(
          file + ": cannot be read as text; name a profile, search result or series (JSON)", e);
    }
    String format = formatOf(content);
    if (!FORMATS.containsKey(format)) {
      throw new ExperimentException(
          file
              + ": neither profile nor search result, training series or sweep ("
              + (format.isEmpty() ? "no \"format\"" : "format " + oneLine(format))
              + "); name files that the agent or 'sparsescope profile', 'search' or 'train' wrote");
    }
    return new ReportFile(net, variant, labelled, file, content, format);
  }

  /**
   * Reads the file through, so that what is wrong with it is known before others are joined to it.
   *
   * @param by what rows are asked for; empty for whatever the files know
   * @throws io.sparsescope.profile.ProfileException if a profile is cut off, damaged or newer
   * @throws ExperimentException if a search result is, or does not know what is asked for
   */
  public void check(Optional<By> by) {
    if (isSeries()) {
      series();
      return;
    }
    if (isSweep()) {
      sweep();
      return;
    }
    findings(by.orElse(isByBlock() ? By.BLOCK : By.LAYER));
  }

  /**
   * What the file tells of each model in it.
   *
   * @throws io.sparsescope.profile.ProfileException if a profile is cut off, damaged or newer
   * @throws ExperimentException if a search result is, or does not know what is asked for
   */
  List<Finding> findings(By by) {
    List<Finding> found =
        search()
            .map(result -> List.of(SearchFindings.of(file.toString(), result, by)))
            .orElseGet(() -> profile(by));
    if (labelled && found.size() > 1) {
      throw new ExperimentException(
          file
              + ": holds "
              + found.size()
              + " models, for which there is one label: leave the label out");
    }
    return found;
  }

  /** Whether it tells of a training, step by step. */
  public boolean isSeries() {
    return format.equals(TrainingSeries.FORMAT);
  }

  /** Whether it tells of a sweep. */
  public boolean isSweep() {
    return format.equals(SweepResult.FORMAT);
  }

  /**
   * The training series, where it is one.
   *
   * @throws ExperimentException if it is cut off, damaged or newer
   */
  public TrainingSeries series() {
    return TrainingSeries.parse(file.toString(), content);
  }

  /**
   * The sweep, where it is one.
   *
   * @throws ExperimentException if it is cut off, damaged or newer
   */
  public SweepResult sweep() {
    return SweepResult.parse(file.toString(), content);
  }

  /** Whether only blocks are known. */
  boolean isByBlock() {
    return search().filter(result -> result.by().equals(By.BLOCK.label())).isPresent();
  }

  /**
   * The search result, if it is one.
   *
   * @throws ExperimentException if it is cut off, damaged or newer
   */
  public Optional<SearchResult> search() {
    return format.equals(SearchResult.FORMAT)
        ? Optional.of(SearchResult.parse(file.toString(), content))
        : Optional.empty();
  }

  /**
   * The profile, where it is one.
   *
   * @throws io.sparsescope.profile.ProfileException if it is cut off, damaged or newer
   * @throws ExperimentException if there is no model in it
   */
  public Profile profile() {
    Profile profile = Profile.parse(file.toString(), content);
    if (profile.models().isEmpty()) {
      throw new ExperimentException(file + ": no model was run while it was taken; take another");
    }
    return profile;
  }

  /** Whether it is a profile. */
  public boolean isProfile() {
    return format.equals(Profile.FORMAT);
  }

  /** What it is, in words. */
  public String what() {
    return FORMATS.get(format);
  }

  /** What it is called where it stands beside others: its label, or the file's name. */
  public String title() {
    if (labelled) {
      return net.isEmpty() || variant.isEmpty() ? net + variant : net + " " + variant;
    }
    String name = String.valueOf(file.getFileName());
    return name.endsWith(".json") ? name.substring(0, name.length() - 5) : name;
  }

  /** The same file, named by its title if the user did not name it. */
  public ReportFile labelledByTitle() {
    return labelled ? this : new ReportFile("", title(), true, file, content, format);
  }

  private List<Finding> profile(By by) {
    return new ArrayList<>(ProfileFindings.of(file.toString(), profile(), by));
  }

  /** The text behind the outermost key "format", as far as the text is JSON; else "". */
  private static String formatOf(String content) {
    try (JsonParser parser = new JsonFactory().createParser(content)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return "";
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        boolean isFormat = parser.currentName().equals("format");
        JsonToken value = parser.nextToken();
        if (isFormat) {
          return value == JsonToken.VALUE_STRING ? parser.getText() : "";
        }
        parser.skipChildren();
      }
      return "";
    } catch (IOException e) {
      // It ends, or stops being JSON, before it says what it is.
      return "";
    }
  }

  private static String oneLine(String text) {
    return text.lines().findFirst().orElse("").strip();
  }
}
