package io.sparsescope.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.PrintWriter;

/** Output of programs and for programs. */
final class Json {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private Json() {}

  /**
   * @throws CommandException if it is none
   */
  static JsonNode parse(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException failure) {
      throw new CommandException("not JSON: " + failure.getOriginalMessage(), failure);
    }
  }

  static void print(PrintWriter to, Object value) {
    try {
      to.println(MAPPER.writeValueAsString(value));
    } catch (JsonProcessingException failure) {
      throw new CommandException("cannot write JSON: " + failure.getOriginalMessage(), failure);
    }
  }
}
