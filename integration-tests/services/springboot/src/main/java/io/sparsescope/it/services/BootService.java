package io.sparsescope.it.services;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.io.ClassPathResource;

/**
 * Runs the model that lies in the service's jar (x [n, 8] through MatMul and Relu to y [n, 16]) on
 * random inputs. Prints each output, then how many runs there were, how many elements and how many
 * zeros.
 */
@SpringBootApplication
public class BootService {
  private static final int RUNS = 50;

  public static void main(String[] args) {
    SpringApplication.run(BootService.class, args).close();
  }

  /** A session of the model in the jar. */
  @Bean
  OrtSession session() throws IOException, OrtException {
    try (InputStream model = new ClassPathResource("relu.onnx").getInputStream()) {
      return OrtEnvironment.getEnvironment().createSession(model.readAllBytes());
    }
  }

  @Bean
  CommandLineRunner runner(OrtSession session) {
    return args -> {
      Random random = new Random(7);
      long elements = 0;
      long zeros = 0;
      for (int run = 0; run < RUNS; run++) {
        float[] output = run(session, random, 1 + run % 4);
        System.out.println(Arrays.toString(output));
        for (float value : output) {
          elements++;
          zeros += value == 0 ? 1 : 0;
        }
      }
      System.out.println("TOTAL " + RUNS + " " + elements + " " + zeros);
    };
  }

  private static float[] run(OrtSession session, Random random, int rows) throws OrtException {
    float[] values = new float[rows * 8];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    try (OnnxTensor input =
            OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(), FloatBuffer.wrap(values), new long[] {rows, 8});
        OrtSession.Result result = session.run(Map.of("x", input))) {
      return ((OnnxTensor) result.get(0)).getFloatBuffer().array();
    }
  }
}
