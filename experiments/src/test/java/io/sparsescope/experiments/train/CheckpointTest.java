package io.sparsescope.experiments.train;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparsescope.experiments.ExperimentException;
import io.sparsescope.rewriter.gradient.Loss;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an interrupted training leaves behind, and what goes on from it. */
class CheckpointTest {
  private static final long STEPS = 23;

  @TempDir private Path folder;

  static TrainOptions options(String schedule, long steps) {
    TrainOptions plain = Perceptron.options("momentum:0.9", schedule, 16, steps);
    return new TrainOptions(
        plain.optimizer(),
        plain.schedule(),
        16,
        1,
        OptionalLong.of(steps),
        OptionalLong.of(5),
        2,
        plain.seed(),
        1,
        Augmentation.NONE);
  }

  static TrainingSetup setup(Path folder, Optional<Path> file, TrainOptions options) {
    TrainingSetup plain = new Perceptron(5, 60).setup(folder, options, 0, 0.01);
    return new TrainingSetup(
        plain.net(),
        plain.model(),
        plain.gradients(),
        plain.data(),
        plain.test(),
        options,
        file,
        true);
  }

  private Path checkpoint() {
    return folder.resolve("lenet.checkpoint");
  }

  private TrainingSetup setup(TrainOptions options) {
    return setup(folder, Optional.of(checkpoint()), options);
  }

  /** The bytes of the trained model, and of the series. */
  private byte[][] finish(TrainingSetup setup, List<String> notices) throws IOException {
    Path out = folder.resolve("out.onnx");
    TrainListener listener =
        new TrainListener() {
          @Override
          public void notice(String text) {
            notices.add(text);
          }
        };
    try (Trainer trainer = new Trainer(setup, listener)) {
      TrainResult result = trainer.run();
      assertThat(result.steps()).isEqualTo(STEPS);
      trainer.write(out);
      return new byte[][] {Files.readAllBytes(out), result.series().toJson().getBytes(UTF_8)};
    }
  }

  private byte[][] uninterrupted(String schedule) throws IOException {
    return finish(setup(folder, Optional.empty(), options(schedule, STEPS)), new ArrayList<>());
  }

  /** Trains until a step, behind which the process is gone as if it had been killed. */
  private void interruptBehind(long step, TrainingSetup setup) {
    TrainListener killer =
        new TrainListener() {
          @Override
          public void step(long done, long steps, float loss) {
            if (done == step) {
              throw new IllegalStateException("killed");
            }
          }
        };
    try (Trainer trainer = new Trainer(setup, killer)) {
      assertThatThrownBy(trainer::run).hasMessage("killed");
    }
  }

  @Test
  void goesOnAsIfItHadNotBeenInterrupted() throws IOException {
    byte[][] expected = uninterrupted("cosine:0.1");
    TrainingSetup setup = setup(options("cosine:0.1", STEPS));
    interruptBehind(8, setup);
    interruptBehind(17, setup);
    List<String> notices = new ArrayList<>();
    assertThat(finish(setup, notices)).isDeepEqualTo(expected);
    assertThat(notices).containsExactly("going on behind step 15");
  }

  @Test
  void goesOnWithMoreStepsThanWereAskedForFirst() throws IOException {
    byte[][] expected = uninterrupted("step:0.1:0.5:2");
    try (Trainer trainer = new Trainer(setup(options("step:0.1:0.5:2", 10)), TrainListener.NONE)) {
      trainer.run();
    }
    assertThat(finish(setup(options("step:0.1:0.5:2", STEPS)), new ArrayList<>()))
        .isDeepEqualTo(expected);
  }

  @Test
  void tellsTheAccuracyOfATrainingThatWasDoneAlready() {
    TrainingSetup setup = setup(options("0.1", STEPS));
    TestScore score;
    try (Trainer trainer = new Trainer(setup, TrainListener.NONE)) {
      score = trainer.run().test().orElseThrow();
    }
    try (Trainer trainer = new Trainer(setup, TrainListener.NONE)) {
      assertThat(trainer.run().test()).contains(score);
    }
  }

  @Test
  void fallsBackToTheOneBeforeWhereBytesAreDamaged() throws IOException {
    byte[][] expected = uninterrupted("0.1");
    TrainingSetup setup = setup(options("0.1", STEPS));
    interruptBehind(11, setup);
    long size = Files.size(checkpoint());
    byte[] whole = Files.readAllBytes(checkpoint());
    byte[] before = Files.readAllBytes(folder.resolve("lenet.checkpoint.previous"));
    for (long place : List.of(0L, 26L, 60L, size / 2, size - 3)) {
      byte[] damaged = whole.clone();
      damaged[(int) place] ^= 4;
      Files.write(checkpoint(), damaged);
      Files.write(folder.resolve("lenet.checkpoint.previous"), before);
      List<String> notices = new ArrayList<>();
      assertThat(finish(setup, notices)).isDeepEqualTo(expected);
      assertThat(notices.get(0))
          .startsWith("lenet.checkpoint is damaged (")
          .endsWith("going on from the checkpoint before it, " + checkpoint() + ".previous");
      assertThat(notices.get(1)).isEqualTo("going on behind step 5");
    }
  }

  @Test
  void fallsBackWhereTheFileIsCutOffOrMissing() throws IOException {
    TrainingSetup setup = setup(options("0.1", STEPS));
    interruptBehind(11, setup);
    byte[] whole = Files.readAllBytes(checkpoint());
    byte[] before = Files.readAllBytes(folder.resolve("lenet.checkpoint.previous"));
    for (int length = 0; length < whole.length; length += 431) {
      Files.write(checkpoint(), Arrays.copyOf(whole, length));
      Files.write(folder.resolve("lenet.checkpoint.previous"), before);
      interruptBehind(7, setup);
    }
    Files.delete(checkpoint());
    List<String> notices = new ArrayList<>();
    assertThat(finish(setup, notices)).isDeepEqualTo(uninterrupted("0.1"));
    assertThat(notices.get(0)).startsWith("lenet.checkpoint is missing; going on from");
  }

  @Test
  void saysWhereNothingIsWhole() throws IOException {
    TrainingSetup setup = setup(options("0.1", STEPS));
    interruptBehind(7, setup);
    Files.writeString(checkpoint(), "x");
    assertThatThrownBy(() -> new Trainer(setup, TrainListener.NONE))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("lenet.checkpoint is damaged (cut off)")
        .hasMessageContaining("lenet.checkpoint.previous is missing")
        .hasMessageContaining("start anew without --resume");
  }

  @Test
  void refusesACheckpointOfOtherOptions() {
    interruptBehind(7, setup(options("0.1", STEPS)));
    assertThatThrownBy(() -> new Trainer(setup(options("0.2", STEPS)), TrainListener.NONE))
        .isInstanceOf(ExperimentException.class)
        .hasMessageContaining("is of a training with another --lr (0.1, now 0.2)");
  }

  @Test
  void doesNotOverwriteACheckpointWithoutBeingAsked() {
    TrainingSetup setup = setup(options("0.1", STEPS));
    interruptBehind(7, setup);
    TrainingSetup anew =
        new TrainingSetup(
            setup.net(),
            setup.model(),
            setup.gradients(),
            setup.data(),
            setup.test(),
            setup.options(),
            setup.checkpoint(),
            false);
    assertThatThrownBy(() -> new Trainer(anew, TrainListener.NONE))
        .hasMessageContaining("holds a training already; add --resume");
  }

  @Test
  void goesOnFromTheLastOneWhenTheDiskWasFull() throws IOException {
    byte[][] expected = uninterrupted("0.1");
    TrainingSetup setup = setup(options("0.1", STEPS));
    int[] opened = {0};
    CheckpointFile full =
        new CheckpointFile(
            checkpoint(),
            path -> new Limited(CheckpointFile.DiskFile.open(path), opened[0]++ < 2 ? 9999 : 999));
    try (Trainer trainer = new Trainer(setup, TrainListener.NONE, Optional.of(full))) {
      assertThatThrownBy(trainer::run)
          .isInstanceOf(ExperimentException.class)
          .hasMessage(
              checkpoint()
                  + ": the checkpoint cannot be written (No space left on device); make room"
                  + " there, then go on from the last one with --resume");
    }
    try (var files = Files.list(folder)) {
      assertThat(files.filter(file -> file.toString().endsWith(".next"))).isEmpty();
    }
    List<String> notices = new ArrayList<>();
    assertThat(finish(setup, notices)).isDeepEqualTo(expected);
    assertThat(notices).containsExactly("going on behind step 10");
  }

  /** A disk with little room. */
  private static class Limited implements CheckpointFile.Target {
    private final CheckpointFile.Target disk;
    private int room;

    Limited(CheckpointFile.Target disk, int room) {
      this.disk = disk;
      this.room = room;
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      if (room == 0) {
        throw new IOException("No space left on device");
      }
      int taken = Math.min(room, bytes.remaining());
      ByteBuffer part = bytes.slice(bytes.position(), taken);
      while (part.hasRemaining()) {
        disk.write(part);
      }
      bytes.position(bytes.position() + taken);
      room -= taken;
      return taken;
    }

    @Override
    public void force() throws IOException {
      disk.force();
    }

    @Override
    public boolean isOpen() {
      return disk.isOpen();
    }

    @Override
    public void close() throws IOException {
      disk.close();
    }
  }

  /** A process that trains and, within its second checkpoint, waits to be killed. */
  static final class Killed {
    private Killed() {}

    public static void main(String[] args) {
      Path folder = Path.of(args[0]);
      Path file = Path.of(args[1]);
      int[] opened = {0};
      CheckpointFile slow =
          new CheckpointFile(
              file,
              path -> {
                FileChannel channel =
                    FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                return opened[0]++ == 0
                    ? new CheckpointFile.DiskFile(channel)
                    : new Limited(new CheckpointFile.DiskFile(channel), 700) {
                      @Override
                      public int write(ByteBuffer bytes) throws IOException {
                        try {
                          return super.write(bytes);
                        } catch (IOException e) {
                          channel.force(true);
                          System.out.println("half");
                          System.out.flush();
                          waitForEver();
                          throw e;
                        }
                      }
                    };
              });
      TrainingSetup setup = setup(folder, Optional.of(file), options("0.1", STEPS));
      try (Trainer trainer = new Trainer(setup, TrainListener.NONE, Optional.of(slow))) {
        trainer.run();
      }
    }

    private static void waitForEver() {
      try {
        TimeUnit.DAYS.sleep(1);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void goesOnFromTheLastOneWhenTheProcessIsKilledWithinACheckpoint() throws Exception {
    byte[][] expected = uninterrupted("0.1");
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            Killed.class.getName(),
            folder.toString(),
            checkpoint().toString());
    // ONNX Runtime ends processes of very long command lines.
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    Process child = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (var reader = child.inputReader()) {
      assertThat(reader.readLine()).isEqualTo("half");
      child.destroyForcibly();
      assertThat(child.waitFor(1, TimeUnit.MINUTES)).isTrue();
    }
    assertThat(folder.resolve("lenet.checkpoint.next")).hasSize(700);
    List<String> notices = new ArrayList<>();
    assertThat(finish(setup(options("0.1", STEPS)), notices)).isDeepEqualTo(expected);
    assertThat(notices).containsExactly("going on behind step 5");
  }

  @Test
  void keepsNoCheckpointOfNumbersThatAreNotFinite() throws IOException {
    TrainingSetup plain = setup(options("1e37", STEPS));
    TrainingSetup setup =
        new TrainingSetup(
            plain.net(),
            plain.model(),
            Perceptron.gradients(plain.model(), Loss.SOFTMAX_CROSS_ENTROPY, 0, 1000),
            plain.data(),
            plain.test(),
            new TrainOptions(
                plain.options().optimizer(),
                plain.options().schedule(),
                16,
                1,
                OptionalLong.of(STEPS),
                OptionalLong.of(1),
                1,
                7,
                1,
                Augmentation.NONE),
            plain.checkpoint(),
            true);
    try (Trainer trainer = new Trainer(setup, TrainListener.NONE)) {
      assertThatThrownBy(trainer::run)
          .hasMessageContaining("behind step 1 the first value that is not finite comes from node");
    }
    assertThat(checkpoint()).doesNotExist();
  }
}
