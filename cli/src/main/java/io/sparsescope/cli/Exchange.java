package io.sparsescope.cli;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.Properties;

/** A request for the agent and its answer, in a folder that only the JVM's user can reach. */
final class Exchange implements AutoCloseable {
  private final Path folder;
  private final long pid;

  private Exchange(Path folder, long pid) {
    this.folder = folder;
    this.pid = pid;
  }

  static Exchange with(AgentRequest request, RunningProcess process) throws IOException {
    // Its owner's only (700), wherever there are such permissions.
    Exchange exchange =
        new Exchange(
            Files.createTempDirectory("sparsescope-attach-").toAbsolutePath(), process.pid());
    try {
      try (Writer writer = Files.newBufferedWriter(exchange.request())) {
        request.toProperties().store(writer, null);
      }
      if (process.isOfOtherUser()) {
        exchange.giveTo(process.user());
      }
      return exchange;
    } catch (IOException | RuntimeException e) {
      exchange.close();
      throw e;
    }
  }

  private void giveTo(String user) throws IOException {
    UserPrincipal owner =
        FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(user);
    Files.setOwner(request(), owner);
    Files.setOwner(folder, owner);
  }

  Path request() {
    return folder.resolve("request");
  }

  /**
   * @throws CommandException if there is none, or it says that the command failed
   */
  AgentReply reply() throws IOException {
    Path file = folder.resolve("reply");
    if (!Files.isRegularFile(file)) {
      throw new CommandException(
          "the agent did not answer; see what process "
              + pid
              + " says on stderr (an agent of an older version takes no commands)");
    }
    Properties values = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      values.load(reader);
    }
    String text = values.getProperty("text", "");
    if (!Boolean.parseBoolean(values.getProperty("done"))) {
      throw new CommandException(text);
    }
    return new AgentReply(text, values.getProperty("result", ""));
  }

  @Override
  public void close() {
    for (String name : new String[] {"request", "reply", "reply.tmp", ""}) {
      try {
        Files.deleteIfExists(folder.resolve(name));
      } catch (IOException e) {
        folder.toFile().deleteOnExit();
      }
    }
  }
}
