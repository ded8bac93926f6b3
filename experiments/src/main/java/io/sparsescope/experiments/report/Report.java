package io.sparsescope.experiments.report;

import io.sparsescope.experiments.search.By;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What profiles and search results tell, net by net.
 *
 * @param nets in the order of the files
 */
public record Report(List<Net> nets) {

  public Report {
    nets = List.copyOf(nets);
  }

  /** Findings that belong into one column. */
  private record Key(String net, String variant, String identity) {}

  /**
   * Joins files. Files of one label are of one model; without a label, those of one model (SHA-256,
   * or name where that is not known) are. Results of models with the same layers, or of a net that
   * the labels name, stand side by side.
   *
   * @param by layers or blocks; empty for blocks where a file knows nothing else, else layers
   * @throws io.sparsescope.experiments.ExperimentException if a search result is damaged, or two
   *     files tell of the same thing
   * @throws io.sparsescope.profile.ProfileException if a profile is damaged
   */
  public static Report of(List<ReportFile> files, Optional<By> by) {
    By rows = by.orElse(files.stream().anyMatch(ReportFile::isByBlock) ? By.BLOCK : By.LAYER);
    Map<Key, List<Finding>> columns = new LinkedHashMap<>();
    for (ReportFile file : files) {
      for (Finding finding : file.findings(rows)) {
        Key key = new Key(file.net(), file.variant(), file.labelled() ? "" : finding.identity());
        columns.computeIfAbsent(key, k -> new ArrayList<>()).add(finding);
      }
    }
    List<Group> groups = new ArrayList<>();
    columns.forEach((key, findings) -> add(groups, key, Variant.of(key.variant(), findings)));
    return new Report(groups.stream().map(g -> g.net(rows)).toList());
  }

  private static void add(List<Group> groups, Key key, Variant variant) {
    for (Group group : groups) {
      boolean same =
          key.net().isEmpty()
              ? group.name.isEmpty() && Net.isSameNet(group.variants.get(0), variant)
              : group.name.equals(key.net());
      if (same) {
        group.variants.add(variant);
        return;
      }
    }
    groups.add(new Group(key.net(), new ArrayList<>(List.of(variant))));
  }

  private record Group(String name, List<Variant> variants) {
    /** Columns that nobody named are told apart by their models. */
    Net net(By by) {
      List<Variant> named =
          variants.size() == 1
              ? variants
              : variants.stream()
                  .map(v -> v.label().isEmpty() ? v.labelled(v.model()) : v)
                  .toList();
      return Net.of(name.isEmpty() ? Optional.empty() : Optional.of(name), by, named);
    }
  }
}
