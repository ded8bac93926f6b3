package io.sparsescope.rewriter.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.onnx.Node;
import io.sparsescope.onnx.Nodes;
import io.sparsescope.rewriter.RewriteException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatternTest {
  private static final Candidate GELU =
      candidate("com.microsoft", "Gelu", "/block1/act/Gelu", "gelu_out", true, "block1/fc");
  private static final Candidate RELU = candidate("", "Relu", "/block1/relu", "relu_out", true, "");
  private static final Candidate SECOND = candidate("", "Split", "split", "part_2", false, "");

  @ParameterizedTest
  @CsvSource({
    "op:Relu, false, true",
    "op:ai.onnx/Relu, false, true",
    "op:com.microsoft/Gelu, true, false",
    "op:*, false, true",
    "'op:{Relu,com.microsoft/*}', true, true",
    "block1, true, true",
    "block1 & op:Relu, false, true",
    "block1 & !op:Relu, true, false",
    "! op:Relu, true, false",
    "re:/block\\d/relu, false, true",
    "re:relu, false, false",
    "tensor:*_out, true, true",
    "tensor:gelu*, true, false",
    "layer:*, true, false",
    "layer:block1, true, false",
    "layer:block2, false, false",
    "!layer:*, false, true",
  })
  void selects(String pattern, boolean gelu, boolean relu) {
    assertThat(Pattern.parse(pattern).match(GELU).matched()).isEqualTo(gelu);
    assertThat(Pattern.parse(pattern).match(RELU).matched()).isEqualTo(relu);
  }

  @Test
  void selectsOtherOutputsByTensorNameOnly() {
    assertThat(Pattern.parse("split").match(SECOND).matched()).isFalse();
    assertThat(Pattern.parse("tensor:part_2").match(SECOND).matched()).isTrue();
  }

  @Test
  void saysWhyNot() {
    assertThat(Pattern.parse("block1 & op:Conv").match(RELU).reason())
        .isEqualTo("operator Relu is not op:Conv");
    assertThat(Pattern.parse("block1 & !op:Relu").match(RELU).reason())
        .isEqualTo("operator Relu is excluded by !op:Relu");
    assertThat(Pattern.parse("layer:*").match(RELU).reason())
        .isEqualTo("not the last tensor of a layer, which is not layer:*");
  }

  @ParameterizedTest
  @CsvSource({
    "'', 'empty pattern: write ** to select every node'",
    "'a & ', 'pattern \"a & \" has an empty term'",
    "'op:', 'pattern \"op:\" has an empty term'",
    "'!', 'pattern \"!\" has an empty term'",
    "'re:(', 'pattern \"re:(\" is not a regular expression (Unclosed group near index'",
  })
  void refusesWhatItCannotUnderstand(String pattern, String message) {
    assertThatThrownBy(() -> Pattern.parse(pattern))
        .isInstanceOf(RewriteException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void namesNearMisses() {
    List<String> names = List.of("conv1", "conv2", "fc", "softmax");
    assertThat(NearMisses.nearest("conv12", names)).startsWith("conv1", "conv2");
    assertThat(NearMisses.nearest("Softmx", names)).startsWith("softmax");
    assertThat(NearMisses.describe(Pattern.parse("op:ReLU"), List.of(RELU, GELU)))
        .startsWith("did you mean \"op:Relu\"");
    assertThat(NearMisses.describe(Pattern.parse("block1 & op:Conv"), List.of(RELU)))
        .isEqualTo(
            "did you mean \"op:Relu\"? (node \"/block1/relu\" comes near: operator Relu is not"
                + " op:Conv)");
  }

  private static Candidate candidate(
      String domain, String op, String name, String tensor, boolean primary, String layer) {
    Node node =
        new Node(
            name, 0, Nodes.node(domain, op, List.of("x"), List.of(tensor), name), Optional.empty());
    return new Candidate(node, tensor, primary, layer);
  }
}
