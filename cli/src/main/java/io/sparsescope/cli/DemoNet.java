package io.sparsescope.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sparsescope.experiments.search.SearchResult;
import io.sparsescope.experiments.search.Validation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.tukaani.xz.XZInputStream;

/**
 * The demo's second half: commands on a net that {@code sparsescope train} made, over images that
 * it has not learnt from.
 */
final class DemoNet {
  /** Net and images in the sources, and what is to be known about them. */
  private static final String FOLDER = "demo/fashion-mnist";

  private final DemoShell shell;
  private final Path folder;
  private final List<String> data;

  /**
   * @param folder where files go
   */
  DemoNet(DemoShell shell, Path folder) {
    this.shell = shell;
    this.folder = folder;
    data = List.of("--data", "idx:" + shell.typed(shell.source(FOLDER)), "--scale", "1/255");
  }

  /**
   * Profiles the net, searches thresholds, rewrites the net by them and counts its right answers.
   *
   * @return whether these are as many as the search said
   */
  boolean show() throws IOException {
    unpack(shell.source(FOLDER + "/lenet.onnx.xz"), folder.resolve("lenet.onnx"));
    String net = file("lenet.onnx");
    String rules = file("lenet.rules.yaml");
    String result = file("lenet.search.json");
    String sparse = file("lenet-sparse.onnx");

    shell.heading("LeNet as sparsescope trained it, over 1,000 test images of Fashion-MNIST");
    shell.run(overData("profile", net, "--batch", "50", "-o", file("lenet.profile.json")));

    shell.heading("Thresholds on its weights: 700 of the images choose, the others judge");
    shell.run(
        overData(
            "search",
            net,
            "--grid",
            "quantile:20",
            "--joint",
            "repair",
            "--validate",
            "0.3",
            "-o",
            rules,
            "--json",
            result));

    shell.heading("A model with these zeros, for any ONNX runtime");
    shell.run(List.of("rewrite", net, "--rules", rules, "-o", sparse));
    shell.run(overData("evaluate", sparse, "--against", net));
    return compare(promised(SearchResult.read(folder.resolve("lenet.search.json"))), sparse);
  }

  private boolean compare(long promised, String sparse) {
    long right = right(shell.output(overData("evaluate", sparse, "--json")));
    shell.say(
        right == promised
            ? "(" + right + " right: what the search said, to the image)"
            : "(DIFFERENT FROM THE SEARCH, " + promised + ": please report this)");
    return right == promised;
  }

  /** Right answers of the model with all thresholds, over all images. */
  private static long promised(SearchResult result) {
    Validation others = result.validation();
    return Math.round(result.accuracy() * result.samples())
        + Math.round(others.accuracy() * others.samples());
  }

  private static long right(String evaluation) {
    try {
      return new ObjectMapper().readTree(evaluation).at("/results/0/sum").asLong();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("evaluate printed no JSON: " + evaluation, e);
    }
  }

  private List<String> overData(String command, String model, String... more) {
    return Stream.of(Stream.of(command, model), data.stream(), Stream.of(more))
        .flatMap(part -> part)
        .toList();
  }

  private String file(String name) {
    return shell.typed(folder.resolve(name));
  }

  private static void unpack(Path packed, Path to) throws IOException {
    Path temporary = Files.createTempFile(to.getParent(), ".sparsescope-", ".tmp");
    try (InputStream in = new XZInputStream(Files.newInputStream(packed))) {
      Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
      Files.move(temporary, to, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
