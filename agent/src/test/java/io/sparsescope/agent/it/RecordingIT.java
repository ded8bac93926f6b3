package io.sparsescope.agent.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.TapProfile;
import java.io.File;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sampled runs as events of Flight Recorder. */
class RecordingIT {
  private static final String EVENT = "io.sparsescope.Sample";
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
  private static final String CLASS_PATH =
      Machine.CLASSES + File.pathSeparator + Machine.onnxruntime("1.29.0");

  @TempDir Path folder;

  @Test
  void makesAnEventOfEveryTensorOfEveryRunWhereARecordingAsks() throws Exception {
    Experiment experiment =
        experiment("-XX:StartFlightRecording:filename=r.jfr,+" + EVENT + "#enabled=true");
    experiment.with("out=profile.json," + Experiment.OPTIONS);

    Map<String, Sums> sums = new HashMap<>();
    for (RecordedEvent event : events()) {
      sums.computeIfAbsent(key(event), k -> new Sums()).add(event);
    }
    int compared = 0;
    for (ModelProfile model : experiment.profile().models()) {
      for (TapProfile tap : model.taps()) {
        // A model may have been loaded and never run.
        Sums sum =
            sums.getOrDefault(model.name() + " " + tap.layer() + " " + tap.tensor(), new Sums());
        assertThat(sum.runs).isEqualTo(tap.runs());
        assertThat(sum.elements).isEqualTo(tap.elements());
        assertThat(sum.zeros).isEqualTo(tap.zeros());
        compared += tap.runs() > 0 ? 1 : 0;
      }
    }
    assertThat(compared).isEqualTo(sums.size()).isPositive();
  }

  @Test
  void makesNoneWhereARecordingDoesNotAsk() throws Exception {
    Experiment experiment = experiment("-XX:StartFlightRecording:filename=r.jfr,settings=profile");
    experiment.with("out=profile.json," + Experiment.OPTIONS);

    assertThat(experiment.profile().models())
        .anySatisfy(m -> assertThat(m.sampledRuns()).isPositive());
    assertThat(events()).isEmpty();
  }

  @Test
  void followsARecordingThatStartsLater() throws Exception {
    TestModels.writeTo(folder);
    Child child =
        Child.run(
            JAVA,
            folder,
            List.of(
                "-javaagent:" + Machine.AGENT + "=out=none,tap=op:Relu",
                "-cp",
                CLASS_PATH,
                RecordingProgram.class.getName(),
                "tiny.onnx",
                "r.jfr"));

    assertThat(child.exitCode()).as(child.err()).isZero();
    List<RecordedEvent> events = events();
    assertThat(events).hasSize(2 * RecordingProgram.RUNS);
    assertThat(events)
        .allSatisfy(
            event -> {
              assertThat(event.getString("model")).isEqualTo("tiny.onnx");
              assertThat(event.getString("arm")).isEmpty();
              assertThat(event.getLong("elements"))
                  .isEqualTo(event.getString("tensor").equals("r1") ? 16 : 4);
              assertThat(event.getFloat("sparsity"))
                  .isEqualTo((float) event.getLong("zeros") / event.getLong("elements"));
            });
  }

  /** Flight Recorder is a module that a small runtime may lack, and so is JMX. */
  @Test
  void countsInARuntimeWithoutFlightRecorder() throws Exception {
    Experiment experiment = experiment("--limit-modules=java.instrument,java.logging");
    Child child = experiment.with("out=profile.json," + Experiment.OPTIONS);

    assertThat(experiment.profile().agent().failures()).isZero();
    Experiment.assertCounts(experiment.profile(), child.out());
  }

  private Experiment experiment(String option) throws Exception {
    return new Experiment(
        JAVA, folder, List.of(option, "-cp", CLASS_PATH, OrtProgram.class.getName()));
  }

  private List<RecordedEvent> events() throws Exception {
    return RecordingFile.readAllEvents(folder.resolve("r.jfr")).stream()
        .filter(event -> event.getEventType().getName().equals(EVENT))
        .toList();
  }

  private static String key(RecordedEvent event) {
    return event.getString("model")
        + " "
        + event.getString("layer")
        + " "
        + event.getString("tensor");
  }

  private static final class Sums {
    private long runs;
    private long elements;
    private long zeros;

    private void add(RecordedEvent event) {
      runs++;
      elements += event.getLong("elements");
      zeros += event.getLong("zeros");
    }
  }
}
