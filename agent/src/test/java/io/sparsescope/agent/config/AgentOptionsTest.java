package io.sparsescope.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgentOptionsTest {
  @TempDir Path folder;

  @Test
  void hasADefaultForEverything() {
    AgentOptions options = options(null);

    assertThat(options.tap()).isEmpty();
    assertThat(options.rules()).isEmpty();
    assertThat(options.models()).isEqualTo("*");
    assertThat(options.sample()).isEqualTo(new Sampling.Every(1));
    assertThat(options.mode()).isEqualTo(Mode.INLINE);
    assertThat(options.queue()).isEqualTo(4);
    assertThat(options.counting()).isEqualTo(CountingWay.AUTO);
    assertThat(options.out()).hasValue(Path.of("sparsescope-42.json").toAbsolutePath());
    assertThat(options.interval()).isEqualTo(Duration.ofSeconds(60));
    assertThat(options.retain()).isZero();
    assertThat(options.reference()).isEmpty();
    assertThat(options.metrics()).isEmpty();
    assertThat(options.otlp()).isEmpty();
    assertThat(options.histogram()).isFalse();
    assertThat(options.log()).isEqualTo(LogLevel.WARN);
  }

  @Test
  void takesHistogramsWithoutAReferenceOnly() {
    assertThat(options("histogram=true").histogram()).isTrue();
    assertThat(options("histogram=false,reference=p.json").histogram()).isFalse();
    assertThatThrownBy(() -> options("histogram=yes"))
        .isInstanceOf(OptionException.class)
        .hasMessage("option histogram=yes is wrong; give true or false");
    assertThatThrownBy(() -> options("histogram=true,reference=p.json"))
        .isInstanceOf(OptionException.class)
        .hasMessageContaining("do not go together");
  }

  @Test
  void readsEveryKey() {
    AgentOptions options =
        options(
            "tap=op:Relu; /a/** ;,rules=r.yaml,models=m*,sample=1/100,out=/x/{pid}/p.json,"
                + "interval=5m,log=debug,mode=shadow,queue=7,counting=native,retain=24,"
                + "reference=p.json,metrics=0.0.0.0:9090,otlp=http://localhost:4318");

    assertThat(options.tap()).containsExactly("op:Relu", "/a/**");
    assertThat(options.rules()).hasValue(Path.of("r.yaml").toAbsolutePath());
    assertThat(options.models()).isEqualTo("m*");
    assertThat(options.sample()).isEqualTo(new Sampling.Every(100));
    assertThat(options.mode()).isEqualTo(Mode.SHADOW);
    assertThat(options.queue()).isEqualTo(7);
    assertThat(options.counting()).isEqualTo(CountingWay.NATIVE);
    assertThat(options.out()).hasValue(Path.of("/x/42/p.json").toAbsolutePath());
    assertThat(options.interval()).isEqualTo(Duration.ofMinutes(5));
    assertThat(options.retain()).isEqualTo(24);
    assertThat(options.reference()).hasValue(Path.of("p.json").toAbsolutePath());
    assertThat(options.metrics()).hasValue(new Listen("0.0.0.0", 9090));
    assertThat(options.otlp()).hasValue(URI.create("http://localhost:4318"));
    assertThat(options.log()).isEqualTo(LogLevel.DEBUG);
  }

  @Test
  void keepsCommasInsideBraces() {
    AgentOptions options = options("models={a,b{1,2}}*,tap=/layer{1,2}/**");

    assertThat(options.models()).isEqualTo("{a,b{1,2}}*");
    assertThat(options.tap()).containsExactly("/layer{1,2}/**");
  }

  @Test
  void writesNoFileForNone() {
    assertThat(options("out=none").out()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"500ms,500", "60s,60000", "5m,300000", "1h,3600000", "100ms,100"})
  void readsTimes(String text, long millis) {
    assertThat(options("interval=" + text).interval()).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "interval=0s",
        "interval=99ms",
        "interval=5",
        "interval=-5s",
        "interval=1d",
        "interval=9999999999s",
        "sample=0",
        "sample=1/0",
        "sample=2/3",
        "sample=1/9999999999",
        "sample=",
        "sample=budget=0%",
        "sample=budget=101%",
        "sample=budget=2",
        "sample=window=10s",
        "sample=window=10m/10s",
        "sample=window=10s/10x",
        "mode=both",
        "queue=0",
        "queue=many",
        "counting=java",
        "retain=-1",
        "metrics=on",
        "metrics=70000",
        "metrics=http://localhost:9090",
        "otlp=localhost:4318",
        "otlp=ftp://localhost",
        "reference=",
        "log=loud",
        "out=",
        "rules="
      })
  void namesTheOptionThatIsOutOfRange(String arguments) {
    String key = arguments.substring(0, arguments.indexOf('='));
    assertThatThrownBy(() -> options(arguments))
        .isInstanceOf(OptionException.class)
        .hasMessageStartingWith("option " + key + "=")
        .hasMessageContaining("give ");
  }

  @Test
  void readsAShareOfTheTimeAndWindows() {
    assertThat(options("sample=budget=2%").sample()).isEqualTo(new Sampling.Budget(0.02));
    assertThat(options("sample=budget=0.5%").sample()).isEqualTo(new Sampling.Budget(0.005));
    assertThat(options("sample=window=10s/10m").sample())
        .isEqualTo(new Sampling.Window(Duration.ofSeconds(10), Duration.ofMinutes(10)));
    assertThat(options("sample=1/1").sample().isAll()).isTrue();
    assertThat(options("sample=1/2").sample().isAll()).isFalse();
  }

  @Test
  void bindsToLoopbackUnlessToldOtherwise() {
    assertThat(options("metrics=9090").metrics()).hasValue(new Listen("127.0.0.1", 9090));
    assertThat(options("metrics=0").metrics()).hasValue(new Listen("127.0.0.1", 0));
    assertThat(options("metrics=[::1]:9090").metrics()).hasValue(new Listen("[::1]", 9090));
  }

  @Test
  void namesAnUnknownKeyAndTheKnownOnes() {
    assertThatThrownBy(() -> options("out=none,tabs=x"))
        .isInstanceOf(OptionException.class)
        .hasMessage(
            "unknown option tabs in the agent's arguments; known are tap, rules, models, sample,"
                + " mode, queue, counting, out, interval, retain, reference, histogram, metrics,"
                + " otlp, log, config");
  }

  @ParameterizedTest
  @ValueSource(strings = {"tap", "tap=a,tap=b"})
  void refusesAKeyWithoutValueAndAKeyGivenTwice(String arguments) {
    assertThatThrownBy(() -> options(arguments))
        .isInstanceOf(OptionException.class)
        .hasMessageStartingWith("option tap ");
  }

  @Test
  void prefersArgumentsToPropertiesToVariablesToTheFile() throws Exception {
    Path config =
        Files.writeString(folder.resolve("c.yaml"), "log: off\nmodels: f\ntap: f\nsample: 1/9\n");
    Properties properties = new Properties();
    properties.setProperty("sparsescope.models", "p");
    properties.setProperty("sparsescope.tap", "p");
    properties.setProperty("sparsescope.unknown", "left alone");
    Map<String, String> environment =
        Map.of(
            "SPARSESCOPE_MODELS", "e",
            "SPARSESCOPE_TAP", "e",
            "SPARSESCOPE_LOG", "info",
            "SPARSESCOPE_HOME", "left alone");

    AgentOptions options =
        AgentOptions.of(OptionSources.merge("tap=a,config=" + config, properties, environment), 42);

    assertThat(options.tap()).containsExactly("a");
    assertThat(options.models()).isEqualTo("p");
    assertThat(options.log()).isEqualTo(LogLevel.INFO);
    assertThat(options.sample()).isEqualTo(new Sampling.Every(9));
  }

  @Test
  void readsOffAndListsFromTheFile() throws Exception {
    AgentOptions options = fromFile("log: off\nmetrics: off\ntap:\n  - op:Relu\n  - layer:*\n");

    assertThat(options.log()).isEqualTo(LogLevel.OFF);
    assertThat(options.tap()).containsExactly("op:Relu", "layer:*");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"unknown: 1\n", "tap: {a: b}\n", "tap:\n", "- a\n", "a: [\n", "config: x\n"})
  void namesTheFileThatIsWrong(String yaml) {
    assertThatThrownBy(() -> fromFile(yaml))
        .isInstanceOf(OptionException.class)
        .hasMessageContaining("c.yaml")
        .hasMessageNotContaining("\n");
  }

  @Test
  void namesTheFileThatIsMissing() {
    assertThatThrownBy(() -> options("config=" + folder.resolve("none.yaml")))
        .isInstanceOf(OptionException.class)
        .hasMessageContaining("none.yaml: cannot be read (NoSuchFileException)");
  }

  @Test
  void takesAnEmptyFileForNoOptions() throws Exception {
    assertThat(fromFile("")).isEqualTo(options(null));
  }

  private AgentOptions fromFile(String yaml) throws Exception {
    return options("config=" + Files.writeString(folder.resolve("c.yaml"), yaml));
  }

  private static AgentOptions options(String arguments) {
    return AgentOptions.of(OptionSources.merge(arguments, new Properties(), Map.of()), 42);
  }
}
