package io.sparsescope.experiments.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.experiments.report.ReportFile;
import io.sparsescope.experiments.search.SearchResult;
import io.sparsescope.experiments.train.series.CountedGradient;
import io.sparsescope.experiments.train.series.SeriesRecorder;
import io.sparsescope.experiments.train.sweep.SweepResult;
import io.sparsescope.experiments.train.sweep.SweepRun;
import io.sparsescope.profile.AgentInfo;
import io.sparsescope.profile.Histogram;
import io.sparsescope.profile.ModelProfile;
import io.sparsescope.profile.PerRun;
import io.sparsescope.profile.Profile;
import io.sparsescope.profile.TapKind;
import io.sparsescope.profile.TapProfile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** Pictures of two profiles, a search, a training and a sweep, drawn once. */
class ReportPicturesTest {
  private static final String EVIL = "</text><script>alert(1)</script>\u0001&\"'";
  private static final String BAR =
      "<path d=\"M[\\d.]+ [\\d.]+l(-?[\\d.]+) 0l0 [\\d.]+l-?[\\d.]+ 0Z\" fill=\"%s\">";

  @TempDir static Path folder;
  private static Path svg;
  private static Path png;
  private static List<Path> written;

  @BeforeAll
  static void draw() {
    svg = folder.resolve("made/svg");
    png = folder.resolve("made/png");
    Histogram histogram = Histogram.of(-16, new long[] {10, 0, 30, 10});
    List<ReportFile> files =
        List.of(
            profile("a:b", List.of(tap("one", 100, 40, null), tap("two", 100, 20, null))),
            profile(
                "a?b",
                List.of(
                    tap("one", 100, 50, histogram),
                    tap("two", 100, 10, null),
                    tap(EVIL, 9, 3, null))),
            search(),
            series(),
            sweep());
    written = ReportPictures.write(files, Optional.empty(), Optional.of(svg), Optional.of(png));
  }

  @Test
  void eachPlotHasAFileNamedAfterWhatItShows() throws IOException {
    assertThat(names(svg))
        .containsExactlyInAnyOrder(
            "sparsity-per-layer-a-b.svg",
            "sparsity-per-layer-a-b-2.svg",
            "magnitudes.svg",
            "threshold-against-accuracy.svg",
            "gains.svg",
            "figure-2.svg",
            "gradient-sparsity.svg",
            "loss-and-accuracy.svg",
            "changes.svg");
    assertThat(names(png).stream().map(n -> n.replace(".png", ".svg")))
        .containsExactlyInAnyOrderElementsOf(names(svg));
    assertThat(written).hasSize(18).allSatisfy(file -> assertThat(file).isNotEmptyFile());
  }

  @Test
  void titlesAreThePages() throws Exception {
    assertThat(texts("sparsity-per-layer-a-b")).contains("a:b: sparsity by layer");
    assertThat(texts("magnitudes")).contains("a?b: sparsity at any threshold", "threshold");
    assertThat(texts("threshold-against-accuracy"))
        .contains("found: threshold against accuracy, each layer alone", "top-1", "conv1", "conv2");
    assertThat(texts("gains")).contains("found: what the thresholds gain");
    assertThat(texts("figure-2"))
        .contains("Accuracy and gradient sparsity against the threshold on all gradients");
    assertThat(texts("gradient-sparsity"))
        .contains("net: sparsity of gradients by layer over training", "step", "all together");
    assertThat(texts("loss-and-accuracy")).contains("net: loss and accuracy", "loss", "accuracy");
    assertThat(texts("changes")).contains("What moved most from a:b to a?b");
  }

  @Test
  void barsAreAsLongAsTheSharesOfZeros() throws IOException {
    List<Double> bars = numbers("sparsity-per-layer-a-b", BAR.formatted("#0b63b8"));

    assertThat(bars).as("a bar a layer").hasSize(2);
    assertThat(bars.get(0) / bars.get(1)).as("40 % by 20 %").isCloseTo(2, within(.01));
    List<Double> whole = numbers("sparsity-per-layer-a-b-2", BAR.formatted("#0b63b8"));
    assertThat(whole).hasSize(3);
    assertThat(whole.get(0) / whole.get(2)).as("1/2 by 1/3").isCloseTo(1.5, within(.01));
  }

  @Test
  void changesAreTwoPointsOfTenEach() throws IOException {
    assertThat(numbers("changes", BAR.formatted("#0b63b8"))).as("up").hasSize(1);
    assertThat(numbers("changes", BAR.formatted("#b3401f"))).as("down").hasSize(1);
  }

  @Test
  void searchHasAMarkALayerAndBarsBeforeAndAfter() throws IOException {
    String dot = "<path d=\"M1 0A1[^\"]*\" transform=\"matrix\\(([\\d.]+),";
    assertThat(numbers("threshold-against-accuracy", dot)).hasSize(2);
    List<Double> after = numbers("gains", BAR.formatted("#0b63b8"));
    assertThat(after).as("10 % and 30 %").hasSize(2);
    assertThat(after.get(1) / after.get(0)).isCloseTo(3, within(.02));
  }

  @Test
  void curvesHaveAPointForEachValue() throws IOException {
    String dot = "<path d=\"M1 0A1[^\"]*\" transform=\"matrix\\(([\\d.]+),";
    assertThat(numbers("figure-2", dot)).as("three runs, two curves").hasSize(6);
    assertThat(numbers("magnitudes", dot)).as("four steps of the histogram").hasSize(5);
    assertThat(
            numbers(
                "gradient-sparsity",
                "d=\"M[^\"]*L[^\"]*\" fill=\"none\"[^>]*stroke-width=\"(1.[26])\""))
        .as("two layers and all")
        .containsExactly(1.2, 1.2, 1.6);
  }

  @Test
  void hostileNamesAreText() throws Exception {
    Document document = parsed("sparsity-per-layer-a-b-2");

    assertThat(document.getElementsByTagName("script").getLength()).isZero();
    assertThat(texts("sparsity-per-layer-a-b-2"))
        .anySatisfy(text -> assertThat(text).contains("<script>alert(1)</script>"));
  }

  @Test
  void imagesHaveTwoPixelsForOneAndAreNotBlank() throws Exception {
    for (String name : names(png)) {
      BufferedImage image = ImageIO.read(png.resolve(name).toFile());
      String root = Files.readString(svg.resolve(name.replace(".png", ".svg"))).substring(0, 200);
      Matcher size = Pattern.compile("width=\"(\\d+)\" height=\"(\\d+)\"").matcher(root);
      assertThat(size.find()).isTrue();
      assertThat(image.getWidth()).isEqualTo(2 * Integer.parseInt(size.group(1))).isEqualTo(2000);
      assertThat(image.getHeight()).isEqualTo(2 * Integer.parseInt(size.group(2)));
      Set<Integer> colours = new HashSet<>();
      for (int y = 0; y < image.getHeight(); y += 3) {
        for (int x = 0; x < image.getWidth(); x++) {
          colours.add(image.getRGB(x, y));
        }
      }
      assertThat(colours).as(name).hasSizeGreaterThan(20);
      assertThat(image.getRGB(1, 1)).as("paper").isEqualTo(0xffffffff);
    }
  }

  @Test
  void aFileInTheFoldersPlaceIsToldInOneLine() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));

    assertThatThrownBy(
            () ->
                ReportPictures.write(
                    List.of(), Optional.empty(), Optional.of(file), Optional.empty()))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("cannot make the folder for pictures (a file is there)")
        .message()
        .hasLineCount(1);
  }

  private static List<String> names(Path of) throws IOException {
    try (Stream<Path> files = Files.list(of)) {
      return files.map(f -> f.getFileName().toString()).toList();
    }
  }

  private static Document parsed(String name) throws Exception {
    String text = Files.readString(svg.resolve(name + ".svg"));
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(text)));
  }

  private static List<String> texts(String name) throws Exception {
    NodeList nodes = parsed(name).getElementsByTagName("text");
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      texts.add(nodes.item(i).getTextContent());
    }
    return texts;
  }

  private static List<Double> numbers(String name, String pattern) throws IOException {
    return Pattern.compile(pattern)
        .matcher(Files.readString(svg.resolve(name + ".svg")))
        .results()
        .map(found -> Double.valueOf(found.group(1)))
        .toList();
  }

  private static TapProfile tap(String layer, long elements, long zeros, Histogram histogram) {
    double share = (double) zeros / elements;
    PerRun runs = new PerRun(.9 * share, share, share, 0);
    return new TapProfile(
        layer,
        "Relu",
        layer,
        layer,
        "",
        TapKind.ACTIVATION,
        "float32",
        2,
        elements,
        zeros,
        0,
        runs,
        0,
        null,
        null,
        histogram);
  }

  private static ReportFile profile(String label, List<TapProfile> taps) {
    ModelProfile one =
        new ModelProfile(
            "net", "", "g", 17, 1, 2, 2, taps, null, null, null, null, null, "", null, null);
    Path file = folder.resolve("profile" + label.length() + taps.size() + ".json");
    new Profile(AgentInfo.of("", ""), List.of(one)).writeTo(file);
    return ReportFile.read(label + "=" + file);
  }

  private static ReportFile search() {
    Path file = folder.resolve("search.json");
    SearchResult.parse(
            "search",
            """
            {"format":"sparsescope-search","version":1,"model":"other.onnx","samples":500,
             "metric":"top-1","baselineAccuracy":0.9,"accuracy":0.88,"tolerance":0.01,"seed":0,
             "holds":true,"layers":[
             {"layer":"conv1","block":"","threshold":0.1,"thresholdAlone":0.2,"elements":1000,
              "zeros":100,"denseZeros":50,"accuracyAlone":0.89},
             {"layer":"conv2","block":"","threshold":0.1,"thresholdAlone":0.4,"elements":1000,
              "zeros":300,"denseZeros":20,"accuracyAlone":0.88}]}
            """)
        .writeTo(file);
    return ReportFile.read("found=" + file);
  }

  private static ReportFile series() {
    SeriesRecorder recorder =
        new SeriesRecorder(
            List.of(
                new CountedGradient("conv1/weights", "conv1", "", 1000, 4),
                new CountedGradient("fc/weights", "fc", "", 1000, 4)),
            1,
            100);
    for (int step = 1; step <= 100; step++) {
      long[] zeros = {5L * step, 9L * step};
      recorder.record(step, 2. / step, zeros, zeros);
    }
    recorder.recordAccuracy(50, .5);
    recorder.recordAccuracy(100, .8);
    Path file = folder.resolve("series.json");
    recorder.series("LeNet", Map.of("lr", "0.01")).writeTo(file);
    return ReportFile.read("net=" + file);
  }

  private static ReportFile sweep() {
    Path file = folder.resolve("sweep.json");
    new SweepResult(
            "own",
            "gradient-threshold",
            .98,
            List.of(
                new SweepRun(0, .98, 1., .01, 500, ""),
                new SweepRun(1e-4, .981, 1.001, .6, 500, ""),
                new SweepRun(1e-3, .97, .99, .95, 500, "")))
        .writeTo(file);
    return ReportFile.read(file.toString());
  }
}
