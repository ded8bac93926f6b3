package io.sparsescope.agent.session;

import io.sparsescope.agent.shadow.ShadowTask;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.profile.OutputDifference;
import io.sparsescope.profile.OutputValue;
import io.sparsescope.profile.ProfileRecorder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Copies of a run's inputs, on which both the model as it was and the model with thresholds are run
 * to compare the outputs that the application had asked for.
 */
final class Comparison implements ShadowTask {
  private final Session untouched;
  private final Session thresholded;
  private final ProfileRecorder recorder;
  private final NativeRun run;
  private final InputCopy inputs;
  private final String[] outputs;
  private final Object[] noValues;
  private final OrtTensors tensors;
  private final Counting counting;
  private final long spent;

  /**
   * @param untouched the application's session
   * @param thresholded ours
   * @param recorder where the difference is recorded
   * @param outputs names of what is compared
   * @param noValues an empty array of ONNX Runtime's values; null in versions that take none
   * @param spent nanoseconds spent on it already
   */
  Comparison(
      Session untouched,
      Session thresholded,
      ProfileRecorder recorder,
      NativeRun run,
      InputCopy inputs,
      String[] outputs,
      Object[] noValues,
      OrtTensors tensors,
      Counting counting,
      long spent) {
    this.untouched = untouched;
    this.thresholded = thresholded;
    this.recorder = recorder;
    this.run = run;
    this.inputs = inputs;
    this.outputs = outputs;
    this.noValues = noValues;
    this.tensors = tensors;
    this.counting = counting;
    this.spent = spent;
  }

  /** The session with thresholds, which is retired before either is closed. */
  @Override
  public Object owner() {
    return thresholded;
  }

  @Override
  public void run() {
    if (!thresholded.usage.enter()) {
      drop();
      return;
    }
    long begun = System.nanoTime();
    List<Object> values = new ArrayList<>();
    try {
      List<OutputValue> first = outputs(untouched.handle(), values);
      List<OutputValue> second = outputs(thresholded.handle(), values);
      OutputDifference difference = OutputDifference.between(first, second);
      if (difference.runs() > 0) {
        recorder.difference(difference);
      }
    } catch (Throwable t) {
      counting.failed("comparing the model with thresholds", t);
    } finally {
      values.forEach(this::closeOutput);
      thresholded.usage.users.decrementAndGet();
      close();
    }
    recorder.cost(0, spent + System.nanoTime() - begun);
  }

  @Override
  public void drop() {
    close();
    recorder.dropped();
    recorder.cost(0, spent);
  }

  /** The application's own run has failed. */
  void abandon() {
    close();
    recorder.cost(0, spent);
  }

  /**
   * @param toClose where the values go that the run has made
   */
  private List<OutputValue> outputs(long session, List<Object> toClose) throws Throwable {
    TapRequest request =
        TapRequest.of(Taps.NONE, outputs, noValues, noValues == null ? null : new long[0]);
    run.call(session, inputs.names(), inputs.handles(), 0, request);
    toClose.addAll(Arrays.asList(request.values()));
    List<OutputValue> values = new ArrayList<>();
    for (Object value : request.values()) {
      values.add(output(value));
    }
    return values;
  }

  private OutputValue output(Object value) throws Throwable {
    ElementType type = tensors.type(value);
    OutputValue none = new OutputValue(type.label(), List.of(), ByteBuffer.allocate(0));
    if (!none.isFloat()) {
      return none;
    }
    List<Long> shape = Arrays.stream(tensors.shape(value)).boxed().toList();
    ByteBuffer bytes = shape.contains(0L) ? none.bytes() : tensors.bytes(value);
    return new OutputValue(type.label(), shape, bytes);
  }

  private void closeOutput(Object value) {
    try {
      if (value != null) {
        tensors.close(value);
      }
    } catch (Throwable t) {
      counting.failed("closing compared outputs", t);
    }
  }

  private void close() {
    try {
      inputs.close();
    } catch (Throwable t) {
      counting.failed("closing copied inputs", t);
    }
  }
}
