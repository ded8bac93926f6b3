package io.sparsescope.agent.session;

import io.sparsescope.agent.config.CountingWay;
import io.sparsescope.agent.config.Mode;
import io.sparsescope.agent.config.Sampling;
import io.sparsescope.agent.it.TestModels;
import io.sparsescope.agent.sampling.Samplers;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.rewriter.rules.Rules;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** An application that uses the fake runtime through the agent. */
final class FakeApplication {
  static final Object SELF = new Object();

  final FakeRuntime runtime = new FakeRuntime();
  final ProfiledModels profiled = new ProfiledModels();
  final OpenSessions sessions = new OpenSessions();
  final List<String> failures = Collections.synchronizedList(new ArrayList<>());
  final List<String> warnings = Collections.synchronizedList(new ArrayList<>());
  final byte[] model = TestModels.tiny();
  final InterceptedCalls calls;
  final Border border;

  FakeApplication(Mode mode, int every, int queue) throws IOException {
    this(mode, every, queue, new Rules(List.of(), List.of(), List.of("op:Relu"), Map.of()));
  }

  FakeApplication(Mode mode, int every, int queue, Rules rules) throws IOException {
    Sampling sampling = new Sampling.Every(every);
    Plan plan = new Plan(mode, every == 1, Samplers.of(sampling, System::nanoTime), queue);
    calls =
        new InterceptedCalls(
            new SessionModels("*", rules, model -> false),
            new CountingLoad(CountingWay.ONNX, new Recording()),
            profiled,
            sessions,
            new OrtTensors(null),
            new OrtVersion(),
            new Recording(),
            plan);
    border = new Border(calls, sessions, new Recording());
  }

  long create() throws Throwable {
    return calls.createSession(
        1, 2, model, 3, runtime.handle("createFromBytes"), runtime.handle("createFromBuffer"));
  }

  /** Runs with these outputs, the first of them pinned if {@code pinned} is not null. */
  Object[] run(long session, FakeRuntime.OnnxTensor input, Object pinned, String... names)
      throws Throwable {
    return run(0, session, input, pinned, names);
  }

  /** Runs with run options. */
  Object[] runWith(long options, long session, FakeRuntime.OnnxTensor input) throws Throwable {
    return run(options, session, input, null, "y");
  }

  private Object[] run(
      long options, long session, FakeRuntime.OnnxTensor input, Object pinned, String... names)
      throws Throwable {
    Object[] values = new FakeRuntime.OnnxTensor[names.length];
    values[0] = pinned;
    calls.run(
        SELF,
        1,
        session,
        4,
        new String[] {"x"},
        new long[] {input.address},
        1,
        names,
        names.length,
        values,
        new long[names.length],
        options,
        Map.of("x", input),
        runtime.handle("run"));
    return values;
  }

  Object[] run(long session) throws Throwable {
    return run(session, runtime.input(1, 2, 3), null, "y");
  }

  /** The same in the form before 1.17. */
  Object[] runReturning(long session) throws Throwable {
    FakeRuntime.OnnxTensor input = runtime.input(1, 2, 3);
    return calls.run(
        SELF,
        1,
        session,
        4,
        new String[] {"x"},
        new long[] {input.address},
        1,
        new String[] {"y"},
        1,
        0,
        Map.of("x", input),
        runtime.handle("runReturning"));
  }

  /** Makes an object of a native session, as ONNX Runtime does. */
  FakeSession open(long session) throws Throwable {
    FakeSession object = new FakeSession(runtime);
    border.getNumOutputs(object, 1, session, runtime.handle("getNumOutputs"));
    border.getOutputNames(object, 1, session, 4, runtime.handle("getOutputNames"));
    return object;
  }

  /** Plays ONNX Runtime's class OrtSession. */
  static final class FakeSession {
    private final FakeRuntime runtime;

    FakeSession(FakeRuntime runtime) {
      this.runtime = runtime;
    }

    @SuppressWarnings("unused") // As ONNX Runtime has it.
    private void closeSession(long api, long handle) {
      runtime.close(this, api, handle);
    }
  }

  void close(long session) throws Throwable {
    border.closeSession(SELF, 1, session, runtime.handle("close"));
  }

  /** The only model's profile. */
  ModelProfile profile() {
    List<ModelProfile> all = profiled.snapshot();
    if (all.size() != 1) {
      throw new AssertionError(all);
    }
    return all.get(0);
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
