package io.sparsescope.profile;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.nio.file.Path;
import java.util.List;

/**
 * What one or more processes have counted: the content of a profile file.
 *
 * <p>In the file every field is present; what was not measured is null. Counts are integers and are
 * the truth, sparsities are derived from them and are not read back.
 *
 * @param agent who took it
 * @param models a profile a model
 */
@JsonPropertyOrder({"format", "version", "agent", "models"})
public record Profile(AgentInfo agent, List<ModelProfile> models) {

  /** The file's {@code format}. */
  public static final String FORMAT = "sparsescope-profile";

  /** The newest {@code version} that is read, and the one that is written. */
  public static final int VERSION = 1;

  public Profile {
    agent = requireNonNullElse(agent, AgentInfo.of("", ""));
    models = List.copyOf(requireNonNullElse(models, List.of()));
  }

  /**
   * Reads a profile file.
   *
   * @throws ProfileException if it cannot be read, is no profile, is cut off or of a newer version
   */
  public static Profile read(Path file) {
    return ProfileFile.read(file);
  }

  /**
   * Reads a profile from text.
   *
   * @param source what messages call it
   * @throws ProfileException as {@link #read}
   */
  public static Profile parse(String source, String json) {
    return ProfileFile.parse(source, json);
  }

  /** The file's content. */
  public String toJson() {
    return ProfileFile.toJson(this);
  }

  /**
   * Writes the profile file: beside the target, then moved into place, so that readers see the old
   * file or the new one. Readable by its owner only, where the file system knows owners.
   *
   * @throws ProfileException if it cannot be written; a file that was there is unchanged
   */
  public void writeTo(Path file) {
    ProfileFile.write(this, file);
  }

  /**
   * All profiles as one. Runs of the same model add up: counts exactly, so it does not matter where
   * or in batches of what size they were taken. Models are the same if their bytes, their taps and
   * their thresholds are; others stay apart. Weights, which are the same in every run, are not
   * added. The result does not depend on the order of the profiles, its models are sorted by name.
   *
   * @throws ProfileException if two profiles of the same model disagree on its weights
   */
  public static Profile merge(List<Profile> profiles) {
    return ProfileMerge.merge(profiles);
  }

  @JsonProperty("format")
  String format() {
    return FORMAT;
  }

  @JsonProperty("version")
  int version() {
    return VERSION;
  }
}
