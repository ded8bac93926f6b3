package io.sparsescope.agent.attach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Properties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttachRequestTest {
  @TempDir Path outer;
  private Path folder;

  @BeforeEach
  void makePrivateFolder() throws IOException {
    assumeThat(FileSystems.getDefault().supportedFileAttributeViews()).contains("posix");
    folder = Files.createTempDirectory(outer, "request");
  }

  @Test
  void readsWhatIsAskedFor() throws IOException {
    AttachRequest request =
        AttachRequest.read(write("command=start\noptions=tap\\=op:Relu,models\\={a,b}\n"));

    assertThat(request.get(AttachRequest.COMMAND)).isEqualTo("start");
    assertThat(request.get(AttachRequest.OPTIONS)).isEqualTo("tap=op:Relu,models={a,b}");
    assertThat(request.get(AttachRequest.FILE)).isEmpty();
  }

  @Test
  void answersBesideTheRequest() throws IOException {
    AttachRequest request = AttachRequest.read(write("command=stop\n"));
    request.answer(r -> new AttachReply(true, "did " + r.get("command"), "line 1\nline 2 = ü"));

    Properties reply = new Properties();
    try (Reader reader = Files.newBufferedReader(folder.resolve(AttachRequest.REPLY))) {
      reply.load(reader);
    }
    assertThat(reply)
        .containsEntry("done", "true")
        .containsEntry("text", "did stop")
        .containsEntry("result", "line 1\nline 2 = ü");
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("request", "reply");
  }

  @Test
  void refusesAFolderThatOthersCanReach() throws IOException {
    Path request = write("command=stop\n");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x---"));

    assertThatThrownBy(() -> AttachRequest.read(request))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("can be reached by others");
  }

  @Test
  void refusesLinksAndWhatIsNoFile() throws IOException {
    Path request = write("command=stop\n");
    Path link = Files.createSymbolicLink(folder.resolve("link"), request);
    Path linkedFolder = Files.createSymbolicLink(outer.resolve("linked"), folder);

    assertThatThrownBy(() -> AttachRequest.read(link)).hasMessageContaining("is no request");
    assertThatThrownBy(() -> AttachRequest.read(linkedFolder.resolve("request")))
        .hasMessageContaining("is no folder");
    assertThatThrownBy(() -> AttachRequest.read(folder)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> AttachRequest.read(folder.resolve("none")))
        .hasMessageContaining("is no request");
    assertThatThrownBy(() -> AttachRequest.read(Path.of("request")))
        .hasMessageContaining("is no absolute path");
  }

  @Test
  void refusesWhatIsTooLongOrNotWellFormed() throws IOException {
    assertThatThrownBy(() -> AttachRequest.read(write("command=" + "x".repeat(1 << 20))))
        .hasMessageContaining("is no request");
    assertThatThrownBy(() -> AttachRequest.read(write("command=\\u00zz\n")))
        .isInstanceOf(IOException.class);
  }

  @Test
  void doesNotWriteThroughALinkThatLiesInItsWay() throws IOException {
    AttachRequest request = AttachRequest.read(write("command=stop\n"));
    Path victim = Files.writeString(outer.resolve("victim"), "untouched");
    Files.createSymbolicLink(folder.resolve(AttachRequest.REPLY), victim);
    request.answer(r -> AttachReply.done("done"));

    assertThat(victim).hasContent("untouched");
    assertThat(Files.isSymbolicLink(folder.resolve(AttachRequest.REPLY))).isFalse();
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("request"), text);
  }
}
