package io.sparsescope.agent.nativecount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("native-library")
@Timeout(60)
class LeasedFileTest {
  private static final int PAGE = 4096;

  @TempDir Path folder;

  @BeforeEach
  void needsTheLibraryAndAFileSystemWithLeases() throws IOException {
    NativeCounting.load();
    boolean possible = LeasedFile.isPossible();
    if (possible) {
      try (LeasedFile file = LeasedFile.open(Files.write(folder.resolve("try"), new byte[1]))) {
        assertThat(file.path()).exists();
      } catch (IOException e) {
        possible = false;
      }
    }
    if (!possible) {
      System.out.println("NOTICE: files cannot be leased here: mappings are not tested");
    }
    assumeTrue(possible);
  }

  @ParameterizedTest
  @ValueSource(ints = {PAGE, PAGE + 1, 3 * PAGE - 1, 1_000_000})
  void isMappedWithBytesBehindIt(int size) throws IOException {
    byte[] bytes = bytes(size);
    byte[] behind = bytes(3 * PAGE);
    Path path = Files.write(folder.resolve("file"), bytes);

    try (LeasedFile file = LeasedFile.open(path)) {
      ByteBuffer all = file.map(size, behind);

      assertThat(all.capacity()).isEqualTo(size + behind.length);
      assertThat(all.slice(0, size)).isEqualTo(ByteBuffer.wrap(bytes));
      assertThat(all.slice(size, behind.length)).isEqualTo(ByteBuffer.wrap(behind));
      assertThat(file.path()).hasBinaryContent(bytes);
    }
    assertThat(path).hasBinaryContent(bytes);
  }

  @Test
  void keepsWhoeverWouldCutItWaiting() throws Exception {
    byte[] bytes = bytes(4 * PAGE);
    Path path = Files.write(folder.resolve("file"), bytes);
    AtomicBoolean closing = new AtomicBoolean();
    AtomicReference<Boolean> cutWhileOpen = new AtomicReference<>();
    Thread cutter =
        new Thread(
            () -> {
              try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                cutWhileOpen.set(!closing.get());
                channel.truncate(1);
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    try (LeasedFile file = LeasedFile.open(path)) {
      ByteBuffer all = file.map(bytes.length, new byte[1]);
      cutter.start();
      cutter.join(300);
      assertThat(all.slice(0, bytes.length)).isEqualTo(ByteBuffer.wrap(bytes));
      closing.set(true);
    }
    cutter.join();

    assertThat(cutWhileOpen.get()).isFalse();
    assertThat(path).hasSize(1);
  }

  @Test
  void isNoneWhileSomebodyMayWriteIt() throws IOException {
    Path path = Files.write(folder.resolve("file"), bytes(PAGE));
    try (FileChannel writer = FileChannel.open(path, StandardOpenOption.WRITE)) {
      assertThatThrownBy(() -> LeasedFile.open(path))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot be kept from changing");
      assertThat(writer.isOpen()).isTrue();
    }
    try (LeasedFile file = LeasedFile.open(path)) {
      assertThat(file.map(PAGE, new byte[0]).capacity()).isEqualTo(PAGE);
    }
  }

  @Test
  void isNotMappedAtAnotherSize() throws IOException {
    Path path = Files.write(folder.resolve("file"), bytes(2 * PAGE));
    try (LeasedFile file = LeasedFile.open(path)) {
      assertThatThrownBy(() -> file.map(3 * PAGE, new byte[1])).isInstanceOf(IOException.class);
    }
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
