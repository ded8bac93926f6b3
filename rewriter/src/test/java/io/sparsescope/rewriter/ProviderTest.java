package io.sparsescope.rewriter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.onnx.ElementType;
import io.sparsescope.onnx.ModelBuilder;
import io.sparsescope.rewriter.Ort.Tensor;
import io.sparsescope.rewriter.rules.Rule;
import io.sparsescope.rewriter.rules.Rules;
import io.sparsescope.rewriter.transform.Baked;
import io.sparsescope.rewriter.transform.NodeMaker;
import io.sparsescope.rewriter.transform.Target;
import io.sparsescope.rewriter.transform.Transform;
import io.sparsescope.rewriter.transform.TransformProvider;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A transform that somebody else offers by the service interface. */
class ProviderTest {
  /** Values beyond a bound become the bound: {@code bound,B}. */
  public static final class Bound implements TransformProvider {
    @Override
    public String name() {
      return "bound";
    }

    @Override
    public Transform parse(List<String> arguments) {
      if (arguments.size() != 1) {
        throw new IllegalArgumentException("has no bound: write bound,B");
      }
      return new BoundTransform(Double.parseDouble(arguments.get(0)));
    }
  }

  private record BoundTransform(double bound) implements Transform {
    @Override
    public String spec() {
      return "bound," + bound;
    }

    @Override
    public String emit(NodeMaker n, String x) {
      String high = n.scalar(bound);
      return n.select(n.op("Less", high, x), high, x);
    }

    @Override
    public Optional<Baked> baked(Target target) {
      return Optional.of(Baked.elements(x -> Math.min(x, bound)));
    }
  }

  @Test
  void isFoundByItsName() {
    Rewrite r = plan("bound,2", false);
    assertThat(r.transformations())
        .containsExactly(new Transformation("n", "w", "weight", "bound,2.0", false));
    assertThat(run(r)).containsExactly(1, 2);
  }

  @Test
  void isBakedAsItSays() {
    Rewrite r = plan("bound,2", true);
    assertThat(r.transformations()).extracting(Transformation::baked).containsExactly(true);
    assertThat(run(r)).containsExactly(1, 2);
  }

  @Test
  void saysItselfWhatIsWrong() {
    assertThatThrownBy(() -> plan("bound", false))
        .isInstanceOf(RewriteException.class)
        .hasMessage("transform \"bound\": has no bound: write bound,B");
    assertThatThrownBy(() -> plan("bond,2", false))
        .isInstanceOf(RewriteException.class)
        .hasMessageContaining("use one of binary, bound, down,");
  }

  private static Rewrite plan(String spec, boolean bake) {
    ModelBuilder model =
        ModelBuilder.model(13)
            .input("x", ElementType.FLOAT, 1, 1)
            .initializer("w", new float[] {1, 3}, 1, 2)
            .node("MatMul", List.of("x", "w"), List.of("y"), "n")
            .output("y", ElementType.FLOAT, 1, 2);
    Rule rule = Rule.of("n", spec, false, false, bake, false);
    Rules rules = new Rules(List.of(rule), List.of(), List.of(), Map.of());
    return new Rewriter(rules, false, true).plan(model.toModel("m"));
  }

  private static float[] run(Rewrite r) {
    Map<String, Tensor> feed = Map.of("x", Tensor.floats(new float[] {1}, 1, 1));
    return Ort.run(r.edit().toBytes(), feed).get("y").floats();
  }
}
