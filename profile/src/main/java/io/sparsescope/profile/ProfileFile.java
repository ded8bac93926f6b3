package io.sparsescope.profile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Reads and writes profiles as JSON. */
final class ProfileFile {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final ObjectWriter WRITER =
      MAPPER.writer(new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")));

  private ProfileFile() {}

  static Profile read(Path file) {
    try {
      return parse(file.toString(), Files.readString(file));
    } catch (NoSuchFileException e) {
      throw new ProfileException(file + ": no such file; name a profile that exists", e);
    } catch (IOException e) {
      throw new ProfileException(
          file + ": cannot be read as a profile (" + reason(e) + "); name a profile's JSON file",
          e);
    }
  }

  static Profile parse(String source, String json) {
    JsonNode tree;
    try {
      tree = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new ProfileException(
          source
              + ": no JSON, or cut off at line "
              + (e.getLocation() == null ? 1 : e.getLocation().getLineNr())
              + "; take the profile again",
          e);
    }
    String format = tree.path("format").asText();
    if (!format.equals(Profile.FORMAT)) {
      throw new ProfileException(
          source
              + ": not a profile ("
              + (format.isEmpty() ? "no \"format\"" : "format " + oneLine(format))
              + "); name a file that the agent or 'sparsescope profile' wrote");
    }
    JsonNode version = tree.path("version");
    if (!version.isIntegralNumber() || version.asLong() < 1) {
      throw new ProfileException(source + ": a profile without a version; take the profile again");
    }
    if (version.asLong() > Profile.VERSION) {
      throw new ProfileException(
          source
              + ": a profile of version "
              + version.asLong()
              + ", but this Sparsescope reads up to "
              + Profile.VERSION
              + "; use a newer Sparsescope");
    }
    try {
      return MAPPER.treeToValue(tree, Profile.class);
    } catch (JsonProcessingException e) {
      throw new ProfileException(
          source + ": a damaged profile (" + oneLine(e.getOriginalMessage()) + "); take it again",
          e);
    }
  }

  static String toJson(Object profile) {
    try {
      return WRITER.writeValueAsString(profile) + "\n";
    } catch (JsonProcessingException e) {
      throw new ProfileException("a profile cannot be written as JSON: " + oneLine(e), e);
    }
  }

  static void write(Profile profile, Path file) {
    byte[] json = toJson(profile).getBytes(StandardCharsets.UTF_8);
    Path folder = file.toAbsolutePath().getParent();
    Path temporary = null;
    try {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        // A device, moved over, would be gone.
        String what = Files.isDirectory(file) ? "is a folder" : "is no regular file";
        throw new FileSystemException(file.toString(), null, what);
      }
      // Created for its owner only (600) wherever the file system has such permissions.
      temporary = Files.createTempFile(folder, "." + file.getFileName(), ".tmp");
      Files.write(temporary, json);
      move(temporary, file);
    } catch (IOException e) {
      delete(temporary);
      throw new ProfileException(
          file
              + ": cannot write the profile ("
              + reason(e)
              + "); choose a folder that exists, can be written to and has room",
          e);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void delete(Path temporary) {
    try {
      if (temporary != null) {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      // The failure that led here is the one to report.
    }
  }

  private static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such folder";
    }
    if (e instanceof AccessDeniedException) {
      return "access denied";
    }
    String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    return reason == null ? e.getClass().getSimpleName() : oneLine(reason);
  }

  private static String oneLine(Object text) {
    return String.valueOf(text).lines().findFirst().orElse("").strip();
  }
}
