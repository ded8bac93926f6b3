package io.sparsescope.experiments.page;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A model as layers and what flows between them, in an order in which every vertex comes behind
 * those that it reads.
 *
 * @param model the model's name
 * @param profile which of the page's profiles the sparsities are from, -1 for none
 * @param unit what bytes and multiplications are of: "record" or "run"
 * @param vertices in order
 * @param edges between them
 */
record LayerGraph(String model, int profile, String unit, List<Vertex> vertices, List<Edge> edges) {

  /**
   * A layer, a node outside layers, or an input.
   *
   * @param name of the layer or node
   * @param layer its name if it is a layer, else ""
   * @param block its block, "" if none
   * @param op operators joined by {@code +}
   * @param tensor what it makes
   * @param weights elements of its weights
   * @param work multiplications; of a model that is not at hand the elements of its weights
   * @param pattern selects it in a rule file, "" if nothing does
   */
  record Vertex(
      String name,
      String layer,
      String block,
      String op,
      String tensor,
      long weights,
      double work,
      String pattern) {}

  /**
   * A tensor on its way.
   *
   * @param from place of the vertex that makes it
   * @param to place of one that reads it
   * @param tensor its name
   * @param shape as messages have it
   * @param dense its bytes, null where its shape is not known
   * @param sent those that are sent if zeros are not: equal to {@code dense} where its sparsity is
   *     not known or too low
   * @param sparsity its share of zeros, null where it was not counted
   */
  record Edge(
      int from, int to, String tensor, String shape, Long dense, Long sent, Double sparsity) {}

  LayerGraph {
    vertices = List.copyOf(vertices);
    edges = List.copyOf(edges);
  }

  /**
   * Bytes that a tensor takes without its zeros: a bit an element that tells zeros apart, or an
   * index of four bytes an element that is none, whichever is less, and never more than all of it.
   */
  static long sentBytes(long elements, long dense, double sparsity) {
    double others = elements * (1 - sparsity);
    double values = others * dense / Math.max(1, elements);
    double coded = values + Math.min((elements + 7) / 8, 4 * others);
    return Math.min(dense, Math.round(coded));
  }

  /**
   * Cuts into parts.
   *
   * @param parts how many
   * @param plans the best ways, those that send the fewest bytes first
   */
  record Cuts(int parts, List<Plan> plans) {}

  /**
   * A way to cut.
   *
   * @param places vertices before which the cuts lie
   * @param dense bytes of what crosses
   * @param sent bytes without zeros
   * @param shares of the work that the parts have
   * @param tensors what crosses each cut
   */
  record Plan(
      List<Integer> places,
      long dense,
      long sent,
      List<Double> shares,
      List<List<String>> tensors) {}

  private static final int MOST_PARTS = 8;
  private static final int WAYS = 5;

  /**
   * The best ways to cut it into 2 to 8 parts, each of which has at least half of an even share of
   * the work. A tensor is sent once over every cut that it crosses. None where a shape is not
   * known.
   */
  List<Cuts> cuts() {
    int inputs = 0;
    while (inputs < vertices.size() && vertices.get(inputs).op().equals("Input")) {
      inputs++;
    }
    int n = vertices.size() - inputs;
    if (n < 2 || edges.stream().anyMatch(e -> e.dense() == null)) {
      return List.of();
    }
    long[] sent = new long[n];
    double[] work = new double[n];
    for (int i = 0; i < n; i++) {
      work[i] = vertices.get(inputs + i).work();
      for (Edge e : crossing(inputs + i)) {
        sent[i] += e.sent();
      }
    }
    double total = 0;
    for (double w : work) {
      total += w;
    }
    if (total == 0) {
      return List.of();
    }
    List<Cuts> all = new ArrayList<>();
    CutPlanner planner = new CutPlanner(sent, work);
    for (int parts = 2; parts <= Math.min(MOST_PARTS, n); parts++) {
      List<Plan> plans = new ArrayList<>();
      for (CutPlanner.Plan plan : planner.best(parts, total / (2 * parts), WAYS)) {
        plans.add(plan(plan, inputs, work, total));
      }
      if (!plans.isEmpty()) {
        all.add(new Cuts(parts, plans));
      }
    }
    return all;
  }

  private Plan plan(CutPlanner.Plan found, int inputs, double[] work, double total) {
    List<Integer> places = found.places().stream().map(p -> p + inputs).toList();
    long dense = 0;
    List<List<String>> tensors = new ArrayList<>();
    for (int place : places) {
      List<Edge> crossing = crossing(place);
      dense += crossing.stream().mapToLong(Edge::dense).sum();
      tensors.add(crossing.stream().map(Edge::tensor).toList());
    }
    List<Double> shares = new ArrayList<>();
    double part = 0;
    for (int i = 0; i < work.length; i++) {
      if (i > 0 && found.places().contains(i)) {
        shares.add(part / total);
        part = 0;
      }
      part += work[i];
    }
    shares.add(part / total);
    return new Plan(places, dense, found.bytes(), shares, tensors);
  }

  /** What crosses a cut before a vertex, each tensor once. */
  List<Edge> crossing(int place) {
    Map<String, Edge> all = new HashMap<>();
    List<Edge> once = new ArrayList<>();
    for (Edge e : edges) {
      if (e.from() < place && e.to() >= place && all.put(e.tensor(), e) == null) {
        once.add(e);
      }
    }
    return once;
  }
}
