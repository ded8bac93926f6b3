package io.sparsescope.profile;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Adds profiles up; the sum does not depend on their order or grouping. */
final class ProfileMerge {
  private static final Comparator<ModelProfile> ORDER =
      Comparator.comparing(ModelProfile::name)
          .thenComparing(ModelProfile::sha256)
          .thenComparing(model -> infos(model.runTaps()).toString())
          .thenComparing(model -> model.thresholds().toString())
          .thenComparing(model -> model.transforms().toString())
          .thenComparing(ModelProfile::arm);

  private ProfileMerge() {}

  static Profile merge(List<Profile> profiles) {
    Map<Identity, List<ModelProfile>> groups = new LinkedHashMap<>();
    profiles.stream()
        .flatMap(profile -> profile.models().stream())
        .sorted(ORDER)
        .forEach(m -> groups.computeIfAbsent(Identity.of(m), i -> new ArrayList<>()).add(m));
    return new Profile(
        mergeAgents(profiles.stream().map(Profile::agent).toList()),
        groups.values().stream().map(ProfileMerge::mergeModels).toList());
  }

  /** What makes runs of two profiles runs of the same thing. */
  private record Identity(
      String model,
      String arm,
      Set<TapInfo> taps,
      Set<AppliedThreshold> thresholds,
      Set<AppliedTransform> transforms) {
    static Identity of(ModelProfile model) {
      return new Identity(
          // Of a model whose bytes nobody has seen only the name is known.
          model.sha256().isEmpty() ? model.name() : model.sha256(),
          model.arm(),
          new HashSet<>(infos(model.runTaps())),
          new HashSet<>(model.thresholds()),
          new HashSet<>(model.transforms()));
    }
  }

  private static List<TapInfo> infos(List<TapProfile> taps) {
    return taps.stream().map(TapProfile::info).toList();
  }

  /** The first in order lends its name and the order of its taps. */
  private static ModelProfile mergeModels(List<ModelProfile> same) {
    ModelProfile first = same.get(0);
    if (same.size() == 1) {
      return first;
    }
    List<TapProfile> taps = new ArrayList<>(mergeTaps(same));
    taps.addAll(mergeWeights(same));
    try {
      long sessions = 0;
      long runs = 0;
      long sampledRuns = 0;
      RunCost cost = RunCost.NONE;
      OutputDifference difference = null;
      for (ModelProfile model : same) {
        sessions = Math.addExact(sessions, model.sessions());
        runs = Math.addExact(runs, model.runs());
        sampledRuns = Math.addExact(sampledRuns, model.sampledRuns());
        cost = cost.plus(model.cost());
        difference = plus(difference, model.difference());
      }
      return new ModelProfile(
          first.name(),
          first.sha256(),
          first.graph(),
          first.opset(),
          sessions,
          runs,
          sampledRuns,
          taps,
          mergeBlocks(same, taps),
          Total.of(taps),
          first.thresholds(),
          first.transforms(),
          distinct(same, ModelProfile::skipped),
          first.arm(),
          cost,
          difference);
    } catch (ArithmeticException e) {
      throw tooLarge(first, e);
    }
  }

  private static OutputDifference plus(OutputDifference a, OutputDifference b) {
    return a == null || b == null ? (a == null ? b : a) : a.plus(b);
  }

  private static List<TapProfile> mergeTaps(List<ModelProfile> same) {
    Map<TapInfo, TapAccumulator> sums = new LinkedHashMap<>();
    for (ModelProfile model : same) {
      try {
        for (TapProfile tap : model.runTaps()) {
          sums.computeIfAbsent(tap.info(), i -> new TapAccumulator()).add(tap);
        }
      } catch (ArithmeticException e) {
        throw tooLarge(model, e);
      }
    }
    List<TapProfile> taps = new ArrayList<>();
    sums.forEach((tap, sum) -> taps.add(sum.snapshot(tap)));
    return taps;
  }

  private static ProfileException tooLarge(ModelProfile model, ArithmeticException e) {
    return new ProfileException(
        model.name() + ": counts add up to more than 2^63; merge fewer profiles", e);
  }

  /** Weights are the same in every run; a profile may lack them, but not have others. */
  private static List<TapProfile> mergeWeights(List<ModelProfile> same) {
    List<TapProfile> weights = List.of();
    for (ModelProfile model : same) {
      if (weights.isEmpty()) {
        weights = model.weights();
      } else if (!model.weights().isEmpty() && !model.weights().equals(weights)) {
        throw new ProfileException(
            model.name()
                + ": profiles of the same model (SHA-256 "
                + model.sha256()
                + ") count its weights differently, its external data has changed;"
                + " merge the profiles of each state on their own");
      }
    }
    return weights;
  }

  private static List<BlockProfile> mergeBlocks(List<ModelProfile> same, List<TapProfile> taps) {
    Map<String, Double> sparsities = new LinkedHashMap<>();
    taps.stream()
        .filter(tap -> tap.kind() == TapKind.ACTIVATION)
        .forEach(tap -> sparsities.put(tap.tensor(), tap.sparsity()));
    Map<String, BlockProfile> blocks = new LinkedHashMap<>();
    for (ModelProfile model : same) {
      for (BlockProfile block : model.blocks()) {
        blocks.merge(block.block(), block, ProfileMerge::complete);
      }
    }
    return blocks.values().stream()
        .map(
            block ->
                new BlockProfile(
                    block.block(),
                    block.activation(),
                    sparsities.get(block.activation()),
                    block.weightSparsity()))
        .toList();
  }

  private static BlockProfile complete(BlockProfile a, BlockProfile b) {
    return new BlockProfile(
        a.block(),
        a.activation().isEmpty() ? b.activation() : a.activation(),
        null,
        a.weightSparsity() == null ? b.weightSparsity() : a.weightSparsity());
  }

  private static <T> List<T> distinct(
      List<ModelProfile> same, Function<ModelProfile, List<T>> part) {
    Set<T> all = new LinkedHashSet<>();
    same.forEach(model -> all.addAll(part.apply(model)));
    return all.stream().sorted(Comparator.comparing(Object::toString)).toList();
  }

  private static AgentInfo mergeAgents(List<AgentInfo> agents) {
    if (agents.size() == 1) {
      return agents.get(0);
    }
    long failures = 0;
    for (AgentInfo agent : agents) {
      failures = Math.addExact(failures, agent.failures());
    }
    return new AgentInfo(
        joined(agents, AgentInfo::version, ", "),
        joined(agents, AgentInfo::onnxruntime, ", "),
        failures,
        agents.stream()
            .flatMap(agent -> agent.failureMessages().stream())
            .distinct()
            .sorted()
            .toList(),
        joined(agents, AgentInfo::note, "; "));
  }

  /** The different values, sorted; values that are such lists themselves are taken apart. */
  private static String joined(
      List<AgentInfo> agents, Function<AgentInfo, String> part, String separator) {
    return agents.stream()
        .flatMap(agent -> Arrays.stream(part.apply(agent).split(separator)))
        .filter(value -> !value.isEmpty())
        .distinct()
        .sorted()
        .collect(joining(separator));
  }
}
