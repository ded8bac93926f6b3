package io.sparsescope.agent.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The agent's options, checked.
 *
 * @param tap patterns of what to count; empty if not given, which means {@link #DEFAULT_TAP} unless
 *     the rule file has taps
 * @param rules rule file, whose taps and blocks are used; its thresholds are applied to a live
 *     model only if it says live
 * @param models glob on a model's file name or graph name
 * @param sample which runs are counted
 * @param mode where they are counted
 * @param queue runs that may wait to be counted in shadow mode
 * @param counting what counts
 * @param out profile file, absolute; empty for none
 * @param interval time between two writes of the profile
 * @param retain how many intervals are kept as files of their own beside the profile; 0 for none
 * @param reference profile that the live one is compared with
 * @param histogram whether the elements' magnitudes are counted, too; not with a reference
 * @param metrics where metrics and the live page are served, empty for nowhere
 * @param otlp endpoint that metrics are sent to, empty for none
 * @param log how much to say on stderr
 */
public record AgentOptions(
    List<String> tap,
    Optional<Path> rules,
    String models,
    Sampling sample,
    Mode mode,
    int queue,
    CountingWay counting,
    Optional<Path> out,
    Duration interval,
    int retain,
    Optional<Path> reference,
    boolean histogram,
    Optional<Listen> metrics,
    Optional<URI> otlp,
    LogLevel log) {

  /** What is counted where nothing else is asked for. */
  public static final String DEFAULT_TAP = "layer:*";

  /** Patterns of what to count, {@code ;} between them. */
  static final String TAP = "tap";

  /** Rule file. */
  static final String RULES = "rules";

  /** Which models: a glob. */
  static final String MODELS = "models";

  /** Which runs are counted: {@code 1/N}, {@code budget=P%} or {@code window=TIME/TIME}. */
  static final String SAMPLE = "sample";

  /** Where counting takes place: inline or shadow. */
  static final String MODE = "mode";

  /** How many runs may wait in shadow mode. */
  static final String QUEUE = "queue";

  /** What counts: auto, onnx or native. */
  static final String COUNTING = "counting";

  /** Profile file, {@code {pid}} in it is the process id; {@code none} for no file. */
  static final String OUT = "out";

  /** Time between two writes: a number and ms, s, m or h. */
  static final String INTERVAL = "interval";

  /** How many intervals are kept as files. */
  static final String RETAIN = "retain";

  /** Profile file to compare with. */
  static final String REFERENCE = "reference";

  /** Whether magnitudes are counted: true or false. */
  static final String HISTOGRAM = "histogram";

  /** Where metrics are served: {@code off}, {@code PORT} or {@code HOST:PORT}. */
  static final String METRICS = "metrics";

  /** Where metrics are sent to: {@code off} or a URL. */
  static final String OTLP = "otlp";

  /** off, error, warn, info or debug. */
  static final String LOG = "log";

  /** YAML file with any of the other keys. */
  static final String CONFIG = "config";

  /** All keys, as messages list them. */
  static final List<String> KEYS =
      List.of(
          TAP, RULES, MODELS, SAMPLE, MODE, QUEUE, COUNTING, OUT, INTERVAL, RETAIN, REFERENCE,
          HISTOGRAM, METRICS, OTLP, LOG, CONFIG);

  private static final Pattern FRACTION = Pattern.compile("1/([1-9][0-9]{0,8})");
  private static final Pattern BUDGET = Pattern.compile("budget=([0-9]{1,3}(?:\\.[0-9]{1,6})?)%");
  private static final Pattern WINDOW = Pattern.compile("window=([^/]*)/([^/]*)");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
  private static final Pattern LISTEN =
      Pattern.compile("(?:(\\[[0-9a-fA-F:.%]+\\]|[^:\\[\\]/\\s]+):)?([0-9]{1,5})");
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

  /**
   * The options that are given anywhere, as they are written, by key; the others have their
   * defaults.
   *
   * @param arguments as for {@link #read}
   * @throws OptionException if one is unknown
   */
  public static Map<String, String> given(String arguments) {
    return new TreeMap<>(OptionSources.merge(arguments, System.getProperties(), System.getenv()));
  }

  static AgentOptions of(Map<String, String> values, long pid) {
    String out = values.getOrDefault(OUT, "sparsescope-{pid}.json");
    return new AgentOptions(
        patterns(values.getOrDefault(TAP, "")),
        Optional.ofNullable(values.get(RULES)).map(value -> path(RULES, value)),
        values.getOrDefault(MODELS, "*"),
        sample(values.getOrDefault(SAMPLE, "1/1")),
        oneOf(MODE, values.getOrDefault(MODE, "inline"), Mode.values()),
        number(QUEUE, values.getOrDefault(QUEUE, "4"), 1, 1024),
        oneOf(COUNTING, values.getOrDefault(COUNTING, "auto"), CountingWay.values()),
        out.equals("none")
            ? Optional.empty()
            : Optional.of(path(OUT, out.replace("{pid}", Long.toString(pid)))),
        interval(values.getOrDefault(INTERVAL, "60s")),
        number(RETAIN, values.getOrDefault(RETAIN, "0"), 0, 100_000),
        Optional.ofNullable(values.get(REFERENCE)).map(value -> path(REFERENCE, value)),
        histogram(values),
        listen(values.getOrDefault(METRICS, "off")),
        endpoint(values.getOrDefault(OTLP, "off")),
        oneOf(LOG, values.getOrDefault(LOG, "warn"), LogLevel.values()));
  }

  private static boolean histogram(Map<String, String> values) {
    String value = values.getOrDefault(HISTOGRAM, "false");
    if (!value.equals("true") && !value.equals("false")) {
      throw wrong(HISTOGRAM, value, "true or false");
    }
    boolean histogram = value.equals("true");
    if (histogram && values.containsKey(REFERENCE)) {
      throw new OptionException(
          "options histogram=true and reference do not go together; take histograms without a"
              + " reference, and compare the profile with 'sparsescope drift'");
    }
    return histogram;
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

  private static Sampling sample(String value) {
    Matcher fraction = FRACTION.matcher(value);
    if (fraction.matches()) {
      return new Sampling.Every(Integer.parseInt(fraction.group(1)));
    }
    Matcher budget = BUDGET.matcher(value);
    if (budget.matches()) {
      double share = Double.parseDouble(budget.group(1)) / 100;
      if (share > 0 && share <= 1) {
        return new Sampling.Budget(share);
      }
    }
    Matcher window = WINDOW.matcher(value);
    if (window.matches()) {
      Duration length = time(window.group(1));
      Duration period = time(window.group(2));
      if (length != null && period != null && length.compareTo(period) < 0) {
        return new Sampling.Window(length, period);
      }
    }
    throw wrong(
        SAMPLE,
        value,
        "1/N with N from 1 to 999999999, budget=P% with P above 0 and at most 100, or"
            + " window=TIME/PERIOD such as window=10s/10m");
  }

  private static Duration interval(String value) {
    Duration duration = time(value);
    if (duration == null) {
      throw wrong(INTERVAL, value, "a time such as 500ms, 60s, 5m or 1h");
    }
    if (duration.toMillis() < 100) {
      throw wrong(INTERVAL, value, "a time of at least 100ms");
    }
    return duration;
  }

  /** Null if it is none. */
  private static Duration time(String value) {
    Matcher matcher = TIME.matcher(value);
    if (!matcher.matches()) {
      return null;
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      default -> Duration.ofHours(number);
    };
  }

  private static int number(String key, String value, int from, int to) {
    if (NUMBER.matcher(value).matches()) {
      int number = Integer.parseInt(value);
      if (number >= from && number <= to) {
        return number;
      }
    }
    throw wrong(key, value, "a number from " + from + " to " + to);
  }

  private static Optional<Listen> listen(String value) {
    if (value.equals("off")) {
      return Optional.empty();
    }
    Matcher matcher = LISTEN.matcher(value);
    if (matcher.matches() && Integer.parseInt(matcher.group(2)) <= 0xffff) {
      String host = matcher.group(1) == null ? Listen.LOOPBACK : matcher.group(1);
      return Optional.of(new Listen(host, Integer.parseInt(matcher.group(2))));
    }
    throw wrong(METRICS, value, "off, PORT or HOST:PORT");
  }

  private static Optional<URI> endpoint(String value) {
    if (value.equals("off")) {
      return Optional.empty();
    }
    try {
      URI uri = new URI(value);
      if (uri.getHost() != null && List.of("http", "https").contains(uri.getScheme())) {
        return Optional.of(uri);
      }
    } catch (URISyntaxException e) {
      throw wrong(OTLP, value, "off or a URL such as http://localhost:4318");
    }
    throw wrong(OTLP, value, "off or a URL such as http://localhost:4318");
  }

  private static <E extends Enum<E>> E oneOf(String key, String value, E[] constants) {
    for (E constant : constants) {
      if (constant.name().toLowerCase(Locale.ROOT).equals(value)) {
        return constant;
      }
    }
    throw wrong(
        key,
        value,
        "one of "
            + Arrays.stream(constants)
                .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", ")));
  }

  private static OptionException wrong(String key, String value, String wanted) {
    return new OptionException("option " + key + "=" + value + " is wrong; give " + wanted);
  }
}
