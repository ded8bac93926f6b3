package io.sparsescope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.XZInputStream;
import picocli.CommandLine;

/** The demo's net and images are what their README says, and the demo's second half is true. */
class DemoNetTest {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
  private static final Path SHIPPED = HOME.resolve("demo/fashion-mnist");
  private static final int IMAGES = 1000;
  private static final int PIXELS = 28 * 28;
  private static final int CLASSES = 10;

  @TempDir private Path folder;

  @Test
  void takesLessThanEightMegabytes() throws IOException {
    try (Stream<Path> files = Files.list(SHIPPED)) {
      long bytes = files.mapToLong(file -> file.toFile().length()).sum();
      assertThat(bytes).isLessThan(8_000_000);
    }
  }

  @Test
  void imagesAndLabelsAreAThousandOfTenClasses() throws IOException {
    ByteBuffer images = unpacked("t10k-images-idx3-ubyte.gz");
    assertThat(List.of(images.getInt(), images.getInt(), images.getInt(), images.getInt()))
        .containsExactly(0x0803, IMAGES, 28, 28);
    assertThat(images.remaining()).isEqualTo(IMAGES * PIXELS);

    ByteBuffer labels = unpacked("t10k-labels-idx1-ubyte.gz");
    assertThat(List.of(labels.getInt(), labels.getInt())).containsExactly(0x0801, IMAGES);
    int[] ofClass = new int[CLASSES];
    while (labels.hasRemaining()) {
      ofClass[labels.get()]++;
    }
    assertThat(ofClass).containsExactly(107, 105, 111, 93, 115, 87, 97, 95, 95, 95);
  }

  @Test
  void netIsTheOneThatItsReadmeTellsOf() throws Exception {
    byte[] net = unpacked("lenet.onnx.xz").array();
    String sha256 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(net));
    assertThat(SHIPPED.resolve("README.md"))
        .content()
        .contains("`" + sha256 + "`")
        .contains("| " + right(net) + " of the 1,000 |");
  }

  @Test
  void rewrittenNetIsAsAccurateAsTheSearchAndEvaluatePrint() throws IOException, OrtException {
    StringWriter printed = new StringWriter();
    CommandLine terminal = Main.commandLine();
    terminal.setOut(new PrintWriter(printed));
    boolean kept = new DemoNet(new DemoShell(HOME, terminal), folder).show();
    String text = printed.toString();

    int right = right(Files.readAllBytes(folder.resolve("lenet-sparse.onnx")));
    double searched = number(text, "top-1 over 700 records: .* all thresholds at once ([0-9.]+)");
    double judged = number(text, "top-1 over 300 other records: .* at once ([0-9.]+)");
    // Shares are printed with four decimals.
    assertThat(Math.round(700 * searched) + Math.round(300 * judged)).isEqualTo(right);
    assertThat(number(text, "top-1 +[0-9.]+ % +([0-9]+)")).isEqualTo(right);
    assertThat(kept).isTrue();
  }

  private static double number(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertThat(matcher.find()).as(pattern + " in\n" + text).isTrue();
    return Double.parseDouble(matcher.group(1));
  }

  /** Runs a model over the images, one after the other, and counts the answers that are right. */
  private static int right(byte[] model) throws IOException, OrtException {
    ByteBuffer images = unpacked("t10k-images-idx3-ubyte.gz").position(16);
    ByteBuffer labels = unpacked("t10k-labels-idx1-ubyte.gz").position(8);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    int right = 0;
    try (OrtSession session = environment.createSession(model)) {
      String input = session.getInputNames().iterator().next();
      for (int i = 0; i < IMAGES; i++) {
        float[] image = new float[PIXELS];
        for (int p = 0; p < PIXELS; p++) {
          image[p] = (images.get() & 0xff) / 255f;
        }
        long[] shape = {1, 1, 28, 28};
        try (OnnxTensor x = OnnxTensor.createTensor(environment, FloatBuffer.wrap(image), shape);
            OrtSession.Result result = session.run(Map.of(input, x))) {
          float[] scores = ((float[][]) result.get(0).getValue())[0];
          right += highest(scores) == labels.get() ? 1 : 0;
        }
      }
    }
    return right;
  }

  private static int highest(float[] scores) {
    int best = 0;
    for (int i = 1; i < scores.length; i++) {
      if (scores[i] > scores[best]) {
        best = i;
      }
    }
    return best;
  }

  private static ByteBuffer unpacked(String name) throws IOException {
    try (InputStream file = Files.newInputStream(SHIPPED.resolve(name));
        InputStream in =
            name.endsWith(".xz") ? new XZInputStream(file) : new GZIPInputStream(file)) {
      return ByteBuffer.wrap(in.readAllBytes());
    }
  }
}
