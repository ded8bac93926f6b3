package io.sparsescope.onnx;

import static io.sparsescope.onnx.ElementType.FLOAT;
import static io.sparsescope.onnx.ElementType.INT64;
import static io.sparsescope.onnx.ElementType.STRING;
import static io.sparsescope.onnx.ElementType.UNDEFINED;

import java.util.List;

/** Types of what the operators of classic machine learning (ai.onnx.ml) compute. */
final class ClassicTypes {
  private ClassicTypes() {}

  static List<Known> outputs(Inputs in) {
    return switch (in.node().getOpType()) {
      case "FeatureVectorizer",
          "LinearRegressor",
          "Normalizer",
          "OneHotEncoder",
          "SVMRegressor",
          "Scaler",
          "TreeEnsembleRegressor" ->
          List.of(Known.of(FLOAT));
      case "ArrayFeatureExtractor", "Binarizer", "Imputer", "TreeEnsemble" ->
          List.of(Known.of(in.element(0)));
      case "LinearClassifier" -> classifier(in, "classlabels_ints", "classlabels_strings");
      case "SVMClassifier" -> classifier(in, "classlabels_ints", "classlabels_strings");
      case "TreeEnsembleClassifier" -> classifier(in, "classlabels_int64s", "classlabels_strings");
      default -> List.of();
    };
  }

  private static List<Known> classifier(Inputs in, String integers, String strings) {
    ElementType label =
        in.hasAttribute(strings) ? STRING : in.hasAttribute(integers) ? INT64 : UNDEFINED;
    return List.of(Known.of(label, 1), Known.of(FLOAT));
  }
}
