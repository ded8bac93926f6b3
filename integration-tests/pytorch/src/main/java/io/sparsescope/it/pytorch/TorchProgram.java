package io.sparsescope.it.pytorch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.sparsescope.onnx.proto.ModelProto;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A program that makes training steps of a net by PyTorch when told to. Arguments: a folder with
 * the net {@code net.onnx}, a batch of images {@code x} (float32), their {@code labels} (int64) and
 * what each Dropout multiplies by, {@code NODE/mask} with {@code /} replaced by {@code .}
 * (float32); the size of the batch; learning rate, momentum and weight decay. The number of threads
 * is the system property {@code ai.djl.pytorch.num_threads}.
 *
 * <p>Says {@code ready}; then for each line of standard input, a number of steps, does them and
 * prints in one line the seconds and the loss of each (with the decay's term, worked out in
 * between), and the most memory that the process had up to then, in kB.
 */
public final class TorchProgram {
  private TorchProgram() {}

  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    int batch = Integer.parseInt(args[1]);
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      ModelProto net = ModelProto.parseFrom(Files.readAllBytes(folder.resolve("net.onnx")));
      TorchParameters parameters =
          new TorchParameters(
              manager,
              net.getGraph(),
              Float.parseFloat(args[2]),
              Float.parseFloat(args[3]),
              Float.parseFloat(args[4]));
      TorchStep step =
          new TorchStep(
              net.getGraph(),
              parameters,
              manager.create(bytes(folder, "x"), images(net, batch), DataType.FLOAT32),
              manager.create(bytes(folder, "labels"), new Shape(batch, 1), DataType.INT64),
              name -> mask(manager, bytes(folder, name), batch));
      System.out.println("ready");
      for (String line = orders.readLine(); line != null; line = orders.readLine()) {
        StringBuilder answer = new StringBuilder();
        for (int i = Integer.parseInt(line); i > 0; i--) {
          double decay = parameters.decay();
          long start = System.nanoTime();
          float loss = step.run(manager);
          answer
              .append((System.nanoTime() - start) / 1e9)
              .append(' ')
              .append(loss + decay)
              .append(' ');
        }
        System.out.println(answer.append(peak()));
      }
    }
  }

  private static NDArray mask(NDManager manager, ByteBuffer bytes, int batch) {
    Shape shape = new Shape(batch, bytes.remaining() / Float.BYTES / batch);
    return manager.create(bytes, shape, DataType.FLOAT32);
  }

  private static Shape images(ModelProto net, int batch) {
    List<Long> dims =
        net.getGraph().getInput(0).getType().getTensorType().getShape().getDimList().stream()
            .map(d -> d.getDimValue())
            .toList();
    return new Shape(batch, dims.get(1), dims.get(2), dims.get(3));
  }

  private static ByteBuffer bytes(Path folder, String tensor) {
    try {
      byte[] bytes = Files.readAllBytes(folder.resolve(tensor.replace('/', '.')));
      return ByteBuffer.allocateDirect(bytes.length)
          .order(ByteOrder.nativeOrder())
          .put(bytes)
          .rewind();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Linux's VmHWM, in kB. */
  private static String peak() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .map(line -> line.replaceAll("[^0-9]", ""))
        .findFirst()
        .orElseThrow();
  }
}
