package io.sparsescope.experiments;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * JSON files that begin with a format and a version.
 *
 * @param format the {@code format} of such files
 * @param version the newest {@code version} that is read
 * @param what what messages call such a file, for example "search result"
 * @param writer the command that writes such files, for example "search"
 * @param remedy what to do about a damaged one
 */
public record JsonFile(String format, int version, String what, String writer, String remedy) {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  private static final ObjectWriter WRITER =
      MAPPER.writer(new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")));

  /**
   * Reads a file.
   *
   * @throws ExperimentException if it cannot be read, is of another format, cut off or newer
   */
  public <T> T read(Path file, Class<T> type) {
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new ExperimentException(file + ": no such file; name a " + what + " that exists", e);
    } catch (IOException e) {
      throw new ExperimentException(
          file + ": cannot be read as a " + what + " (" + TextFile.reason(e) + ")", e);
    }
    return parse(file.toString(), text, type);
  }

  /** Reads text; {@code source} is what messages call it. */
  public <T> T parse(String source, String text, Class<T> type) {
    JsonNode tree;
    try {
      tree = MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new ExperimentException(
          source
              + ": no JSON, or cut off at line "
              + (e.getLocation() == null ? 1 : e.getLocation().getLineNr())
              + "; "
              + remedy,
          e);
    }
    String found = tree.path("format").asText();
    if (!found.equals(format)) {
      throw new ExperimentException(
          source
              + ": no "
              + what
              + " ("
              + (found.isEmpty() ? "no \"format\"" : "format " + oneLine(found))
              + "); name a file that 'sparsescope "
              + writer
              + "' wrote");
    }
    JsonNode number = tree.path("version");
    if (!number.isIntegralNumber() || number.asLong() < 1) {
      throw new ExperimentException(source + ": a " + what + " without a version; " + remedy);
    }
    if (number.asLong() > version) {
      throw new ExperimentException(
          source
              + ": a "
              + what
              + " of version "
              + number.asLong()
              + ", but this Sparsescope reads up to "
              + version
              + "; use a newer Sparsescope");
    }
    try {
      return MAPPER.treeToValue(tree, type);
    } catch (JsonProcessingException e) {
      throw new ExperimentException(
          source + ": a damaged " + what + " (" + oneLine(e.getOriginalMessage()) + "); " + remedy,
          e);
    }
  }

  /** The file's content. */
  public String toJson(Object value) {
    try {
      return WRITER.writeValueAsString(value) + "\n";
    } catch (JsonProcessingException e) {
      throw new ExperimentException("a " + what + " cannot be written as JSON: " + oneLine(e), e);
    }
  }

  /**
   * Writes a file: beside the target, then moved into place.
   *
   * @throws ExperimentException if it cannot be written; a file that was there is unchanged
   */
  public void write(Object value, Path file) {
    TextFile.write(toJson(value), file, what);
  }

  private static String oneLine(Object text) {
    return String.valueOf(text).lines().findFirst().orElse("").strip();
  }
}
