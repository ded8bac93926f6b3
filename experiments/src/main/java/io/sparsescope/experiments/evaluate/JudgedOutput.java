package io.sparsescope.experiments.evaluate;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelFile;
import io.sparsescope.onnx.proto.ValueInfoProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which of a model's outputs is judged. */
public final class JudgedOutput {
  private JudgedOutput() {}

  /**
   * The output of that name, or without one the model's only output of floating-point numbers.
   *
   * @throws ExperimentException if there is none or there are several, which it names
   */
  public static String of(ModelFile model, Optional<String> name) {
    List<String> floats = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (ValueInfoProto output : model.graph().outputs()) {
      boolean isFloat = type(model, output.getName()).isFloat();
      (isFloat ? floats : others).add(output.getName());
    }
    if (name.isPresent()) {
      if (floats.contains(name.get())) {
        return name.get();
      }
      throw new ExperimentException(
          model.name()
              + ": "
              + (others.contains(name.get())
                  ? "output " + name.get() + " holds no floating-point numbers"
                  : "has no output " + name.get())
              + "; choose "
              + choices(floats));
    }
    if (floats.size() == 1) {
      return floats.get(0);
    }
    throw new ExperimentException(
        floats.isEmpty()
            ? model.name()
                + ": no output holds floating-point numbers ("
                + String.join(", ", others)
                + "); only such can be judged"
            : model.name() + ": several outputs can be judged; choose " + choices(floats));
  }

  private static String choices(List<String> floats) {
    return floats.isEmpty() ? "another model" : "--output " + String.join(" or --output ", floats);
  }

  private static ElementType type(ModelFile model, String output) {
    return model.graph().type(output).map(t -> t.element()).orElse(ElementType.UNDEFINED);
  }
}
