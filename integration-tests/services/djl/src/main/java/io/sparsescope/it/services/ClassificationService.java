package io.sparsescope.it.services;

import ai.djl.Model;
import ai.djl.ModelException;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * Classifies 32x32 colour images. Arguments: the model, a file of images (float32, little-endian,
 * [N, 3, 32, 32], normalized), and the batch size. Prints one line for each image: its class, and
 * the scores as hexadecimal bits.
 */
public final class ClassificationService {
  private static final int IMAGE = 3 * 32 * 32;

  private ClassificationService() {}

  public static void main(String[] args) throws IOException, ModelException, TranslateException {
    FloatBuffer images =
        ByteBuffer.wrap(Files.readAllBytes(Path.of(args[1])))
            .order(ByteOrder.LITTLE_ENDIAN)
            .asFloatBuffer();
    int batch = Integer.parseInt(args[2]);
    Criteria<NDList, NDList> criteria =
        Criteria.builder()
            .setTypes(NDList.class, NDList.class)
            .optModelPath(Path.of(args[0]))
            .optTranslator(new NoopTranslator())
            .optEngine("OnnxRuntime")
            .build();
    StringBuilder out = new StringBuilder();
    try (ZooModel<NDList, NDList> model = criteria.loadModel();
        Predictor<NDList, NDList> predictor = model.newPredictor()) {
      while (images.hasRemaining()) {
        int count = Math.min(batch, images.remaining() / IMAGE);
        classify(model, predictor, images, count, out);
      }
    }
    System.out.print(out);
  }

  private static void classify(
      Model model,
      Predictor<NDList, NDList> predictor,
      FloatBuffer images,
      int count,
      StringBuilder out)
      throws TranslateException {
    float[] pixels = new float[count * IMAGE];
    images.get(pixels);
    try (NDManager manager = model.getNDManager().newSubManager()) {
      NDList input = new NDList(manager.create(pixels, new Shape(count, 3, 32, 32)));
      try (NDList output = predictor.predict(input)) {
        float[] scores = output.singletonOrThrow().toFloatArray();
        for (int i = 0; i < count; i++) {
          print(scores, i * 10, out);
        }
      }
    }
  }

  private static void print(float[] scores, int from, StringBuilder out) {
    int best = from;
    for (int i = from; i < from + 10; i++) {
      best = scores[i] > scores[best] ? i : best;
    }
    out.append(best - from).append(' ');
    for (int i = from; i < from + 10; i++) {
      out.append(HexFormat.of().toHexDigits(Float.floatToRawIntBits(scores[i])));
    }
    out.append('\n');
  }
}
