package io.sparsescope.demo;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;
import dev.langchain4j.store.embedding.CosineSimilarity;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Embeds sentences and tells upright from upside-down text.
 *
 * <p>Usage: {@code Service DIR}: writes the direction model and the pictures it looked at into the
 * folder ({@code direction.onnx}, {@code pictures.npy}, {@code upside-down.npy}) so that others can
 * look at the same.
 */
public final class Service {
  private static final int PICTURES = 100;
  private static final int LETTERS = 6;
  private static final String DIRECTION_MODEL = "/models/ch_ppocr_mobile_v2.0_cls_infer.onnx";

  private Service() {}

  public static void main(String[] args) throws IOException, OrtException {
    Path folder = Path.of(args[0]);
    embedSentences();
    tellDirections(folder);
  }

  private static void embedSentences() throws IOException {
    EmbeddingModel model = new AllMiniLmL6V2QuantizedEmbeddingModel();
    List<TextSegment> sentences = sentences().stream().map(TextSegment::from).toList();
    var vectors = model.embedAll(sentences).content();
    int nearest = 1;
    for (int i = 2; i < vectors.size(); i++) {
      if (CosineSimilarity.between(vectors.get(0), vectors.get(i))
          > CosineSimilarity.between(vectors.get(0), vectors.get(nearest))) {
        nearest = i;
      }
    }
    System.out.printf(
        "embedded %d sentences; nearest to \"%s\" is \"%s\"%n",
        sentences.size(), sentences.get(0).text(), sentences.get(nearest).text());
  }

  private static List<String> sentences() throws IOException {
    try (InputStream in = Service.class.getResourceAsStream("sentences.txt");
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return reader.lines().filter(line -> !line.isBlank()).toList();
    }
  }

  private static String word(Random random) {
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < LETTERS; i++) {
      word.append(Letters.ALPHABET.charAt(random.nextInt(Letters.ALPHABET.length())));
    }
    return word.toString();
  }

  private static void tellDirections(Path folder) throws IOException, OrtException {
    Path modelFile = folder.resolve("direction.onnx");
    try (InputStream in = Service.class.getResourceAsStream(DIRECTION_MODEL)) {
      Files.copy(in, modelFile);
    }
    float[][] pictures = new float[PICTURES][];
    long[] upsideDown = new long[PICTURES];
    Random random = new Random(1);
    for (int i = 0; i < PICTURES; i++) {
      upsideDown[i] = i % 2;
      pictures[i] = Letters.draw(word(random), upsideDown[i] == 1);
    }
    Npy.writeFloats(
        folder.resolve("pictures.npy"), pictures, new long[] {3, Letters.HEIGHT, Letters.WIDTH});
    Npy.writeLongs(folder.resolve("upside-down.npy"), upsideDown);

    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    int right = 0;
    try (OrtSession session =
        environment.createSession(modelFile.toString(), new OrtSession.SessionOptions())) {
      String input = session.getInputNames().iterator().next();
      for (int i = 0; i < PICTURES; i++) {
        try (OnnxTensor picture =
                OnnxTensor.createTensor(
                    environment,
                    FloatBuffer.wrap(pictures[i]),
                    new long[] {1, 3, Letters.HEIGHT, Letters.WIDTH});
            OrtSession.Result result = session.run(Map.of(input, picture))) {
          float[] probability = ((float[][]) result.get(0).getValue())[0];
          if (probability[1] > probability[0] == (upsideDown[i] == 1)) {
            right++;
          }
        }
      }
    }
    System.out.printf("told the direction of %d pictures, %d rightly%n", PICTURES, right);
  }
}
