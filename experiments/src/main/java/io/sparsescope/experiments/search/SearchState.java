package io.sparsescope.experiments.search;

import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.sparsescope.experiments.JsonFile;
import java.util.List;

/**
 * An unfinished search: what a state file holds.
 *
 * @param key digest of all that the answer depends on: the model, the data, the options
 * @param units what was found so far, in order
 */
@JsonPropertyOrder({"format", "version", "key", "units"})
record SearchState(String key, List<UnitResult> units) {
  static final JsonFile FILE =
      new JsonFile(
          "sparsescope-search-state", 1, "search state", "search", "delete it and search anew");

  SearchState {
    key = requireNonNullElse(key, "");
    units = List.copyOf(requireNonNullElse(units, List.of()));
  }

  @JsonProperty("format")
  String format() {
    return FILE.format();
  }

  @JsonProperty("version")
  int version() {
    return FILE.version();
  }
}
