package io.sparsescope.agent.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.agent.config.CountingWay;
import io.sparsescope.agent.config.Mode;
import io.sparsescope.agent.config.Sampling;
import io.sparsescope.agent.it.TestModels;
import io.sparsescope.agent.sampling.Samplers;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.profile.Counts;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.SkippedTap;
import io.sparsescope.rewriter.rules.Rules;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InterceptedCallsTest {
  private static final Object SELF = new Object();

  @TempDir Path folder;

  private final FakeRuntime runtime = new FakeRuntime();
  private final ProfiledModels profiled = new ProfiledModels();
  private final OpenSessions sessions = new OpenSessions();
  private final List<String> failures = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private byte[] tiny;

  @BeforeEach
  void readModel() throws Exception {
    tiny = TestModels.tiny();
  }

  @Test
  void loadsTheRewrittenModelInsteadOfBytes() throws Throwable {
    create(calls("*", 1), tiny);

    assertThat(outputs(bytes(runtime.loaded.get(0)))).endsWith(FakeRuntime.COUNTS);
    assertThat(failures).isEmpty();
  }

  @Test
  void loadsTheRewrittenModelInsteadOfBytesWhereThereIsNoFormForBuffers() throws Throwable {
    calls("*", 1).createSession(1, 2, tiny, 3, runtime.handle("createFromBytes"), null);

    assertThat(outputs((byte[]) runtime.loaded.get(0))).endsWith(FakeRuntime.COUNTS);
  }

  @Test
  void readsOnlyThePartOfABufferThatIsTheModel() throws Throwable {
    ByteBuffer buffer = ByteBuffer.allocateDirect(tiny.length + 20).put(7, tiny);
    calls("*", 1)
        .createSession(1, 2, buffer, 7, tiny.length, 3, runtime.handle("createFromBuffer"));

    assertThat(outputs(bytes(runtime.loaded.get(0)))).endsWith(FakeRuntime.COUNTS);
    assertThat(buffer.position()).isZero();
    assertThat(buffer.limit()).isEqualTo(buffer.capacity());
  }

  @Test
  void loadsTheRewrittenModelFromAFileOfItsNameThatIsGoneAfterwards() throws Throwable {
    Path file = Files.write(folder.resolve("tiny.onnx"), tiny);
    calls("*", 1).createSession(1, 2, file.toString(), 3, runtime.handle("createFromPath"), null);

    Path loaded = Path.of((String) runtime.loaded.get(0));
    assertThat(loaded).isNotEqualTo(file).doesNotExist().hasFileName("tiny.onnx");
    assertThat(loaded.getParent()).doesNotExist();
    assertThat(file).hasBinaryContent(tiny);
  }

  @Test
  void hidesItsOutputs() throws Throwable {
    InterceptedCalls calls = calls("*", 1);
    long session = create(calls, tiny);

    assertThat(border(calls).getNumOutputs(SELF, 1, session, runtime.handle("getNumOutputs")))
        .isEqualTo(5);
    assertThat(border(calls).getOutputNames(SELF, 1, session, 4, runtime.handle("getOutputNames")))
        .containsExactly("y", "z", "sum", "q", "ksum");
    assertThat(border(calls).getOutputInfo(SELF, 1, session, 4, runtime.handle("getOutputInfo")))
        .isInstanceOf(CharSequence[].class)
        .containsExactly("Y", "Z", "SUM", "Q", "KSUM");
  }

  @Test
  void leavesSessionsAloneThatItDoesNotKnow() throws Throwable {
    InterceptedCalls calls = calls("*", 1);

    assertThat(border(calls).getNumOutputs(SELF, 1, 9, runtime.handle("getNumOutputs")))
        .isEqualTo(5);
    Object[] values = run(calls, 9, "y");
    assertThat(values).hasSize(1);
    assertThat(runtime.asked).containsExactly(List.of("y"));
  }

  @Test
  void countsAndClosesItsTensorsOnly() throws Throwable {
    InterceptedCalls calls = calls("*", 1);
    long session = create(calls, tiny);
    Object[] values = run(calls, session, "z");

    assertThat(((FakeRuntime.OnnxTensor) values[0]).name).isEqualTo("z");
    assertThat(runtime.asked).containsExactly(List.of("z", FakeRuntime.COUNTS));
    assertThat(runtime.tensors).extracting(tensor -> tensor.closed).containsExactly(0, 1);
    ModelProfile profile = profile();
    assertThat(profile.runs()).isEqualTo(1);
    assertThat(profile.sampledRuns()).isEqualTo(1);
    assertThat(profile.taps())
        .extracting(tap -> new Counts(tap.elements(), tap.zeros(), tap.nan()))
        .containsExactly(new Counts(16, 5, 0), new Counts(4, 1, 1));
  }

  @Test
  void keepsPinnedOutputsAsTheyAre() throws Throwable {
    InterceptedCalls calls = calls("*", 1);
    long session = create(calls, tiny);
    Object pinned = "pinned";
    Object[] values = {pinned, null};
    boolean[] owned = run(calls, session, new String[] {"y", "z"}, values);

    assertThat(owned).containsExactly(false, true);
    assertThat(values[0]).isSameAs(pinned);
    assertThat(((FakeRuntime.OnnxTensor) values[1]).name).isEqualTo("z");
  }

  @Test
  void asksForTheTapsInEveryThirdRunOnly() throws Throwable {
    InterceptedCalls calls = calls("*", 3);
    long session = create(calls, tiny);
    for (int i = 0; i < 7; i++) {
      run(calls, session, "y");
    }

    assertThat(runtime.asked).filteredOn(names -> names.size() == 2).hasSize(3);
    assertThat(profile().runs()).isEqualTo(7);
    assertThat(profile().sampledRuns()).isEqualTo(3);
  }

  @Test
  void loadsTheOriginalWhenTheRewrittenModelIsRefused() throws Throwable {
    InterceptedCalls calls = calls("*", 1);
    runtime.refuseNextLoad = new IllegalStateException("no such kernel");
    long session = create(calls, tiny);

    assertThat(runtime.loaded.get(1)).isSameAs(tiny);
    assertThat(failures).singleElement().asString().contains("no such kernel");
    assertThat(reason()).contains("not instrumented", "no such kernel");
    run(calls, session, "y");
    assertThat(runtime.asked).containsExactly(List.of("y"));
    assertThat(profile().runs()).isEqualTo(1);
  }

  @Test
  void givesTheApplicationTheExceptionThatItsOwnModelCauses() throws Throwable {
    InterceptedCalls calls = calls("*", 1);
    IllegalStateException own = new IllegalStateException("own");
    byte[] broken = {1, 2, 3};
    runtime.refuseNextLoad = own;

    assertThatThrownBy(() -> create(calls, broken)).isSameAs(own);
    assertThat(runtime.loaded).containsExactly(broken);
    assertThat(profiled.snapshot()).isEmpty();
    assertThat(failures).isEmpty();
  }

  @Test
  void givesTheApplicationTheExceptionOfItsOwnRun() throws Throwable {
    InterceptedCalls calls = calls("*", 1);
    long session = create(calls, tiny);
    runtime.failRuns = new IllegalArgumentException("wrong shape");

    assertThatThrownBy(() -> run(calls, session, "y")).isSameAs(runtime.failRuns);
    assertThat(runtime.asked).hasSize(1);
    assertThat(profile().runs()).isZero();
    assertThat(failures).isEmpty();
  }

  @Test
  void repeatsARunThatFailedInANodeOfOurs() throws Throwable {
    InterceptedCalls calls = calls("*", 1);
    long session = create(calls, tiny);
    runtime.failCounts = new IllegalStateException("while running node sparsescope/count/1");
    Object[] values = run(calls, session, "y");

    assertThat(((FakeRuntime.OnnxTensor) values[0]).name).isEqualTo("y");
    assertThat(runtime.asked).containsExactly(List.of("y", FakeRuntime.COUNTS), List.of("y"));
    assertThat(failures).hasSize(1);
    assertThat(profile().runs()).isEqualTo(1);
    assertThat(profile().sampledRuns()).isZero();
  }

  @Test
  void deliversTheResultThoughTheTapsCannotBeRead() throws Throwable {
    InterceptedCalls calls = calls("*", 1);
    long session = create(calls, tiny);
    runtime.failReading = new IllegalStateException("gone");
    Object[] values = run(calls, session, "y");

    assertThat(((FakeRuntime.OnnxTensor) values[0]).name).isEqualTo("y");
    assertThat(runtime.tensors).extracting(tensor -> tensor.closed).containsExactly(0, 1);
    assertThat(failures).singleElement().asString().contains("gone");
  }

  @Test
  void doesNotBelieveCountsOfAnotherSize() throws Throwable {
    InterceptedCalls calls = calls("*", 1);
    long session = create(calls, tiny);
    runtime.counts = new long[] {1, 0, 0};
    run(calls, session, "y");

    assertThat(failures).singleElement().asString().contains("3 counts for 2 tensors");
    assertThat(profile().sampledRuns()).isZero();
  }

  @Test
  void forgetsAClosedSession() throws Throwable {
    InterceptedCalls calls = calls("*", 1);
    long session = create(calls, tiny);
    border(calls).closeSession(SELF, 1, session, runtime.handle("close"));
    run(calls, session, "y");

    assertThat(runtime.asked).containsExactly(List.of("y"));
  }

  @Test
  void keepsOneRecordForManySessionsOfAModel() throws Throwable {
    InterceptedCalls calls = calls("*", 1);
    for (int i = 0; i < 3; i++) {
      run(calls, create(calls, tiny), "y");
    }

    assertThat(profile().sessions()).isEqualTo(3);
    assertThat(profile().runs()).isEqualTo(3);
  }

  @Test
  void leavesModelsAloneThatTheOptionsDoNotName() throws Throwable {
    create(calls("other*", 1), tiny);

    assertThat(runtime.loaded).containsExactly(tiny);
    assertThat(profiled.snapshot()).isEmpty();
  }

  @Test
  void leavesAModelAloneWhoseOptimizedFormIsSaved() throws Throwable {
    InterceptedCalls calls = calls("*", 1);
    border(calls).setOptimizationModelFilePath(SELF, 1, 3, "saved.onnx", runtime.handle("save"));
    create(calls, tiny);
    border(calls).closeOptions(SELF, 1, 3, runtime.handle("close"));
    create(calls, tiny);

    assertThat(runtime.loaded.get(0)).isSameAs(tiny);
    assertThat(runtime.loaded.get(1)).isNotSameAs(tiny);
    assertThat(reason()).contains("optimized model");
    assertThat(warnings).hasSize(1);
  }

  @Test
  void leavesEveryModelAloneWhenToldTo() throws Throwable {
    InterceptedCalls calls = calls("*", 1);
    calls.keepAll("unknown version");
    create(calls, tiny);

    assertThat(runtime.loaded).containsExactly(tiny);
    assertThat(reason()).isEqualTo("not instrumented: unknown version");
  }

  @Test
  void saysThatNothingIsSelected() throws Throwable {
    InterceptedCalls calls = calls(new Rules(List.of(), List.of(), List.of("no/such"), Map.of()));
    create(calls, tiny);

    assertThat(runtime.loaded).containsExactly(tiny);
    assertThat(reason()).contains("no tensor to count");
  }

  private InterceptedCalls calls(String models, int sample) {
    Rules rules = new Rules(List.of(), List.of(), List.of("op:Relu"), Map.of());
    return calls(new SessionModels(models, rules, sha -> false), sample);
  }

  private InterceptedCalls calls(Rules rules) {
    return calls(new SessionModels("*", rules, sha -> false), 1);
  }

  private InterceptedCalls calls(SessionModels models, int sample) {
    Sampling every = new Sampling.Every(sample);
    Plan plan = new Plan(Mode.INLINE, every.isAll(), Samplers.of(every, System::nanoTime), 4);
    return new InterceptedCalls(
        models,
        new CountingLoad(CountingWay.ONNX, new Recording()),
        profiled,
        sessions,
        new OrtTensors(null),
        new OrtVersion(),
        new Recording(),
        plan);
  }

  @Test
  void hidesItsOutputsThoughStoppedAndCountsNoMore() throws Throwable {
    InterceptedCalls calls = calls("*", 1);
    long session = create(calls, tiny);
    run(calls, session, "z");
    calls.stop();
    run(calls, session, "z");

    assertThat(border(calls).getNumOutputs(SELF, 1, session, runtime.handle("getNumOutputs")))
        .isEqualTo(5);
    assertThat(border(calls).getOutputNames(SELF, 1, session, 4, runtime.handle("getOutputNames")))
        .containsExactly("y", "z", "sum", "q", "ksum");
    assertThat(runtime.asked).containsExactly(List.of("z", FakeRuntime.COUNTS), List.of("z"));
    assertThat(profile().runs()).isEqualTo(1);
    assertThat(failures).isEmpty();
  }

  @Test
  void loadsModelsAsTheyAreOnceStopped() throws Throwable {
    InterceptedCalls calls = calls("*", 1);
    calls.stop();
    create(calls, tiny);

    assertThat(runtime.loaded).containsExactly(tiny);
    assertThat(sessions.count()).isZero();
  }

  @Test
  void hidesWhatAStoppedAgentHasLeftWhenStartedAgain() throws Throwable {
    InterceptedCalls first = calls("*", 1);
    long old = create(first, tiny);
    first.stop();
    InterceptedCalls second = calls("*", 1);
    create(second, tiny);

    assertThat(border(second).getOutputNames(SELF, 1, old, 4, runtime.handle("getOutputNames")))
        .containsExactly("y", "z", "sum", "q", "ksum");
    assertThat(sessions.hiding()).isEqualTo(2);
  }

  @Test
  void tellsWhenTheLastSessionThatHidesSomethingIsClosed() throws Throwable {
    InterceptedCalls calls = calls("*", 1);
    long first = create(calls, tiny);
    long second = create(calls, tiny);
    calls.stop();
    List<String> told = new ArrayList<>();

    assertThat(sessions.whenUnused(() -> told.add("unused"))).isFalse();
    border(calls).closeSession(SELF, 1, first, runtime.handle("close"));
    assertThat(told).isEmpty();
    border(calls).closeSession(SELF, 1, second, runtime.handle("close"));
    assertThat(told).containsExactly("unused");
    assertThat(sessions.whenUnused(() -> told.add("again"))).isTrue();
    assertThat(told).hasSize(1);
  }

  @Test
  void waitsForASessionThatIsBeingCreatedWhileTheAgentStops() throws Throwable {
    InterceptedCalls calls = calls("*", 1);
    List<Boolean> unused = new ArrayList<>();
    runtime.whileLoading =
        () -> {
          calls.stop();
          unused.add(sessions.whenUnused(() -> unused.add(true)));
        };
    long session = create(calls, tiny);
    run(calls, session, "z");

    assertThat(unused).containsExactly(false);
    assertThat(border(calls).getNumOutputs(SELF, 1, session, runtime.handle("getNumOutputs")))
        .isEqualTo(5);
    assertThat(runtime.asked).containsExactly(List.of("z"));
    border(calls).closeSession(SELF, 1, session, runtime.handle("close"));
    assertThat(unused).containsExactly(false, true);
  }

  private Border border(InterceptedCalls calls) {
    return new Border(calls, sessions, new Recording());
  }

  private long create(InterceptedCalls calls, byte[] model) throws Throwable {
    return calls.createSession(
        1, 2, model, 3, runtime.handle("createFromBytes"), runtime.handle("createFromBuffer"));
  }

  private Object[] run(InterceptedCalls calls, long session, String... names) throws Throwable {
    Object[] values = new Object[names.length];
    run(calls, session, names, values);
    return values;
  }

  private boolean[] run(InterceptedCalls calls, long session, String[] names, Object[] values)
      throws Throwable {
    return calls.run(
        SELF,
        1,
        session,
        4,
        new String[0],
        new long[0],
        0,
        names,
        names.length,
        values,
        new long[names.length],
        0,
        Map.of(),
        runtime.handle("run"));
  }

  private ModelProfile profile() {
    assertThat(profiled.snapshot()).hasSize(1);
    return profiled.snapshot().get(0);
  }

  private String reason() {
    return profiled.snapshot().get(0).skipped().stream()
        .map(SkippedTap::reason)
        .findFirst()
        .orElse("");
  }

  private static byte[] bytes(Object buffer) {
    ByteBuffer remaining = ((ByteBuffer) buffer).duplicate();
    byte[] bytes = new byte[remaining.remaining()];
    remaining.get(bytes);
    return bytes;
  }

  private static List<String> outputs(byte[] model) {
    try (ModelFile file = ModelFile.of("test", model)) {
      return file.graph().outputs().stream().map(output -> output.getName()).toList();
    }
  }

  /** Keeps what it hears. */
  private final class Recording implements Journal {
    @Override
    public void failed(String what, Throwable cause) {
      // The fake session has no environment to ask.
      if (!what.contains("version")) {
        failures.add(what + ": " + cause);
      }
    }

    @Override
    public void warn(String message) {
      warnings.add(message);
    }

    @Override
    public void info(String message) {}

    @Override
    public void debug(String message) {}
  }
}
