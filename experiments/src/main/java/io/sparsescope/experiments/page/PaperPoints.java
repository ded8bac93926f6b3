package io.sparsescope.experiments.page;

import io.sparsescope.experiments.page.PageData.Paper;
import io.sparsescope.experiments.page.PageData.Point;
import io.sparsescope.experiments.report.PaperNet;
import io.sparsescope.experiments.search.LayerResult;
import io.sparsescope.experiments.search.On;
import io.sparsescope.experiments.search.SearchResult;
import io.sparsescope.experiments.train.sweep.SweepResult;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.TapProfile;
import java.util.ArrayList;
import java.util.List;

/** Places what the paper measured beside the layers of a model that is one of its nets. */
final class PaperPoints {
  private static final String ACTIVATION = "activation";
  private static final String WEIGHT = "weight";

  private final PaperNet net;
  private final List<Point> points = new ArrayList<>();

  private PaperPoints(PaperNet net) {
    this.net = net;
  }

  /** Null if it is none of the paper's nets. */
  static Paper of(ModelProfile model) {
    return PaperNet.of(model)
        .map(
            net -> {
              PaperPoints paper = new PaperPoints(net);
              paper.activations(
                  PageFindings.activations(model).stream().map(TapProfile::layer).toList());
              paper.weights(model.weights().stream().map(TapProfile::layer).toList());
              return paper.made();
            })
        .orElse(null);
  }

  /** Null if it is none of the paper's nets. */
  static Paper of(SearchResult search) {
    return PaperNet.of(search)
        .map(
            net -> {
              PaperPoints paper = new PaperPoints(net);
              List<String> layers = search.layers().stream().map(LayerResult::layer).toList();
              if (search.on().equals(On.WEIGHTS.label())) {
                paper.weights(layers);
              } else {
                paper.activations(layers);
              }
              return paper.made();
            })
        .orElse(null);
  }

  /** What is known of thresholds on gradients. */
  static List<PaperNet.Gradients> of(SweepResult sweep) {
    return PaperNet.of(sweep).map(PaperNet::thresholds).orElse(List.of());
  }

  private Paper made() {
    return new Paper(net.source(), net.note(), points);
  }

  /** A unit's activation is that of its last layer. */
  private void activations(List<String> layers) {
    for (PaperNet.Row row : net.rows()) {
      net.lastLayer(row, layers).ifPresent(layer -> add(layer, ACTIVATION, row.activations()));
    }
  }

  /** A unit's weights are those of several layers, none of which has a value in the paper. */
  private void weights(List<String> layers) {
    for (PaperNet.Row row : net.rows()) {
      if (layers.contains(row.name())) {
        add(row.name(), WEIGHT, row.weights());
      }
    }
  }

  private void add(String layer, String kind, List<Double> values) {
    for (int i = 0; i < values.size(); i++) {
      points.add(new Point(layer, kind, net.labels().get(i), values.get(i)));
    }
  }
}
