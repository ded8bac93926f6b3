package io.sparsescope.agent.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The agent's options, checked.
 *
 * @param tap patterns of what to count; empty if not given, which means {@link #DEFAULT_TAP} unless
 *     the rule file has taps
 * @param rules rule file, whose taps and blocks are used; its thresholds are not applied to a live
 *     model
 * @param models glob on a model's file name or graph name
 * @param sample N of {@code sample=1/N}: every N-th run of a session is counted, the first one
 *     included
 * @param out profile file, absolute; empty for none
 * @param interval time between two writes of the profile
 * @param log how much to say on stderr
 */
public record AgentOptions(
    List<String> tap,
    Optional<Path> rules,
    String models,
    int sample,
    Optional<Path> out,
    Duration interval,
    LogLevel log) {

  /** What is counted where nothing else is asked for. */
  public static final String DEFAULT_TAP = "layer:*";

  /** Patterns of what to count, {@code ;} between them. */
  static final String TAP = "tap";

  /** Rule file. */
  static final String RULES = "rules";

  /** Which models: a glob. */
  static final String MODELS = "models";

  /** Which runs are counted: {@code 1/N}. */
  static final String SAMPLE = "sample";

  /** Where counting takes place; this version knows {@code inline} only. */
  static final String MODE = "mode";

  /** Profile file, {@code {pid}} in it is the process id; {@code none} for no file. */
  static final String OUT = "out";

  /** Time between two writes: a number and ms, s, m or h. */
  static final String INTERVAL = "interval";

  /** Port for metrics; this version knows {@code off} only. */
  static final String METRICS = "metrics";

  /** off, error, warn, info or debug. */
  static final String LOG = "log";

  /** YAML file with any of the other keys. */
  static final String CONFIG = "config";

  /** All keys, as messages list them. */
  static final List<String> KEYS =
      List.of(TAP, RULES, MODELS, SAMPLE, MODE, OUT, INTERVAL, METRICS, LOG, CONFIG);

  private static final Pattern FRACTION = Pattern.compile("1/([1-9][0-9]{0,8})");
  private static final Pattern TIME = Pattern.compile("([1-9][0-9]{0,8})(ms|s|m|h)");

  /**
   * Reads options from everywhere.
   *
   * @param arguments what stands behind the {@code =} of {@code -javaagent}, or null
   * @throws OptionException if one is unknown or out of range
   */
  public static AgentOptions read(String arguments) {
    return of(
        OptionSources.merge(arguments, System.getProperties(), System.getenv()),
        ProcessHandle.current().pid());
  }

  static AgentOptions of(Map<String, String> values, long pid) {
    rejectLater(values, MODE, "inline");
    rejectLater(values, METRICS, "off");
    String out = values.getOrDefault(OUT, "sparsescope-{pid}.json");
    return new AgentOptions(
        patterns(values.getOrDefault(TAP, "")),
        Optional.ofNullable(values.get(RULES)).map(value -> path(RULES, value)),
        values.getOrDefault(MODELS, "*"),
        sample(values.getOrDefault(SAMPLE, "1/1")),
        out.equals("none")
            ? Optional.empty()
            : Optional.of(path(OUT, out.replace("{pid}", Long.toString(pid)))),
        interval(values.getOrDefault(INTERVAL, "60s")),
        log(values.getOrDefault(LOG, "warn")));
  }

  private static List<String> patterns(String value) {
    return Arrays.stream(value.split(";"))
        .map(String::strip)
        .filter(pattern -> !pattern.isEmpty())
        .toList();
  }

  private static Path path(String key, String value) {
    try {
      if (!value.isEmpty()) {
        return Path.of(value).toAbsolutePath();
      }
    } catch (InvalidPathException e) {
      throw wrong(key, value, "a file name");
    }
    throw wrong(key, value, "a file name");
  }

  private static int sample(String value) {
    if (value.startsWith("budget=")) {
      throw new OptionException(
          "option sample=" + value + " is not available in this version; use sample=1/N");
    }
    Matcher matcher = FRACTION.matcher(value);
    if (!matcher.matches()) {
      throw wrong(SAMPLE, value, "1/N with N from 1 to 999999999");
    }
    return Integer.parseInt(matcher.group(1));
  }

  private static Duration interval(String value) {
    Matcher matcher = TIME.matcher(value);
    if (!matcher.matches()) {
      throw wrong(INTERVAL, value, "a time such as 500ms, 60s, 5m or 1h");
    }
    long number = Long.parseLong(matcher.group(1));
    Duration duration =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(number);
          case "s" -> Duration.ofSeconds(number);
          case "m" -> Duration.ofMinutes(number);
          default -> Duration.ofHours(number);
        };
    if (duration.toMillis() < 100) {
      throw wrong(INTERVAL, value, "a time of at least 100ms");
    }
    return duration;
  }

  private static LogLevel log(String value) {
    for (LogLevel level : LogLevel.values()) {
      if (level.name().toLowerCase(Locale.ROOT).equals(value)) {
        return level;
      }
    }
    throw wrong(
        LOG,
        value,
        "one of "
            + Arrays.stream(LogLevel.values())
                .map(level -> level.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", ")));
  }

  private static void rejectLater(Map<String, String> values, String key, String only) {
    String value = values.getOrDefault(key, only);
    if (!value.equals(only)) {
      throw new OptionException(
          "option "
              + key
              + "="
              + value
              + " is not available in this version; leave it out or use "
              + key
              + "="
              + only);
    }
  }

  private static OptionException wrong(String key, String value, String wanted) {
    return new OptionException("option " + key + "=" + value + " is wrong; give " + wanted);
  }
}
