package io.sparsescope.it.services;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Embeds the lines of a file and prints one line of output for each: the embedding's 384 floats as
 * hexadecimal bits. With a second argument it also writes there, as {@code NUMBER.ids}, the token
 * numbers of each line, separated by spaces.
 */
public final class EmbeddingService {
  private EmbeddingService() {}

  public static void main(String[] args) throws IOException {
    List<String> sentences = Files.readAllLines(Path.of(args[0]), StandardCharsets.UTF_8);
    EmbeddingModel model = new AllMiniLmL6V2QuantizedEmbeddingModel();
    StringBuilder out = new StringBuilder();
    for (String sentence : sentences) {
      for (float value : model.embed(sentence).content().vector()) {
        out.append(HexFormat.of().toHexDigits(Float.floatToRawIntBits(value)));
      }
      out.append('\n');
    }
    System.out.print(out);
    if (args.length > 1) {
      writeTokens(sentences, Path.of(args[1]));
    }
  }

  private static void writeTokens(List<String> sentences, Path folder) throws IOException {
    try (InputStream json =
            EmbeddingService.class.getResourceAsStream("/all-minilm-l6-v2-q-tokenizer.json");
        HuggingFaceTokenizer tokenizer =
            HuggingFaceTokenizer.newInstance(json, Map.of("padding", "false"))) {
      for (int i = 0; i < sentences.size(); i++) {
        Encoding encoding = tokenizer.encode(sentences.get(i), true, false);
        StringBuilder ids = new StringBuilder();
        for (long id : encoding.getIds()) {
          ids.append(id).append(' ');
        }
        Files.writeString(folder.resolve(i + ".ids"), ids.toString().strip());
      }
    }
  }
}
