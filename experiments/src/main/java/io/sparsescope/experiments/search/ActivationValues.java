package io.sparsescope.experiments.search;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.OrtSessions;
import io.sparsescope.experiments.TapReadout;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelEdit;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.Values;
import io.sparsescope.profile.Counts;
import io.sparsescope.rewriter.Rewrite;
import io.sparsescope.rewriter.Rewriter;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.transform.CountMode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Looks at the activations that thresholds are for. */
final class ActivationValues {
  /** Records whose activations a grid of quantiles is made of, if they are not too large. */
  static final int RECORDS = 64;

  private final ModelFile model;
  private final SampleSet samples;
  private final int batch;

  ActivationValues(ModelFile model, SampleSet samples, int batch) {
    this.model = model;
    this.samples = samples;
    this.batch = batch;
  }

  /**
   * Magnitudes of a unit's activation in the dense model, over the first records: {@value #RECORDS}
   * at most, fewer where that would be more than {@link Magnitudes#MOST} values.
   */
  Magnitudes magnitudes(SearchUnit unit) {
    ElementType type = model.graph().type(unit.activation()).orElseThrow().element();
    ModelEdit edit = new ModelEdit(model);
    edit.addOutput(Values.unshaped(unit.activation(), type));
    List<float[]> parts = new ArrayList<>();
    int size = samples.batchSize(1);
    long values = 0;
    try (OrtSession session = OrtSessions.open(model, edit, OrtSessions.Setting.DEFAULTS)) {
      for (int from = 0; from < Math.min(samples.size(), RECORDS); from += size) {
        int[] records = range(from, Math.min(samples.size(), from + size));
        float[][] rows = OutputRows.run(model.name(), session, samples, unit.activation(), records);
        if (values > 0 && values + (long) rows.length * rows[0].length > Magnitudes.MOST) {
          break;
        }
        for (float[] row : rows) {
          parts.add(row);
          values += row.length;
        }
      }
    } catch (OrtException e) {
      throw failed(e);
    }
    float[] all = new float[Math.toIntExact(values)];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return Magnitudes.of(all, (double) samples.size() / parts.size());
  }

  /**
   * Elements and zeros of the units' activations over all samples, thresholds in force; of models
   * with a fixed batch size over whole batches.
   *
   * @return counts in the order of the units
   */
  List<Counts> counts(Rules inForce, List<SearchUnit> units) {
    Rewrite rewrite =
        new Rewriter(tapped(inForce, units), false, false, CountMode.EXACT).plan(model);
    TapReadout readout = new TapReadout(rewrite.taps());
    Map<String, Counts> sums = new HashMap<>();
    Set<String> outputs = new LinkedHashSet<>(readout.outputs());
    int size = samples.batchSize(batch);
    try (OrtSession session =
        OrtSessions.open(model, rewrite.edit(), OrtSessions.Setting.DEFAULTS)) {
      for (int from = 0; from < samples.size(); from += size) {
        int to = Math.min(samples.size(), from + size);
        if (from > 0 && samples.recordsPerRun() > to - from) {
          break;
        }
        Map<String, OnnxTensor> inputs = samples.batch(range(from, to));
        try (OrtSession.Result result = session.run(inputs, outputs)) {
          Counts[] counts = readout.read(name -> raw(result, name));
          for (int i = 0; i < counts.length; i++) {
            sums.merge(rewrite.taps().get(i).tensor(), counts[i], Counts::plus);
          }
        } finally {
          inputs.values().forEach(OnnxTensor::close);
        }
      }
    } catch (OrtException e) {
      throw failed(e);
    }
    return units.stream().map(u -> sums.getOrDefault(u.activation(), Counts.NONE)).toList();
  }

  private static Rules tapped(Rules rules, List<SearchUnit> units) {
    List<String> taps =
        units.stream().flatMap(u -> u.places().stream()).map(SearchUnit.Place::pattern).toList();
    return new Rules(rules.weights(), rules.activations(), taps, Map.of());
  }

  private static TapReadout.RawTensor raw(OrtSession.Result result, String name) {
    OnnxValue value = result.get(name).orElseThrow();
    if (!(value instanceof OnnxTensor tensor)) {
      throw new ExperimentException("output " + name + " is no tensor, so it cannot be counted");
    }
    String type =
        tensor.getInfo().onnxType.name().substring("ONNX_TENSOR_ELEMENT_DATA_TYPE_".length());
    ByteBuffer bytes =
        tensor.getInfo().getNumElements() == 0 ? ByteBuffer.allocate(0) : tensor.getByteBuffer();
    return new TapReadout.RawTensor(ElementType.valueOf(type).label(), bytes);
  }

  private ExperimentException failed(OrtException e) {
    return new ExperimentException(
        model.name() + ": a run fails (" + OrtSessions.oneLine(e) + "); check that the data fits",
        e);
  }

  private static int[] range(int from, int to) {
    int[] records = new int[to - from];
    Arrays.setAll(records, i -> from + i);
    return records;
  }
}
