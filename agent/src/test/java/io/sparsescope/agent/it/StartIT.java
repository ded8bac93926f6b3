package io.sparsescope.agent.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.Profile;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the agent starts, or does not, and what it leaves behind. */
class StartIT {
  @TempDir Path folder;

  private Experiment experiment;
  private Child without;

  @BeforeEach
  void runWithout() throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    String classPath = Machine.CLASSES + File.pathSeparator + Machine.onnxruntime("1.29.0");
    experiment =
        new Experiment(java, folder, List.of("-cp", classPath, OrtProgram.class.getName()));
    without = experiment.without();
  }

  @Test
  void saysWhatIsWrongWithAnOptionAndLetsTheApplicationRunWithout() throws Exception {
    Child with = experiment.with("out=profile.json,taps=op:Relu");

    assertThat(with.out()).isEqualTo(without.out());
    assertThat(with.agentLines())
        .singleElement()
        .asString()
        .contains("unknown option taps", "known are tap, rules, models", "runs without");
    assertThat(experiment.profileFile()).doesNotExist();
  }

  @Test
  void saysWhatIsWrongWithAPatternOrARuleFile() throws Exception {
    assertThat(experiment.with("tap=re:(").agentLines())
        .singleElement()
        .asString()
        .contains("re:(");
    assertThat(experiment.with("rules=none.yaml").agentLines())
        .singleElement()
        .asString()
        .contains("none.yaml");
  }

  @Test
  void startsOnceThoughListedTwice() throws Exception {
    String agent = "-javaagent:" + Machine.AGENT + "=out=profile.json," + Experiment.OPTIONS;
    Child with = experiment.run(List.of(agent, agent));

    assertThat(with.out()).isEqualTo(without.out());
    assertThat(with.agentLines()).filteredOn(line -> line.contains("runs already")).hasSize(1);
    Experiment.assertCounts(experiment.profile(), with.out());
  }

  @Test
  void worksUnderAnotherFileName() throws Exception {
    Path renamed = Files.copy(Machine.AGENT, folder.resolve("renamed.jar"));
    Child with =
        experiment.run(
            List.of("-javaagent:" + renamed + "=out=profile.json," + Experiment.OPTIONS));

    assertThat(with.out()).isEqualTo(without.out());
    Experiment.assertCounts(experiment.profile(), with.out());
  }

  @Test
  void leavesModelsAloneThatNothingMatches() throws Exception {
    Child with = experiment.with("out=profile.json,models=nothing*");

    assertThat(with.out()).isEqualTo(without.out());
    assertThat(with.agentLines()).isEmpty();
    assertThat(experiment.profile().models()).isEmpty();
  }

  @Test
  void countsEveryThirdRunOfASession() throws Exception {
    Child with = experiment.with("out=profile.json,sample=1/3," + Experiment.OPTIONS);

    assertThat(with.out()).isEqualTo(without.out());
    Profile profile = experiment.profile();
    ModelProfile tiny =
        profile.models().stream().filter(m -> m.name().equals("tiny.onnx")).findFirst().get();
    assertThat(tiny.sampledRuns())
        .isBetween(tiny.runs() / 3 - tiny.sessions(), tiny.runs() / 3 + tiny.sessions());
    assertThat(tiny.taps()).allSatisfy(tap -> assertThat(tap.runs()).isEqualTo(tiny.sampledRuns()));
  }

  @Test
  void takesOptionsFromAFileAndFromProperties() throws Exception {
    Path config = folder.resolve("agent.yaml");
    Files.writeString(
        config, "tap: [op:Relu, op:Cast]\nmodels: nothing\nout: from-file.json\nlog: off\n");
    Child with =
        experiment.run(
            List.of(
                "-Dsparsescope.models={tiny,other,external,bad}*",
                "-Dsparsescope.out=from-property.json",
                "-javaagent:" + Machine.AGENT + "=config=" + config + ",out=profile.json"));

    assertThat(with.out()).isEqualTo(without.out());
    assertThat(with.agentLines()).isEmpty();
    Experiment.assertCounts(experiment.profile(), with.out());
    assertThat(folder.resolve("from-file.json")).doesNotExist();
    assertThat(folder.resolve("from-property.json")).doesNotExist();
  }

  @Test
  void doesNotLetAnUnwritableProfileReachTheApplication() throws Exception {
    Child with = experiment.with("out=no/such/folder/p.json,interval=100ms," + Experiment.OPTIONS);

    assertThat(with.out()).isEqualTo(without.out());
    assertThat(with.agentLines())
        .filteredOn(line -> line.contains("cannot write the profile"))
        .hasSize(1);
  }

  @Test
  void leavesAStrangersClassOfTheSameNameAloneAndSaysSoInOneLine() throws Exception {
    Path classes = StrangeSession.writeTo(folder.resolve("strange"));
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    List<String> program = List.of("-cp", classes.toString(), StrangeSession.NAME);
    List<String> observed = new ArrayList<>(program);
    observed.add(0, "-javaagent:" + Machine.AGENT + "=out=profile.json");

    Child plain = Child.run(java, folder, program);
    Child with = Child.run(java, folder, observed);

    assertThat(plain.out().strip()).isEqualTo(StrangeSession.PRINTED);
    assertThat(with.exitCode()).isZero();
    assertThat(with.out()).isEqualTo(plain.out());
    assertThat(with.err().lines())
        .singleElement()
        .asString()
        .startsWith("sparsescope: " + StrangeSession.NAME + " is not instrumented:")
        .contains("createSession", "is missing");
    assertThat(experiment.profile().agent().note()).contains("createSession");
  }
}
