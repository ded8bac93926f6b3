package io.sparsescope.it.bench;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A program that starts, opens a few sessions of a model if it is given one, and knows nothing of
 * counting. Prints seconds: to get ONNX Runtime's environment, to create the first session, to
 * create a later one (median), and of processor time in all.
 */
final class StartupProgram {
  private static final int LATER = 5;

  private StartupProgram() {}

  public static void main(String[] args) throws Exception {
    double[] seconds = args.length == 0 ? new double[3] : sessions(args[0]);
    System.out.println(seconds[0] + " " + seconds[1] + " " + seconds[2] + " " + processorSeconds());
  }

  private static double[] sessions(String model) throws OrtException {
    long start = System.nanoTime();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    double environmentSeconds = (System.nanoTime() - start) / 1e9;
    double first = session(environment, model);
    double[] later = new double[LATER];
    for (int i = 0; i < LATER; i++) {
      later[i] = session(environment, model);
    }
    Arrays.sort(later);
    return new double[] {environmentSeconds, first, later[LATER / 2]};
  }

  private static double session(OrtEnvironment environment, String model) throws OrtException {
    long start = System.nanoTime();
    OrtSession session = environment.createSession(model);
    double seconds = (System.nanoTime() - start) / 1e9;
    session.close();
    return seconds;
  }

  /** Of this JVM up to now; 0 where the system does not tell. Takes no class worth measuring. */
  private static double processorSeconds() throws Exception {
    Path schedule = Path.of("/proc/self/stat");
    if (!Files.isReadable(schedule)) {
      return 0;
    }
    String[] fields = Files.readString(schedule).replaceFirst(".*\\) ", "").split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
  }
}
