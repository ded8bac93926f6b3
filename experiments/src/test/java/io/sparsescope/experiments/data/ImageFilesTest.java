package io.sparsescope.experiments.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.onnx.ElementType;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFilesTest {
  private static final InputSpec ANY_SIZE = input(-1, 3, -1, -1);

  @TempDir Path folder;

  /** JPEG decoders may round differently. */
  @ParameterizedTest
  @CsvSource({
    "noise.png, noise, 0",
    "smooth.bmp, smooth, 0",
    "smooth.jpg, smooth-jpg, 2",
    "progressive.jpg, progressive-jpg, 2",
    "grey.png, grey, 0",
    "grey.jpg, grey-jpg, 2",
    "palette.gif, palette, 0",
    "palette.png, palette, 0",
    "alpha.png, alpha, 0"
  })
  void decodesWhatPilDecodes(String file, String expected, int tolerance) {
    ImageDecoder.Image image = ImageDecoder.decode(Fixtures.file(file), file);
    Fixtures.assertNear(image.pixels(), Fixtures.pixels(expected), tolerance);
    assertThat(image.orientation()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void turnsImagesAsTheirExifOrientationSays(int orientation) {
    String name = "exif" + orientation;
    ImageDecoder.Image image = ImageDecoder.decode(Fixtures.file(name + ".jpg"), name);
    assertThat(image.orientation()).isEqualTo(orientation);
    Pixels upright = image.pixels().upright(image.orientation());
    Fixtures.assertNear(upright, Fixtures.pixels(name), 2);
  }

  @Test
  void takesTheHighByteOfSixteenBits() throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
    image.getRaster().setSample(0, 0, 0, 0x12ff);
    image.getRaster().setSample(1, 0, 0, 0xfe00);
    Path file = folder.resolve("deep.png");
    ImageIO.write(image, "png", file.toFile());
    assertThat(ImageDecoder.decode(file, "deep").pixels().planes())
        .containsExactly(0x12, (byte) 0xfe);
  }

  @Test
  void numbersClassesByFolderAndLetsThemTakeTurns() throws IOException {
    copy("noise.png", "dog/1.png", "dog/2.png", "dog/deeper/3.png", "cat/9.png", "ape/x.png");
    copy("noise.png", "ape/.hidden.png", ".git/x.png", "readme.png");
    assertThat(ImageFolder.list(folder))
        .containsExactly(
            entry("ape/x.png", 0),
            entry("cat/9.png", 1),
            entry("dog/1.png", 2),
            entry("dog/2.png", 2),
            entry("dog/deeper/3.png", 2));
  }

  @Test
  void takesLabelsFromAFile() throws IOException {
    copy("noise.png", "val/b.png", "val/a.png");
    Files.writeString(folder.resolve("labels.tsv"), "val/b.png\t7\r\n\nval/a.png\t0\n");
    assertThat(ImageFolder.list(folder))
        .containsExactly(entry("val/b.png", 7), entry("val/a.png", 0));
  }

  @Test
  void saysWhichLineOfLabelsIsWrong() throws IOException {
    copy("noise.png", "a.png");
    assertLabelsFail("a.png\t1\nb.png\t2\n", "labels.tsv: line 2 names b.png, which is not there");
    assertLabelsFail("a.png 1\n", "labels.tsv: line 1 is not a file, a tab and a label");
    assertLabelsFail("\na.png\tcat\n", "labels.tsv: line 2 is not");
    assertLabelsFail("a.png\t-1\n", "labels.tsv: line 1 is not");
    assertLabelsFail("a\0.png\t1\n", "labels.tsv: line 1 names");
    assertLabelsFail(" \n", "labels.tsv: is empty");
    Files.write(folder.resolve("labels.tsv"), new byte[] {(byte) 0xe9, '\t', '1'});
    assertOpenFails("labels.tsv: is not in UTF-8");
  }

  @Test
  void saysWhichFolderHasNoImages() throws IOException {
    assertOpenFails("holds no folders; it should hold a folder a class, or labels.tsv");
    copy("noise.png", "cat/a.png");
    Files.createDirectories(folder.resolve("dog"));
    assertOpenFails("dog: a class without images; add some, or take the folder away");
  }

  @Test
  void feedsImagesResizedCroppedAndNormalized() throws IOException {
    copy("noise.png", "a/1.png", "b/1.png");
    copy("grey.png", "b/2.png");
    DataOptions options =
        DataOptions.parse("1/255", ".5,.4,.3", ".2", null, null)
            .withSize(ImageSize.parse("12", "10x7", false));
    Pixels expected = Fixtures.pixels("noise-12-10x7");
    try (DataSource source = open(input(-1, 3, 7, 10), options)) {
      assertThat(source.size()).hasValue(3);
      Batch batch = source.next(8).orElseThrow();
      assertThat(batch.labels()).containsExactly(0, 1, 1);
      assertThat(batch.inputs().get("x").shape()).containsExactly(3L, 3L, 7L, 10L);
      ByteBuffer data = batch.inputs().get("x").data();
      for (int i = 0; i < 210; i++) {
        float mean = new float[] {.5f, .4f, .3f}[i / 70];
        float value = ((expected.planes()[i] & 0xff) / 255f - mean) / .2f;
        assertThat(data.getFloat(4 * i)).isEqualTo(value);
        assertThat(data.getFloat(4 * (210 + i))).isEqualTo(value);
      }
      assertThat(source.describe(2)).isEqualTo(folder.resolve("b/2.png") + " (record 2)");
      assertThat(source.next(1)).isEmpty();
    }
  }

  @Test
  void givesAModelTheChannelsThatItTakes() throws IOException {
    copy("noise.png", "a/1.png");
    Pixels grey = Fixtures.pixels("noise-grey");
    DataOptions nhwc = DataOptions.parse(null, null, null, "nhwc", null);
    try (DataSource source = open(input(-1, 23, 37, 1), nhwc)) {
      ByteBuffer data = source.next(1).orElseThrow().inputs().get("x").data();
      for (int i = 0; i < grey.planes().length; i++) {
        assertThat(data.getFloat(4 * i)).isEqualTo(grey.planes()[i] & 0xff);
      }
    }
  }

  @Test
  void saysWhichImageHasAnotherSize() throws IOException {
    copy("noise.png", "a/1.png");
    copy("exif1.jpg", "a/2.jpg");
    write("a/3.png", png(8, 5));
    try (DataSource source = open(ANY_SIZE, DataOptions.NONE)) {
      assertThat(source.next(2).orElseThrow().count()).isEqualTo(2);
      assertFails(
          () -> source.next(1),
          "3.png (record 2): 8x5 pixels, but the first image has 37x23; give all one size with"
              + " --resize WxH");
    }
    assertFails(
        () -> open(input(-1, 3, 224, 224), DataOptions.NONE),
        "records of [3,23,37] do not fit the model's input x float32[?,3,224,224]");
  }

  @Test
  void saysWhichFileIsNoImageOrDamaged() throws IOException {
    assertImageFails("notes.txt", "hello".getBytes(StandardCharsets.UTF_8), "no JPEG, PNG");
    assertImageFails("empty.png", new byte[0], "no JPEG, PNG");
    assertImageFails("cmyk.jpg", fixture("cmyk.jpg"), "print colours (CMYK); convert it to RGB");
    for (String name : List.of("noise.png", "smooth.jpg", "smooth.bmp", "palette.gif")) {
      byte[] whole = fixture(name);
      assertImageFails(name, Arrays.copyOf(whole, whole.length / 2), name + " (record 1): ");
      assertImageFails(name, Arrays.copyOf(whole, 20), name + " (record 1): ");
    }
  }

  @Test
  void noticesImagesThatAreNotUpright() throws IOException {
    copy("exif6.jpg", "a/1.jpg");
    copy("exif1.jpg", "a/2.jpg");
    try (DataSource source = open(ANY_SIZE, DataOptions.NONE)) {
      assertThat(source.next(5).orElseThrow().inputs().get("x").shape())
          .containsExactly(2L, 3L, 23L, 37L);
      assertThat(source.next(5)).isEmpty();
      assertThat(source.notices()).hasSize(1);
      assertThat(source.notices().get(0)).startsWith("1 images are stored lying").contains("--up");
    }
    DataOptions upright = DataOptions.NONE.withSize(ImageSize.parse(null, null, true));
    try (DataSource source = open(ANY_SIZE, upright)) {
      assertThat(source.next(1).orElseThrow().inputs().get("x").shape())
          .containsExactly(1L, 3L, 37L, 23L);
      assertFails(() -> source.next(1), "37x23 pixels, but the first image has 23x37");
    }
  }

  @Test
  void resizesImagesOfOtherDataSets() throws IOException {
    // One grey image of 2x2: 0, 100, 200, 40.
    byte[] images = {0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 100, (byte) 200, 40};
    write("t10k-images-idx3-ubyte", images);
    DataSpec spec = DataSpec.parse("idx:" + folder);
    DataOptions options = DataOptions.NONE.withSize(ImageSize.parse("1x2", null, false));
    try (DataSource source = spec.open(List.of(input(-1, 3, 2, 1)), options)) {
      ByteBuffer data = source.next(1).orElseThrow().inputs().get("x").data();
      List<Float> values = new ArrayList<>();
      while (data.hasRemaining()) {
        values.add(data.getFloat());
      }
      // Means of the rows, in three equal channels.
      assertThat(values).containsExactly(50f, 120f, 50f, 120f, 50f, 120f);
    }
    DataOptions upright = DataOptions.NONE.withSize(ImageSize.parse(null, null, true));
    assertFails(() -> spec.open(List.of(input(-1, 1, 2, 2)), upright), "has no EXIF orientation");
  }

  @Test
  void leavesArraysAlone() throws IOException {
    Path file = Fixtures.file("noise.npy");
    DataOptions options = DataOptions.NONE.withSize(ImageSize.parse("5x5", null, false));
    InputSpec input = new InputSpec("x", ElementType.FLOAT, Optional.empty());
    assertFails(
        () -> DataSpec.parse("npy:" + file).open(List.of(input), options),
        "leave out --resize, --crop and --upright");
    assertFails(() -> DataSpec.parse("random").open(List.of(input), options), "--resize, --crop");
  }

  private void assertImageFails(String name, byte[] bytes, String message) throws IOException {
    Path other = folder.resolve(name.replace('.', '-'));
    Files.createDirectories(other.resolve("a"));
    Files.copy(
        Fixtures.file("noise.png"),
        other.resolve("a/0.png"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    Files.write(other.resolve("a").resolve("1-" + name), bytes);
    try (DataSource source =
        DataSpec.parse("images:" + other).open(List.of(ANY_SIZE), DataOptions.NONE)) {
      assertFails(() -> source.next(2), message);
      assertFails(() -> source.next(2), "1-" + name + " (record 1)");
    }
  }

  private void assertLabelsFail(String labels, String message) throws IOException {
    Files.writeString(folder.resolve("labels.tsv"), labels);
    assertOpenFails(message);
  }

  private void assertOpenFails(String message) {
    assertFails(() -> open(ANY_SIZE, DataOptions.NONE), message);
  }

  private static void assertFails(Runnable action, String message) {
    assertThatThrownBy(action::run)
        .isInstanceOf(DataException.class)
        .hasMessageContaining(message)
        .message()
        .doesNotContain("\n");
  }

  private DataSource open(InputSpec input, DataOptions options) {
    return DataSpec.parse("images:" + folder).open(List.of(input), options);
  }

  private ImageFolder.Entry entry(String file, int label) {
    return new ImageFolder.Entry(folder.resolve(file), label);
  }

  private void copy(String fixture, String... names) throws IOException {
    for (String name : names) {
      write(name, fixture(fixture));
    }
  }

  private void write(String name, byte[] bytes) throws IOException {
    Files.createDirectories(folder.resolve(name).getParent());
    Files.write(folder.resolve(name), bytes);
  }

  private static byte[] fixture(String name) throws IOException {
    return Files.readAllBytes(Fixtures.file(name));
  }

  private byte[] png(int width, int height) throws IOException {
    Path file = folder.resolve("made.png");
    ImageIO.write(
        new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
    byte[] bytes = Files.readAllBytes(file);
    Files.delete(file);
    return bytes;
  }

  private static InputSpec input(long... dims) {
    return new InputSpec("x", ElementType.FLOAT, Optional.of(Arrays.stream(dims).boxed().toList()));
  }
}
